import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { distortText } from "../../mod.ts";

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

Deno.test("a megabyte in one word takes no time", () => {
  const long = "ab".repeat(500_000);
  const began = performance.now();
  assertLess(Math.abs(distortText(long, { ...key, probability: 1 }).length - long.length), 2);
  assertLess(performance.now() - began, 5000);
});

Deno.test("what is no probability or no number of 32 bits is refused by name", () => {
  for (const probability of [-0.1, 1.5, NaN]) {
    assertThrows(() => distortText("a", { ...key, probability }), RangeError, `the probability is ${probability}`);
  }
  for (const name of ["seed", "epoch", "row"]) {
    assertThrows(() => distortText("a", { ...key, [name]: -1 }), RangeError, `${name} is -1`);
  }
});
