import { assertEquals, assertRejects } from "@std/assert";
import { DataFormatError, parseSparse, type SparseRows } from "../../mod.ts";

const file = "rows.svm";
const parse = (text: string, columns?: number): Promise<SparseRows> =>
  parseSparse(new TextEncoder().encode(text), { file, columns });

Deno.test("SVMlight's rows are read with their labels, comments and query numbers", async () => {
  const rows = await parse("# head\n+1 1:3 4:255 # note\n\n-1 qid:7 2:1\n+1\n");
  assertEquals(rows, {
    count: 3,
    featureLength: 5,
    features: Uint8Array.of(0, 3, 0, 0, 255, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0),
    labels: ["+1", "-1", "+1"],
    empty: [5],
  });
});

Deno.test("values that are no bytes make floats, from any order of indices", async () => {
  const { features, labels } = await parse("2:-0.5 0:1\n1:256\n");
  assertEquals(features, Float32Array.of(1, 0, -0.5, 0, 256, 0));
  assertEquals(labels, undefined);
});

Deno.test("lists of indices are features that are 1, and an empty line a row without any", async () => {
  const { features, count, empty, labels } = await parse("0 2\n\n1\n", 4);
  assertEquals([...features], [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  assertEquals([count, empty, labels], [3, [2], undefined]);
});

Deno.test("what is no sparse row is refused with its file and row", async () => {
  for (
    const [text, row, problem] of [
      ["a 1:1\nb 1:x\n", 2, 'feature 1 is "x", wanted a number'],
      ["a 1:1\nb 1:1e39\n", 2, 'feature 1 is "1e39"'],
      ["a 1:1\nb 5\n", 2, 'holds "5", wanted INDEX:VALUE'],
      ["a 1:1\n2:1\n", 2, 'begins with "2:1", wanted a label'],
      ["a 1:1 1:2\n", 1, "names a feature twice"],
      ["0 1\n2 x\n", 2, 'holds "x", wanted an index'],
      ["0 1\n-2\n", 2, 'holds "-2"'],
      ["1:1\n4194304:1\n", 2, "names feature 4194304, wanted one below 4194304"],
      ["1:1\n99999999999999999999:1\n", 2, "wanted one below 4194304"],
    ] as const
  ) {
    const error = await assertRejects(() => parse(text), DataFormatError, problem, text);
    assertEquals([error.file, error.row], [file, row], text);
  }
  await assertRejects(() => parse("1 5\n", 5), DataFormatError, "names feature 5, wanted one below 5");
  await assertRejects(() => parse("# nothing\n"), DataFormatError, "holds no row");
  // Twelve bytes would be 16 MB, and a kilobyte two gigabytes.
  await assertRejects(() => parse("4194303\n0\n0\n0\n0"), DataFormatError, "wanted at most 16792216 values");
  assertEquals((await parse("4194303\n0\n0\n0")).features.length, 2 ** 24);
});
