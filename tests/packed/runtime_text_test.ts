import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { decodePnet, encodePnet, InputError, inspectPnet, loadPnet, PnetFormatError } from "../../lib/packed/mod.ts";
import { loadPnet as loadNumeric } from "../../lib/packed/runtime.ts";
import { loadPnetWasm } from "../../lib/packed/runtime_wasm.ts";
import { projectTextReference, TEXTS } from "../projection/text_reference.ts";
import { HEADS, makeModel } from "./models.ts";
import { headReference } from "./models.ts";
import { makeTextModel, type TextModelOptions } from "./text_models.ts";

const ENTRIES: TextModelOptions[] = [
  { entries: "presence" },
  { entries: "sign", weights: "length", fold: 12 },
  { entries: "ternary", fold: 0 },
  { entries: "sign", selected: true },
];

Deno.test("loadPnet: a text's bits and logits equal an independent version to the last bit, with every head", () => {
  for (const options of ENTRIES) {
    for (const head of HEADS) {
      const model = makeTextModel({ ...options, head });
      const classifier = loadPnet(encodePnet(model));
      const batch = classifier.classifyBatch(TEXTS);
      TEXTS.forEach((text, i) => {
        const values = projectTextReference(model.projection, model.input, text);
        const bits = values.map((value, k) => Number(value > model.thresholds[k]));
        const code = classifier.codes(text);
        assertEquals(bits.map((_, k) => code[k >> 3] >> (k & 7) & 1), bits);
        const found = classifier.classify(text);
        assertEquals([...found.logits], headReference(model.head, bits), text);
        assertEquals(found.label, model.labels[found.index]);
        assertEquals(batch[i], found);
        assertEquals(classifier.logits(text), found.logits);
      });
      assertEquals(classifier.classifyBatch(TEXTS, 2).length, 2);
    }
  }
});

Deno.test("loadPnet: answers whose probability is below the bound are rejected", () => {
  for (const rejection of [1, 128, 255]) {
    const classifier = loadPnet(encodePnet(makeTextModel({ rejection })));
    for (const answer of [...classifier.classifyBatch(TEXTS), classifier.classify("one")]) {
      assertEquals(answer.rejected, answer.probability < rejection / 256);
    }
  }
  assertEquals(loadPnet(encodePnet(makeTextModel())).classify("one").rejected, undefined);
});

Deno.test("loadPnet: what is no text is refused", () => {
  const classifier = loadPnet(encodePnet(makeTextModel()));
  const refused = (call: () => unknown, message: string): void => {
    assertStringIncludes(assertThrows(call, InputError).message, message);
  };
  refused(() => classifier.classify([1, 2]), "sample 0 is a object, wanted a string");
  refused(() => classifier.classify(null as unknown as string), "sample 0 is null");
  refused(() => classifier.codes([1]), "wanted a string");
  refused(() => classifier.logits(new Uint8Array(1)), "wanted a string");
  refused(() => classifier.classifyBatch("text" as unknown as string[]), "wanted an array of strings");
  refused(() => classifier.classifyBatch(["a", 2] as unknown as string[]), "sample 1 is a number");
  refused(() => classifier.classifyBatch(["a"], 2), "1 numbers for 2 samples");
  const numeric = loadPnet(encodePnet(makeModel()));
  assertThrows(() => numeric.classify("abcdef"), InputError);
});

Deno.test("loadPnet: models of numbers run as in the runtime without text, which refuses those of text", () => {
  const model = encodePnet(makeModel());
  assertEquals(loadPnet(model).classify([1, 2, 3, 4, 5, 6]), loadNumeric(model).classify([1, 2, 3, 4, 5, 6]));
  const text = encodePnet(makeTextModel());
  for (const load of [loadNumeric, loadPnetWasm]) {
    assertThrows(() => load(text), PnetFormatError, "text, wanted its runtime");
  }
});

Deno.test("decodePnet: models of texts round-trip, with few bytes for few weights", () => {
  for (const options of ENTRIES) {
    for (let fold = 0; fold < 16; fold++) {
      const model = makeTextModel({ ...options, fold, rejection: fold || undefined });
      assertEquals(decodePnet(encodePnet(model)), model);
    }
  }
  const sparse = makeTextModel({ bitsPerFunction: 1024 });
  sparse.head[0].weights.fill(0);
  const empty = encodePnet(sparse);
  assertEquals(decodePnet(empty), sparse);
  for (let i = 0; i < 100; i++) sparse.head[0].weights[i * 379] = i % 15 - 7 || 1;
  const few = encodePnet(sparse);
  assertEquals(decodePnet(few), sparse);
  assertEquals(few.length - empty.length < 250, true, `${few.length} − ${empty.length} bytes for 100 weights`);
});

Deno.test("inspectPnet: the parts of a model of texts", () => {
  const bytes = encodePnet(makeTextModel({ rejection: 64 }));
  const parts = inspectPnet(bytes);
  assertEquals(parts.reduce((sum, part) => sum + part.bytes, 0), bytes.length);
  const details = Object.fromEntries(parts.map(({ name, detail }) => [name, detail]));
  assertEquals(details.input, "text, form KC, lower case");
  assertStringIncludes(details.projection, "text, 18x3 bits, presence in 2, weights equal, seed ");
  assertStringIncludes(
    details.projection,
    ": words 1...2 in 5, skips 0...1 in 3, characters 2...3 in 6, across 4...4 in 2, openings 1...2 in 2",
  );
  const selected = inspectPnet(encodePnet(makeTextModel({ entries: "sign", selected: true })));
  assertStringIncludes(selected[2].detail, "text, 18x3 bits of a pool of 108, sign, weights equal");
  assertEquals(details.rejection, "answers of a probability below 25.0 %");
});

Deno.test("encodePnet: models of texts that the format cannot hold are refused", () => {
  const model = makeTextModel();
  const cases: [string, Partial<typeof model>][] = [
    ["wanted both text or none", { input: { kind: "table", features: 1, quantization: { rule: "none" } } as never }],
    ["thresholds of presence", { thresholds: model.thresholds.slice().fill(1) }],
    ["counts of the family text", { reads: "counts" as "bits" }],
    ["rejection is 0", { rejection: 0 }],
    ["rejection is 256", { rejection: 256 }],
    ["touches is 0", { projection: { ...model.projection, touches: 0 } }],
    ["selection of presence", { projection: makeTextModel({ selected: true }).projection }],
  ];
  for (const [message, change] of cases) {
    assertStringIncludes(
      assertThrows(() => encodePnet({ ...model, ...change }), PnetFormatError).message,
      message,
    );
  }
  const numeric = { ...makeModel(), rejection: 5 };
  assertThrows(() => encodePnet(numeric), PnetFormatError, "rejection is 5");
});
