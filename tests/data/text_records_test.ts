import { assertEquals, assertThrows } from "@std/assert";
import { DataFormatError } from "../../lib/data/errors.ts";
import { isTrec, readJsonLines, readTextTable, readTrec } from "../../lib/data/text_records.ts";

const file = "f";

Deno.test("readJsonLines: usual names, names that are given, labels of every simple type, blank lines", () => {
  assertEquals(
    readJsonLines('{"text":"a","label":"x"}\n\n{"label":2,"text":""}\r\n{"text":"c","label":true}\n', { file }),
    {
      texts: ["a", "", "c"],
      labels: ["x", "2", "true"],
    },
  );
  assertEquals(readJsonLines('{"utterance":"a","intent":"x"}', { file }), { texts: ["a"], labels: ["x"] });
  const named = readJsonLines('{"text":"a","label":"x","q":"b","act":"y"}', {
    file,
    textField: "q",
    labelField: "act",
  });
  assertEquals(named, { texts: ["b"], labels: ["y"] });
});

Deno.test("readJsonLines: what is wrong is said with its row and field", () => {
  const cases: [string, number, string][] = [
    ['{"text":"a","label":"x"}\n{"text":"a"', 2, "no JSON"],
    ["[1]", 1, "wanted an object"],
    ["null", 1, "wanted an object"],
    ['{"text":5,"label":"x"}', 1, 'field "text" is 5, wanted a text'],
    ['{"label":"x"}', 1, 'field "text" is missing'],
    ['{"text":"a"}', 1, 'field "label" is missing, wanted a label (fields: "text")'],
    ['\n{"text":"a","label":null}', 2, 'field "label" is null'],
    ['{"text":"a","label":""}', 1, 'field "label" is ""'],
    ['{"text":"a","label":{"a":1}}', 1, "wanted a label"],
  ];
  for (const [content, row, message] of cases) {
    const error = assertThrows(() => readJsonLines(content, { file }), DataFormatError, message);
    assertEquals(error.row, row);
  }
});

Deno.test("readJsonLines: a field is one of the record itself", () => {
  const inherited = { file, labelField: "toString" };
  assertThrows(() => readJsonLines('{"text":"a"}', inherited), DataFormatError, 'field "toString" is missing');
  assertEquals(readJsonLines('{"text":"a","toString":"x"}', inherited).labels, ["x"]);
});

Deno.test("readTrec: coarse and fine labels", () => {
  const content = "DESC:manner How are you ?\nNUM:date When ?\n";
  assertEquals(isTrec(content), true);
  assertEquals(isTrec("ham\tno"), false);
  assertEquals(isTrec(""), false);
  assertEquals(readTrec(content, { file }), { texts: ["How are you ?", "When ?"], labels: ["DESC", "NUM"] });
  assertEquals(readTrec(content, { file, labelField: "fine" }).labels, ["DESC:manner", "NUM:date"]);
  assertThrows(() => readTrec(content + "desc what\n", { file }), DataFormatError, 'f, row 3: found "desc what"');
  assertThrows(() => readTrec(content, { file, labelField: "x" }), DataFormatError, 'wanted "coarse" or "fine"');
});

Deno.test("readTextTable: headers in any order, quotes by RFC 4180 with commas and as they are with tabs", () => {
  const wanted = { texts: ["a, b", 'say "c"'], labels: ["x", "y"] };
  assertEquals(readTextTable('text,label\n"a, b",x\n"say ""c""",y\n', { file }), wanted);
  assertEquals(readTextTable('Label;ID;Text\nx;1;a, b\ny;2;"say ""c"""\n', { file }), wanted);
  assertEquals(readTextTable('\n"a; b; c",x\nd,x\n', { file }).texts, ["a; b; c", "d"]);
  assertEquals(readTextTable("\nx\ta, b\n", { file }).texts, ["a, b"]);
  assertEquals(readTextTable('x\ta, b\ny\tsay "c"\n', { file }), wanted);
  assertEquals(readTextTable("id\tq\tact\n7\ta\tx\n", { file, header: true, textField: "q", labelField: "act" }), {
    texts: ["a"],
    labels: ["x"],
  });
  assertEquals(readTextTable("7\ta\tx\n", { file, textField: "1", labelField: "2" }), { texts: ["a"], labels: ["x"] });
});

Deno.test("readTextTable: without a header the label is the column with fewer different values", () => {
  assertEquals(readTextTable("a b,x\nc d,y\ne,x\n", { file }).labels, ["x", "y", "x"]);
  assertEquals(readTextTable("x,a b\ny,c d\nx,e\n", { file }).labels, ["x", "y", "x"]);
  assertEquals(readTextTable("x,a\n", { file }).labels, ["x"]);
});

Deno.test("readTextTable: what is wrong is said with its row", () => {
  const cases: [string, string][] = [
    ["", "f, row 1: the table is empty"],
    ["abc\n", "f, row 1: the record has 1 cells, wanted at least 2"],
    ["a\tb\nc\td\te\n", "f, row 2: the record has 3 cells, wanted 2"],
    ["a\tb\tc\n", "3 columns without usual names"],
    ["text,label\na,x\nb,\n", "f, row 3: the label is empty"],
    ['text,label\n"a,x\n', "never closed"],
  ];
  for (const [content, message] of cases) {
    assertThrows(() => readTextTable(content, { file }), DataFormatError, message);
  }
  const table = "text,label\na,x\n";
  for (
    const [options, message] of [
      [{ textField: "q" }, 'the text column "q" is not there: found the columns "text", "label"'],
      [{ labelField: "9" }, 'the label column "9" is not there'],
      [{ textField: "label" }, "column 1 is both text and label"],
    ] as const
  ) assertThrows(() => readTextTable(table, { file, ...options }), DataFormatError, message);
});
