import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { cropText, distortText } from "../../mod.ts";

const key = { seed: 1, epoch: 0, row: 0 };
const words = Array.from({ length: 4000 }, (_, i) => `w${i}x`);
const text = words.join(" ");

Deno.test("a quarter of the words get one mistake: a character too few, too many or out of its place", () => {
  const distorted = distortText(text, key).split(" ");
  assertEquals(distorted.length, words.length);
  const kinds = { shorter: 0, longer: 0, exchanged: 0 };
  distorted.forEach((found, i) => {
    const before = [...words[i]], after = [...found];
    if (after.length < before.length) {
      assert(before.some((_, at) => before.toSpliced(at, 1).join("") === found), found);
      kinds.shorter++;
    } else if (after.length > before.length) {
      assert(after.some((_, at) => after.toSpliced(at, 1).join("") === words[i]), found);
      assert(after.every((character) => before.includes(character)), found);
      kinds.longer++;
    } else if (found !== words[i]) {
      const at = before.findIndex((character, place) => character !== after[place]);
      assertEquals(before.toSpliced(at, 2, before[at + 1], before[at]).join(""), found);
      kinds.exchanged++;
    }
  });
  // A third of a quarter each; two equal neighbours exchanged do not show.
  for (const [kind, count] of Object.entries(kinds)) assertLess(Math.abs(count - 4000 / 12), 75, `${kind}: ${count}`);
});

Deno.test("mistakes depend on seed, epoch, row and probability alone", () => {
  assertEquals(distortText(text, key), distortText(text, key));
  for (const other of [{ seed: 2 }, { epoch: 1 }, { row: 1 }]) {
    assertNotEquals(distortText(text, { ...key, ...other }), distortText(text, key));
  }
  assertEquals(distortText(text, { ...key, probability: 0 }), text);
  const all = distortText("abc def  ghi\tjkl", { ...key, probability: 1 });
  assertEquals(all.split(/\S+/), "abc def  ghi\tjkl".split(/\S+/));
  assert(all.split(/\s+/).every((word, i) => word !== ["abc", "def", "ghi", "jkl"][i]));
});

Deno.test("white space, words of one character and characters beyond the first plane stay whole", () => {
  const always = { ...key, probability: 1 };
  for (const same of ["", "  \n", "a b 語 😀"]) assertEquals(distortText(same, always), same);
  for (let row = 0; row < 50; row++) {
    const emoji = distortText("😀🎉🚀", { ...always, row });
    assert([...emoji].every((character) => "😀🎉🚀".includes(character) && character.length === 2), emoji);
  }
  assertEquals(distortText("x\ud83d", { ...always, row: 3 }).isWellFormed(), false);
});

Deno.test("a part of a text is a run of its words, of every length and place, and another for another key", () => {
  const numbers = Array.from({ length: 100 }, (_, i) => `word${i}`);
  const firsts = new Set<string>(), lengths: number[] = [];
  for (let row = 0; row < 400; row++) {
    const part = cropText(numbers.join(" "), { ...key, row, probability: 1 }).split(" ");
    assertEquals(part, numbers.slice(numbers.indexOf(part[0])).slice(0, part.length));
    firsts.add(part[0]);
    lengths.push(part.length);
  }
  assert(firsts.size > 60 && Math.min(...lengths) < 5 && Math.max(...lengths) > 95);
  assertLess(Math.abs(lengths.reduce((sum, length) => sum + length) / 400 - 50), 6);
  const whole = Array.from({ length: 400 }, (_, row) => cropText(text, { ...key, row, probability: 0.25 }) === text);
  assertLess(Math.abs(whole.filter(Boolean).length - 300), 35);
  const always = { ...key, probability: 1 };
  assertEquals(cropText(text, always), cropText(text, always));
  for (const other of [{ seed: 2 }, { epoch: 1 }, { row: 1 }]) {
    assertNotEquals(cropText(text, { ...always, ...other }), cropText(text, always));
  }
  assertEquals(cropText(text, { ...key, probability: 0 }), text);
});

Deno.test("texts without blanks are cut between characters, and what is short or blank stays something", () => {
  const always = { ...key, probability: 1 };
  const han = "\u{20000}\u4e00".repeat(40);
  const lengths = new Set<number>();
  for (let row = 0; row < 100; row++) {
    const part = cropText(han, { ...always, row });
    assert(han.includes(part) && part.isWellFormed() && part.length > 0);
    lengths.add(part.length);
    assertEquals(cropText("hello", { ...always, row }), "hello");
    assert(["a", "b", "a b"].includes(cropText("a b", { ...always, row })));
    for (const same of ["", " \n", "x"]) assertEquals(cropText(same, { ...always, row }), same);
  }
  assert(lengths.size > 40);
});

Deno.test("a megabyte in one word takes no time", () => {
  const long = "ab".repeat(500_000);
  const began = performance.now();
  assertLess(Math.abs(distortText(long, { ...key, probability: 1 }).length - long.length), 2);
  assertLess(performance.now() - began, 5000);
});

Deno.test("what is no probability or no number of 32 bits is refused by name", () => {
  for (const probability of [-0.1, 1.5, NaN]) {
    assertThrows(() => distortText("a", { ...key, probability }), RangeError, `the probability is ${probability}`);
    assertThrows(() => cropText("a", { ...key, probability }), RangeError, `the probability is ${probability}`);
  }
  for (const name of ["seed", "epoch", "row"]) {
    assertThrows(() => distortText("a", { ...key, [name]: -1 }), RangeError, `${name} is -1`);
    assertThrows(() => cropText("a", { ...key, probability: 1, [name]: 0.5 }), RangeError, `${name} is 0.5`);
  }
});
