import { assertEquals, assertThrows } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { countLines, type Delimiter, parseDecimal, RecordReader } from "../../lib/data/records.ts";
import { range, text } from "./fixtures.ts";
import { hash32 } from "../../lib/projection/mod.ts";

function read(content: string | Uint8Array, delimiter: Delimiter = ","): { row: number; cells: string[] }[] {
  const reader = new RecordReader(typeof content === "string" ? text(content) : content, { file: "f", delimiter });
  const records = [];
  while (reader.next()) records.push({ row: reader.row, cells: range(reader.cells).map((cell) => reader.text(cell)) });
  return records;
}

Deno.test("RecordReader reads LF, CRLF and CR, with and without a last line end", () => {
  const expected = [{ row: 1, cells: ["a", "b"] }, { row: 2, cells: ["c", ""] }];
  for (const content of ["a,b\nc,", "a,b\r\nc,\r\n", "a,b\rc,\r", "a,b\nc,\n"]) assertEquals(read(content), expected);
});

Deno.test("RecordReader skips blank lines but counts them", () => {
  assertEquals(read("\n\na,b\n  \r\n\r\nc,d\n\n"), [{ row: 3, cells: ["a", "b"] }, { row: 6, cells: ["c", "d"] }]);
  assertEquals(read(""), []);
  assertEquals(read("\n \n"), []);
});

Deno.test("RecordReader keeps a record whose only cell is a quoted empty text out, and empty cells in", () => {
  assertEquals(read(",\n"), [{ row: 1, cells: ["", ""] }]);
});

Deno.test("RecordReader reads quoted cells with delimiters, quotes and line ends inside", () => {
  assertEquals(read('"a,b","say ""hi""","two\r\nlines"\nx,"","""" \n'), [
    { row: 1, cells: ["a,b", 'say "hi"', "two\r\nlines"] },
    { row: 3, cells: ["x", "", '"'] },
  ]);
});

Deno.test("RecordReader trims spaces outside quotes only", () => {
  assertEquals(read('  a b ,\t" c "  , d\t\n')[0].cells, ["a b", " c ", "d"]);
  assertEquals(read("a\t\t b \n", "\t")[0].cells, ["a", "", "b"]);
});

Deno.test("RecordReader names the row of misplaced quotes", () => {
  const rows: [string, number][] = [['a,b\nc,d"e\n', 2], ['a,"b"c\n', 1], ['a,b\n"c\nd\n', 2], ['"', 1], ['a,"""', 1]];
  for (const [content, row] of rows) {
    const error = assertThrows(() => read(content), DataFormatError);
    assertEquals([error.file, error.row], ["f", row], content);
  }
});

Deno.test("RecordReader refuses bytes that are not UTF-8", () => {
  assertThrows(() => read(Uint8Array.of(0x61, 0x2c, 0xff)), DataFormatError, "f, row 1: cell 2 is not UTF-8 text");
});

Deno.test("RecordReader reads wide records and starts again", () => {
  const wide = range(1000).map(String);
  const reader = new RecordReader(text(wide.join(";") + "\n1;2\n"), { file: "f", delimiter: ";" });
  for (let pass = 0; pass < 2; pass++) {
    reader.next();
    assertEquals(range(reader.cells).map((cell) => reader.text(cell)), wide);
    reader.rewind();
  }
});

Deno.test("countLines bounds the records", () => {
  for (const [content, lines] of [["", 1], ["a\r\nb\rc\nd", 4], ["\n\n", 3]] as const) {
    assertEquals(countLines(text(content)), lines);
  }
});

function parse(content: string): number {
  const bytes = text(`9${content}9`);
  return parseDecimal(bytes, 1, bytes.length - 1);
}

Deno.test("parseDecimal agrees with Number on what is a decimal number", () => {
  const numbers = ["0", "-0", "+7", "255", "1.5", ".5", "5.", "-0.25", "00012", "1e3", "1E-3", "-2.5e+2", "5e-324"];
  numbers.push(
    "0.1",
    "123456789012345",
    "0.000000000000001",
    "1234567890123456789",
    "0.1234567890123456789",
    "9007199254740993",
  );
  for (const number of numbers) assertEquals(parse(number), Number(number), number);
});

Deno.test("parseDecimal is correctly rounded on random numbers of every length", () => {
  for (let i = 0; i < 5000; i++) {
    const digits = `${hash32(1, i, 0)}${hash32(1, i, 1)}`.slice(0, 1 + (i % 20));
    const point = hash32(1, i, 2) % (digits.length + 1);
    const number = `${digits.slice(0, point)}.${digits.slice(point)}`;
    assertEquals(parse(number), Number(number), number);
  }
});

Deno.test("parseDecimal refuses everything else", () => {
  const others = ["", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.", "0x10", "0b1", "1_000", "1,5", "NaN", "Infinity"];
  others.push("-Infinity", "1 2", " 1", "1 ", "--1", "1.2.3", "12a", "٣", "1n", "1e5x");
  for (const other of others) assertEquals(parse(other), NaN, other);
});

Deno.test("parseDecimal gives infinity where float64 ends", () => {
  assertEquals(parse("1e999"), Infinity);
  assertEquals(parse("-1e999"), -Infinity);
});
