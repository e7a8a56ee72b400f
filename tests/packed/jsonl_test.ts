import { assertEquals, assertStringIncludes } from "@std/assert";
import { answerWriter, classifyLines, type LinesOptions, topClasses } from "../../lib/packed/jsonl.ts";
import { encodePnet, loadPnet } from "../../lib/packed/mod.ts";
import { makeModel } from "./models.ts";
import { makeTextModel } from "./text_models.ts";

const numbers = loadPnet(encodePnet(makeModel()));
const texts = loadPnet(encodePnet(makeTextModel({ labels: ["a", "b", 'c"'] })));
const SAMPLE = [1, 2, 3, 250, 5, 6];

async function lines(classifier: typeof numbers, text: string, options?: LinesOptions): Promise<unknown[]> {
  const chunks = ReadableStream.from([...new TextEncoder().encode(text)].map((byte) => Uint8Array.of(byte)));
  let out = "";
  for await (const answers of classifyLines(classifier, chunks, options)) out += answers;
  return out.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("classifyLines: numbers and texts, with identifiers, in order", async () => {
  const one = JSON.parse(answerWriter(numbers)(numbers.classify(SAMPLE)));
  assertEquals(await lines(numbers, `[1,2,3,250,5,6]\n\n{"input":[1,2,3,250,5,6],"id":{"x":1}}`), [one, {
    id: { x: 1 },
    ...one,
  }]);
  const two = JSON.parse(answerWriter(texts, { top: 3 })(texts.classify("ein Wort")));
  assertEquals(two.top.length, 3);
  assertEquals(await lines(texts, '"ein Wort"\n{"input":"ein Wort","id":null}\n', { top: 3 }), [two, {
    id: null,
    ...two,
  }]);
  assertEquals(await lines(texts, "ein Wort\r\n", { raw: true, top: 3 }), [two]);
});

Deno.test("classifyLines: what cannot be classified has its place, its number and a reason", async () => {
  const problems: number[] = [];
  let classified = 0;
  const found = await lines(texts, '"ok"\n17\n"too long a text"\n', {
    maxTextLength: 5,
    onProblem: (line) => problems.push(line),
    onClassified: (samples) => classified += samples,
  });
  assertEquals([problems, classified], [[2, 3], 1]);
  assertStringIncludes((found[1] as { error: string }).error, "wanted a string");
  assertStringIncludes((found[2] as { error: string }).error, "a text of 15 UTF-16 code units, wanted at most 5");
  const [long] = await lines(numbers, `[${"1,".repeat(40)}1]\n`, { maxLineBytes: 20 }) as {
    error: string;
    line: number;
  }[];
  assertEquals([long.line, long.error], [1, "83 bytes long, wanted at most 20"]);
});

Deno.test("topClasses: the most probable first, the lowest number on a tie", () => {
  const probabilities = Float32Array.of(0.1, 0.3, 0.1, 0.3, 0.2);
  assertEquals(topClasses(probabilities, 4), [1, 3, 4, 0]);
  assertEquals(topClasses(probabilities, 9), [1, 3, 4, 0, 2]);
  assertEquals(topClasses(probabilities, 0), []);
});
