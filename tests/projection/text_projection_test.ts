import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import type { Selection, TextNormalization, TextPartition, TextSpec } from "../../lib/projection/mod.ts";
import { prepareTextProjection, prepareTokenHashes } from "../../lib/projection/text.ts";
import { PLAIN, projectTextReference, TEXTS, tokensReference } from "./text_reference.ts";

const NORMALIZATIONS: TextNormalization[] = Array.from({ length: 16 }, (_, i) => ({
  compatibility: (i & 1) > 0,
  lowerCase: (i & 2) > 0,
  digitsAlike: (i & 4) > 0,
  dropSymbols: (i & 8) > 0,
}));
const PARTITIONS: TextPartition[] = [
  { kind: "words", from: 1, to: 1, functions: 3 },
  { kind: "words", from: 1, to: 3, functions: 9 },
  { kind: "words", from: 2, to: 2, functions: 5 },
  { kind: "skips", from: 0, to: 2, functions: 7 },
  { kind: "skips", from: 1, to: 1, functions: 4 },
  { kind: "characters", from: 1, to: 4, functions: 11 },
  { kind: "characters", from: 3, to: 3, functions: 6 },
  { kind: "across", from: 2, to: 5, functions: 8 },
  { kind: "openings", from: 1, to: 3, functions: 10 },
  { kind: "openings", from: 2, to: 2, functions: 1 },
];
const functions = PARTITIONS.reduce((sum, partition) => sum + partition.functions, 0);
const SPEC: TextSpec = {
  family: "text",
  seed: 5,
  functions,
  bitsPerFunction: 7,
  entries: "presence",
  touches: 1,
  weights: "equal",
  partitions: PARTITIONS,
};
const { touches: _, ...DENSE } = SPEC;
const SPECS: TextSpec[] = [
  SPEC,
  { ...SPEC, touches: 3, seed: 0xffffffff },
  { ...DENSE, entries: "sign" },
  { ...DENSE, entries: "sign", weights: "length" },
  { ...DENSE, entries: "ternary", weights: "length" },
];
/** Rows of a pool of 512 in ten partitions: the first, the last, neighbours, and none of the third partition and of whole words of 32 rows. */
const SELECTION: Selection = {
  pool: 8 * functions,
  indices: Uint32Array.of(0, 1, 23, 24, 95, 136, 168, 191, 192, 300, 301, 302, 510, 511),
};
const SELECTED: TextSpec = {
  ...DENSE,
  entries: "sign",
  functions: 7,
  bitsPerFunction: 2,
  partitions: PARTITIONS.map((partition) => ({ ...partition, functions: 8 * partition.functions })),
  selection: SELECTION,
};
SPECS.push(SELECTED, { ...SELECTED, entries: "ternary", weights: "length" });

Deno.test("prepareTextProjection: values equal an independent version, for every kind of feature, folding and script", () => {
  for (const spec of SPECS) {
    for (const normalization of spec === SPEC ? NORMALIZATIONS : [PLAIN, NORMALIZATIONS[7]]) {
      const projection = prepareTextProjection(spec, normalization);
      const values = new Int32Array(projection.bits);
      for (const text of TEXTS) {
        projection.project(text, values);
        const wanted = projectTextReference(spec, normalization, text);
        assertEquals([...values], wanted, JSON.stringify({ spec, normalization, text }));
        if (spec.entries !== "presence") continue;
        const present = wanted.flatMap((value, k) => value > 0 ? [k] : []);
        assertEquals([...projection.present(text)].sort((a, b) => a - b), present);
      }
    }
  }
});

Deno.test("prepareTextProjection: a partition by itself has the values that it has among others of the same number", () => {
  const alone = prepareTextProjection({ ...SPEC, functions: 3, partitions: [PARTITIONS[0]] }, PLAIN);
  const all = prepareTextProjection(SPEC, PLAIN);
  const text = TEXTS[3];
  const few = new Int32Array(alone.bits), many = new Int32Array(all.bits);
  alone.project(text, few);
  all.project(text, many);
  assertEquals(many.subarray(0, few.length), few);
});

Deno.test("prepareTextProjection: a selection of all rows gives the values without one", () => {
  const indices = Uint32Array.from({ length: functions }, (_, k) => k);
  const spec: TextSpec = { ...DENSE, entries: "sign", bitsPerFunction: 1 };
  const [plain, selected] = [spec, { ...spec, selection: { pool: functions, indices } }].map((each) => {
    const values = new Int32Array(functions);
    prepareTextProjection(each, PLAIN).project(TEXTS[3], values);
    return values;
  });
  assertEquals(selected, plain);
});

Deno.test("prepareTokenHashes: a hash for each token in order, the same for the same word", () => {
  for (const normalization of NORMALIZATIONS) {
    const hash = prepareTokenHashes(normalization);
    for (const text of TEXTS) {
      const tokens = tokensReference(text, normalization).map((token) => token.join(""));
      const hashes = hash(text);
      assertEquals(hashes.length, tokens.length);
      tokens.forEach((token, i) => assertEquals(hashes.indexOf(hashes[i]), tokens.indexOf(token)));
    }
  }
});

Deno.test("prepareTextProjection: a long text takes time in proportion to its length", () => {
  const projection = prepareTextProjection(SPEC, NORMALIZATIONS[7]);
  const seconds = (text: string): number => {
    const began = performance.now();
    projection.present(text);
    return performance.now() - began;
  };
  for (const piece of ["word ", "语", "no-blank"]) {
    seconds(piece.repeat(20_000));
    const short = Math.min(...[1, 2, 3].map(() => seconds(piece.repeat(20_000))));
    assertLess(seconds(piece.repeat(200_000)), 60 * short + 50, piece);
  }
});

Deno.test("prepareTextProjection: hashes spread evenly over the bits", () => {
  const words = Array.from({ length: 4000 }, (_, i) => `w${i}`).join(" ");
  const partitions: TextPartition[] = [{ kind: "words", from: 1, to: 1, functions: 100 }];
  const projection = prepareTextProjection({ ...SPEC, functions: 100, bitsPerFunction: 1, partitions }, PLAIN);
  const counts = new Int32Array(100);
  projection.project(words, counts);
  // Chi squared with 99 degrees of freedom: above 150 with a probability of 0.0007.
  assertLess(counts.reduce((sum, count) => sum + (count - 40) ** 2 / 40, 0), 150);
});

Deno.test("prepareTextProjection: what cannot be is refused by name", () => {
  const partition = PARTITIONS[0];
  const cases: [string, Partial<TextSpec>][] = [
    ["seed is -1", { seed: -1 }],
    ["functions is 0", { functions: 0 }],
    ["bitsPerFunction is 0.5", { bitsPerFunction: 0.5 }],
    ["functions x bitsPerFunction is", { bitsPerFunction: 2 ** 19 }],
    ["entries is dense", { entries: "dense" as "sign" }],
    ["touches is 0", { touches: 0 }],
    ["touches is 65", { touches: 65 }],
    ["touches is NaN", { touches: undefined }],
    ["touches is 1, wanted none", { entries: "sign" }],
    ["weights is tfidf", { weights: "tfidf" as "equal" }],
    ["weights of presence is length", { weights: "length" }],
    ["partitions is 0", { partitions: [] }],
    ["partitions is 17", { functions: 17, partitions: new Array(17).fill({ ...partition, functions: 1 }) }],
    ["partition 0: kind is letters", { partitions: [{ ...partition, kind: "letters" as "words" }] }],
    ["partition 0: from is 0", { partitions: [{ ...partition, from: 0 }] }],
    ["partition 0: to is 17", { partitions: [{ ...partition, to: 17 }] }],
    ["partition 0: to is 1", { partitions: [{ ...partition, from: 2 }] }],
    ["partition 0: functions is 0", { partitions: [{ ...partition, functions: 0 }] }],
    ["functions of all partitions is 3", { partitions: [partition] }],
  ];
  for (const [message, change] of cases) {
    const error = assertThrows(() => prepareTextProjection({ ...SPEC, ...change }, PLAIN), RangeError);
    assertStringIncludes(error.message, message);
  }
  const selected: [string, Partial<TextSpec>][] = [
    ["selection of presence", { entries: "presence", touches: 1 }],
    ["selection: indices is 13", { selection: { ...SELECTION, indices: SELECTION.indices.slice(1) } }],
    ["selection: index 13 is 512", { selection: { ...SELECTION, indices: SELECTION.indices.with(13, 512) } }],
    ["selection: index 1 is 0, wanted an integer 1...511", {
      selection: { ...SELECTION, indices: SELECTION.indices.with(1, 0) },
    }],
    ["functions of all partitions is 512", { selection: { ...SELECTION, pool: 513 } }],
    ["functions of all partitions is 512, wanted an integer 14...14", {
      selection: undefined,
      bitsPerFunction: 1,
      functions: 14,
    }],
    ["selection: pool is 2097152, wanted an integer 14...1048576", {
      partitions: [PARTITIONS[0], PARTITIONS[1]].map((partition) => ({ ...partition, functions: 2 ** 20 })),
      selection: { ...SELECTION, pool: 2 ** 21 },
    }],
  ];
  for (const [message, change] of selected) {
    const error = assertThrows(() => prepareTextProjection({ ...SELECTED, ...change }, PLAIN), RangeError);
    assertStringIncludes(error.message, message);
  }
  const projection = prepareTextProjection(SPEC, PLAIN);
  assertThrows(() => projection.project("", new Int32Array(projection.bits - 1)), RangeError, "room for");
  const dense = prepareTextProjection({ ...DENSE, entries: "sign" }, PLAIN);
  assertThrows(() => dense.present(""), RangeError, "wanted presence");
  assert(dense.bits === projection.bits);
});
