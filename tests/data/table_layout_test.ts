import { assertEquals, assertThrows } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { detectLayout, type TableLayoutOptions } from "../../lib/data/table_layout.ts";
import { text } from "./fixtures.ts";

function layout(content: string, options: Partial<TableLayoutOptions> = {}) {
  return detectLayout(text(content), { file: "f.csv", ...options });
}

Deno.test("detectLayout finds the delimiter by extension, else by count", () => {
  assertEquals(layout("1,2,3\n").delimiter, ",");
  assertEquals(layout("1;2;3\n").delimiter, ";");
  assertEquals(layout("1\t2\t3\n").delimiter, "\t");
  assertEquals(layout('\n"1;1;1;1",2,3\n').delimiter, ",");
  assertEquals(layout("a,b,c\td\n", { file: "f.TSV" }).delimiter, "\t");
  assertEquals(layout("a,b;c\n", { delimiter: ";" }).columns.length, 2);
});

Deno.test("detectLayout tells a header from data", () => {
  assertEquals(layout("a,b,c\n1,2,x\n").header, true);
  assertEquals(layout("1,2,x\n1,2,y\n").header, false);
  assertEquals(layout("1,2,3\n4,5,6\n").header, false);
  assertEquals(layout(",a,Class\n7,5,6\n").header, true);
  assertEquals(layout("label,a\nc,d\n").header, true);
  assertEquals(layout("a,b\nc,d\n").header, false);
});

Deno.test("detectLayout takes a first record with a number as data, whatever its label is called", () => {
  for (const name of ["y", "Class", "target", "label"]) {
    assertEquals(layout(`1,2,${name}\n3,4,n\n`).header, false);
    assertEquals(layout(`${name},0,1\n7,5,6\n`).header, false);
    const forced = layout(`0,1,${name}\n7,5,6\n`, { header: true });
    assertEquals([forced.header, forced.columns, forced.label], [true, ["0", "1", name], 2]);
  }
});

Deno.test("detectLayout takes a first record with one bad number as data", () => {
  assertEquals(layout("1,oops,x\n1,2,y\n").header, false);
});

Deno.test("detectLayout obeys a forced header", () => {
  assertEquals(layout("0,1,2\n3,4,5\n", { header: true }).columns, ["0", "1", "2"]);
  assertEquals(layout("a,b,c\n3,4,5\n", { header: false }).columns, ["0", "1", "2"]);
});

Deno.test("detectLayout finds the label column", () => {
  assertEquals(layout("a,Target,c\n1,2,3\n").label, 1);
  assertEquals(layout("a,b,c\n1,2,3\n").label, 2);
  assertEquals(layout("a,b,c\n1,2,3\n", { label: "a" }).label, 0);
  assertEquals(layout("a,b,c\n1,2,3\n", { label: "1" }).label, 1);
  assertEquals(layout("1,2,3\n", { label: 0 }).label, 0);
  assertEquals(layout("1,0,c\n1,2,3\n", { label: "0", header: true }).label, 1);
});

Deno.test("detectLayout refuses labels that do not exist or are not one", () => {
  for (const label of ["d", "3", -1, 3, 0.5, NaN, ""]) {
    const error = assertThrows(() => layout("a,b,c\n1,2,3\n", { label }), DataFormatError);
    assertEquals([error.file, error.row], ["f.csv", 1]);
  }
  assertThrows(() => layout("a,a,c\n1,2,3\n", { label: "a" }), DataFormatError, 'two columns are called "a"');
  assertThrows(() => layout("1,2,3\n", { label: "a" }), DataFormatError, "no header");
});

Deno.test("detectLayout refuses empty tables and single columns", () => {
  for (const content of ["", "\n\n", "1\n2\n"]) assertThrows(() => layout(content), DataFormatError, "f.csv, row 1");
});
