import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { selectRows } from "../../lib/data/split.ts";
import { samplesOf, takeTexts, textBlocks } from "../../lib/data/take_rows.ts";
import { loadTexts } from "../../lib/data/text.ts";
import type { StoredTextDataset } from "../../lib/data/text_dataset.ts";
import { range, withFolder } from "./fixtures.ts";

const encoder = new TextEncoder();

/** Lines of many lengths, labels of every kind, blank lines, and every end of a line. */
const lines = range(3000).map((i) =>
  JSON.stringify({ text: `${i} ${"größer 😀 ".repeat(i % 7)}`, label: [`l${i % 3}`, i % 2, true][i % 3] })
);
const joined = lines.map((line, i) => line + ["\n", "\r\n", "\r", "\n \n", "\r\n\r\n\n"][i % 5]).join("");

async function open(path: string, loadLimit: number | undefined): Promise<StoredTextDataset> {
  return await loadTexts(path, { loadLimit }) as unknown as StoredTextDataset;
}

Deno.test("stored texts are those that are loaded: ends of lines, blank lines, a mark, a long line across blocks", async () => {
  const long = JSON.stringify({ text: "x".repeat(3_000_000), label: "l0" });
  const files = [
    joined,
    `\ufeff${joined}`,
    joined.trimEnd(),
    `\n\n${long}\r\n${joined}${long}`,
    lines.slice(0, 1).join(""),
    // Breaks of two bytes over the border of what is read at a time.
    ...range(3).map((i) =>
      `${JSON.stringify({ text: "y".repeat(2 ** 20 - 30 - i), label: "l0" })}\r\n\r\n${lines[0]}\r\n${lines[1]}`
    ),
  ];
  await withFolder(async (folder) => {
    for (const [i, content] of files.entries()) {
      const path = `${folder}/${i}.jsonl`;
      await Deno.writeTextFile(path, content);
      const loaded = await loadTexts(path), stored = await open(path, 0);
      const { texts: _loaded, ...facts } = loaded, { texts, ...same } = stored;
      assertEquals(same, facts);
      assertEquals("read" in texts, true);
      const { count } = loaded, reversed = range(count).reverse();
      assertEquals(takeTexts(stored, reversed), takeTexts(loaded, reversed));
      assertEquals([...textBlocks(stored)].flat(), loaded.texts);
      assertEquals(samplesOf(stored, 0, Math.min(2, count)), loaded.texts.slice(0, 2));
      const some = [count - 1, 0, count - 1];
      assertEquals(takeTexts(selectRows(stored, some), [2, 1]), [loaded.texts[count - 1], loaded.texts[0]]);
      assertEquals(takeTexts(stored, []), []);
    }
  });
});

Deno.test("stored texts keep a trained model's labels, and other fields may be asked for", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.ndjson`;
    await Deno.writeTextFile(path, '{"q": "one", "kind": "b"}\n{"q": "two", "kind": "a"}\n');
    const options = { textField: "q", labelField: "kind", labelNames: ["b", "x"], loadLimit: 0 };
    const { labels, labelNames, texts } = await loadTexts(path, options) as StoredTextDataset;
    assertEquals([[...labels], labelNames, texts.read([1, 0])], [[0, 2], ["b", "x", "a"], ["two", "one"]]);
  });
});

Deno.test("what is wrong with a line is refused with its number, as where the file is loaded", async () => {
  const wrong = ['{"text": 1, "label": "a"}', '{"text": "a"}', "[1]", '{"text": "a", "label": ""}', "{"];
  await withFolder(async (folder) => {
    const path = `${folder}/wrong.jsonl`;
    for (const line of wrong) {
      await Deno.writeTextFile(path, `${lines[0]}\n\r\n${line}\n${lines[1]}`);
      const { message, row } = await assertRejects(() => loadTexts(path), DataFormatError);
      const stored = await assertRejects(() => loadTexts(path, { loadLimit: 0 }), DataFormatError);
      assertEquals([stored.message, stored.row], [message, 3]);
      assertEquals(row, 3);
    }
    await Deno.writeFile(path, Uint8Array.from([...encoder.encode(`${lines[0]}\n{"text":"`), 0xff, 0x22]));
    const invalid = await assertRejects(() => loadTexts(path, { loadLimit: 0 }), DataFormatError);
    assertStringIncludes(invalid.message, `${path}, row 2: byte 10 of the line (0xff) is not UTF-8`);
    await Deno.writeTextFile(path, "\n \n");
    await assertRejects(() => loadTexts(path, { loadLimit: 0 }), DataFormatError, "holds no text, wanted at least one");
  });
});

Deno.test("a line that no memory should hold, and a file that changes while it is read, are refused", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/long.jsonl`;
    await Deno.writeTextFile(path, `${lines[0]}\n{`);
    await Deno.truncate(path, 2 ** 26 + 2 ** 22);
    const error = await assertRejects(() => loadTexts(path, { loadLimit: 0 }), DataFormatError);
    assertEquals(error.message, `${path}, row 2: the line has more than ${2 ** 26} bytes`);
    await Deno.writeTextFile(path, lines.slice(0, 50).join("\n"));
    const { texts } = await open(path, 0);
    await Deno.writeTextFile(path, lines.slice(0, 40).join("\n"));
    const changed = assertThrows(() => texts.read([45]), DataFormatError);
    assertEquals(changed.file, path);
    assertStringIncludes(changed.message, "since the data were opened, wanted it to stay as it was");
  });
});

Deno.test("only JSON lines in UTF-8 that are larger than the limit stay in their file", async () => {
  await withFolder(async (folder) => {
    const isStored = async (name: string, content: Uint8Array, limit: number): Promise<boolean> => {
      await Deno.writeFile(`${folder}/${name}`, content);
      return "read" in (await open(`${folder}/${name}`, limit)).texts;
    };
    const json = encoder.encode(lines.slice(0, 3).join("\n"));
    assertEquals(await isStored("a.jsonl", json, json.length - 1), true);
    assertEquals(await isStored("a.jsonl", json, json.length), false);
    assertEquals(await isStored("a.txt", json, 0), true);
    assertEquals(await isStored("a.tsv", encoder.encode("x\tone\ny\ttwo\n"), 0), false);
    const utf16 = Uint16Array.from(`\ufeff${lines.slice(0, 3).join("\n")}`.split(""), (unit) => unit.charCodeAt(0));
    assertEquals(await isStored("b.jsonl", new Uint8Array(utf16.buffer), 0), false);
  });
});
