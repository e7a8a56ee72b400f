import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataFormatError, DatasetNotFoundError } from "../../lib/data/errors.ts";
import { splitDataset } from "../../lib/data/split.ts";
import { loadTexts, parseTexts } from "../../lib/data/text.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("parseTexts: JSON lines, TREC and tables are told apart", () => {
  const json = parseTexts(utf8(' {"text":"a","label":"x"}\n{"text":"b","label":"w"}'), { file: "f" });
  assertEquals(json, {
    name: "f",
    input: { kind: "text" },
    count: 2,
    texts: ["a", "b"],
    labels: Uint16Array.of(1, 0),
    labelNames: ["w", "x"],
  });
  assertEquals(parseTexts(utf8("NUM:date When ?\n"), { file: "f" }).labelNames, ["NUM"]);
  assertEquals(parseTexts(utf8("\ufeffNUM:date When ?\n"), { file: "f" }).labelNames, ["NUM"]);
  assertEquals(parseTexts(utf8("ham\tI'm {here}\n"), { file: "f" }).texts, ["I'm {here}"]);
  assertThrows(() => parseTexts(utf8("ham\tno"), { file: "f.jsonl" }), DataFormatError, "f.jsonl, row 1: no JSON");
});

Deno.test("parseTexts: TREC's files may be ISO-8859-1, others must say so", () => {
  const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
  assertEquals(parseTexts(latin1("NUM:date Où ?\n"), { file: "f" }).texts, ["Où ?"]);
  assertEquals(parseTexts(utf8("NUM:date Où ?\n"), { file: "f" }).texts, ["Où ?"]);
  assertThrows(() => parseTexts(latin1("ham\tOù ?\n"), { file: "f" }), DataFormatError, "f, row 1: byte 6");
  assertEquals(parseTexts(latin1("ham\tOù ?\n"), { file: "f", encoding: "latin1" }).texts, ["Où ?"]);
});

Deno.test("parseTexts: known labels keep their numbers; nothing at all is refused", () => {
  const options = { file: "f", labelNames: ["spam", "ham"] };
  const { labels, labelNames } = parseTexts(utf8("ham\ta\neggs\tb\n"), options);
  assertEquals([[...labels], labelNames], [[1, 2], ["spam", "ham", "eggs"]]);
  assertThrows(() => parseTexts(utf8("text,label\n"), { file: "f" }), DataFormatError, "f: holds no text");
  assertThrows(() => parseTexts(utf8(""), { file: "f" }), DataFormatError, "empty");
});

Deno.test("loadTexts: a folder with a file, or a folder of files, a class", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assertRejects(() => loadTexts(folder), DatasetNotFoundError, "a folder without texts");
    await Deno.writeTextFile(`${folder}/up.txt`, "one\n\ntwo\r\n");
    await Deno.mkdir(`${folder}/down`);
    await Deno.writeTextFile(`${folder}/down/1`, "three\nfour");
    await Deno.writeTextFile(`${folder}/.hidden.txt`, "no");
    await Deno.writeTextFile(`${folder}/README.md`, "no");
    const { texts, labels, labelNames } = await loadTexts(folder);
    assertEquals([texts, [...labels], labelNames], [["three\nfour", "one", "two"], [0, 1, 1], ["down", "up"]]);
    await Deno.writeFile(`${folder}/up.txt`, Uint8Array.of(0x61, 0x0a, 0xff));
    await assertRejects(() => loadTexts(folder), DataFormatError, "up.txt, row 2: byte 1");
    await assertRejects(() => loadTexts(`${folder}/nowhere`), DatasetNotFoundError, "is no file or folder of texts");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("splitDataset splits texts by class", () => {
  const lines = Array.from({ length: 40 }, (_, i) => `${i % 4 === 0 ? "b" : "a"}\ttext ${i}`).join("\n");
  const { train, validation } = splitDataset(parseTexts(utf8(lines), { file: "f" }), { fraction: 0.2, seed: 1 });
  assertEquals([train.count, validation.count], [32, 8]);
  assertEquals([...validation.labels].filter((label) => label === 1).length, 2);
  assertEquals(new Set([...train.texts, ...validation.texts]).size, 40);
});
