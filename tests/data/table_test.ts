import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { loadTable, parseTable, type TableOptions } from "../../lib/data/table.ts";
import { range, text, withFolder } from "./fixtures.ts";

function parse(content: string | Uint8Array, options: Partial<TableOptions> = {}) {
  return parseTable(typeof content === "string" ? text(content) : content, { file: "f.csv", ...options });
}

function failure(content: string | Uint8Array, options: Partial<TableOptions> = {}): [number | undefined, string] {
  const error = assertThrows(() => parse(content, options), DataFormatError);
  assertEquals(error.file, "f.csv");
  return [error.row, error.message];
}

Deno.test("parseTable keeps small integers as bytes", () => {
  assertEquals(parse("a,class,b\r\n0,dog,255\r\n1.0,cat,-0\r\n"), {
    name: "f.csv",
    input: { kind: "table", columns: ["a", "b"] },
    count: 2,
    featureLength: 2,
    features: Uint8Array.of(0, 255, 1, 0),
    labels: Uint16Array.of(1, 0),
    labelNames: ["cat", "dog"],
  });
});

Deno.test("parseTable turns to float32 at the first value that is no byte", () => {
  for (const value of ["256", "-1", "0.5", "1e9"]) {
    const { features } = parse(`3,4,x\n5,${value},y\n6,7,x\n`);
    assertEquals(features, Float32Array.of(3, 4, 5, Number(value), 6, 7));
  }
});

Deno.test("parseTable reads the layout of optdigits", () => {
  const rows = range(30).map((row) => [...range(64).map((column) => (row * column) % 17), row % 10]);
  const digits = parse(rows.map((row) => row.join(",")).join("\n") + "\n");
  assertEquals([digits.count, digits.featureLength], [30, 64]);
  assertInstanceOf(digits.features, Uint8Array);
  assertEquals([...digits.features], rows.flatMap((row) => row.slice(0, 64)));
  assertEquals([...digits.labels], rows.map((row) => row[64]));
  assertEquals(digits.labelNames, range(10).map(String));
});

Deno.test("parseTable reads TSV, semicolons, quotes and a byte order mark", () => {
  const quoted = parse(`\uFEFF"length (cm)";"kind"\n"1.5";"a;b"\n2;"say ""no"""\n`);
  assertEquals(quoted.input, { kind: "table", columns: ["length (cm)"] });
  assertEquals(quoted.features, Float32Array.of(1.5, 2));
  assertEquals(quoted.labelNames, ["a;b", 'say "no"']);
  assertEquals(parse("1\t2\tx\n", { file: "f.csv", delimiter: "\t" }).features, Uint8Array.of(1, 2));
});

Deno.test("parseTable keeps the labels of a trained model in their places", () => {
  const { labels, labelNames } = parse("1,x\n2,b\n3,a\n", { labelNames: ["b", "a"] });
  assertEquals([...labels], [2, 0, 1]);
  assertEquals(labelNames, ["b", "a", "x"]);
});

Deno.test("parseTable ignores blank lines without leaving gaps", () => {
  const { count, features, labels } = parse("\n1,a\n\n2,b\n\n\n");
  assertEquals([count, features, labels], [2, Uint8Array.of(1, 2), Uint16Array.of(0, 1)]);
});

Deno.test("parseTable names the row of bad cells", () => {
  assertEquals(failure("1,2,a\n1,x,b\n"), [2, 'f.csv, row 2: column 1 holds "x", wanted a number']);
  assertEquals(failure("u,v,class\n1,2,a\n\n1,,b\n"), [4, 'f.csv, row 4: column "v" is empty, wanted a number']);
  assertEquals(failure("0.5,2,a\n1,NaN,b\n"), [2, 'f.csv, row 2: column 1 holds "NaN", wanted a number']);
  assertEquals(failure("1,2,a\n1,2,\n"), [2, "f.csv, row 2: the label (column 2) is empty"]);
  for (const large of ["1e39", "-1e39", "1e999"]) {
    assertEquals(
      failure(`0.5,a\n${large},b\n`)[1],
      `f.csv, row 2: column 0 holds "${large}", wanted a number in the range of float32`,
    );
  }
  assertEquals(failure("a,b,c\n1,2,3\n", { header: false }), [
    1,
    'f.csv, row 1: column 0 holds "a", wanted a number; if this is a header, say so',
  ]);
});

Deno.test("parseTable refuses ragged records", () => {
  assertEquals(failure("1,2,a\n1,2,3,b\n"), [2, "f.csv, row 2: the number of cells is 4, wanted 3"]);
  assertEquals(failure("1,2,a\n1,b"), [2, "f.csv, row 2: the number of cells is 2, wanted 3"]);
});

Deno.test("parseTable refuses tables without records, and what is no text", () => {
  assertEquals(failure("")[0], 1);
  assertEquals(failure("a,b,class\n"), [2, "f.csv, row 2: no record follows the header, wanted at least one"]);
  assertEquals(failure("\uFEFF")[0], 1);
  assertEquals(failure(Uint8Array.of(0xff, 0xfe, 0x31, 0x00)), [
    1,
    "f.csv, row 1: found UTF-16, wanted a table as UTF-8 text",
  ]);
  assertEquals(failure(Uint8Array.of(0x1f, 0x8b, 8, 0))[0], 1);
});

Deno.test("parseTable answers truncation after every byte with a table or a DataFormatError", () => {
  const bytes = text('a,"b c",label\r\n1.25,-3e2,"x ""y"""\r\n2,4,z\r\n');
  for (let length = 0; length < bytes.length; length++) {
    try {
      const { count, features, labels } = parse(bytes.subarray(0, length));
      assertEquals([features.length, labels.length], [count * 2, count]);
      assertEquals(features.every(Number.isFinite), true);
    } catch (error) {
      assertInstanceOf(error, DataFormatError);
    }
  }
});

Deno.test("parseTable answers hostile shapes without large allocations", () => {
  const wide = range(100_000).fill(1).join(",");
  assertEquals(
    failure(wide + "\n".repeat(100_000) + "1\n")[1],
    "f.csv, row 100001: the number of cells is 1, wanted 100000",
  );
});

Deno.test("parseTable refuses more labels than class numbers", () => {
  const rows = range(65537).map((i) => `1,${i}`).join("\n");
  assertEquals(failure(rows)[0], 65537);
});

Deno.test("loadTable reads a file and carries its path", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/t.tsv`;
    await Deno.writeTextFile(path, "a,b\tkind\n1\tx\n");
    const table = await loadTable(path);
    assertEquals([table.name, table.input], [path, { kind: "table", columns: ["a,b"] }]);
  });
});
