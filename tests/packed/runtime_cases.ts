/** What every runtime has to do: the tests of the plain one and of the WebAssembly one. */
import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Classifier, encodePnet, InputError, type PnetModel } from "../../lib/packed/mod.ts";
import { testNumbers } from "../projection/reference.ts";
import { classifyReference, FAMILIES, HEADS, INPUTS, makeModel, makeSample, suits } from "./models.ts";

type Load = (bytes: Uint8Array) => Classifier;

function assertAgrees(load: Load, model: PnetModel, samples: number[][]): void {
  const classifier = load(encodePnet(model));
  const batch = classifier.classifyBatch(samples.flat());
  assertEquals(batch.length, samples.length);
  samples.forEach((sample, s) => {
    const wanted = classifyReference(model, sample);
    const found = classifier.classify(sample);
    const bits = Array.from(
      { length: classifier.bits },
      (_, k) => (classifier.codes(sample)[k >> 3] >> (k & 7)) & 1,
    );
    assertEquals(bits, wanted.bits);
    assertEquals([...found.logits], wanted.logits);
    assertEquals(found.index, wanted.index);
    assertEquals(found.label, model.labels[wanted.index]);
    found.probabilities.forEach((p, j) => assertAlmostEquals(p, wanted.probabilities[j], 1e-6));
    assertEquals(found.probability, found.probabilities[found.index]);
    assertEquals(batch[s], found);
    assertEquals(classifier.logits(sample), found.logits);
  });
}

/** Defines the tests of a runtime. */
export function testRuntime(name: string, load: Load): void {
  Deno.test(`${name}: every family, head and kind of input equals an independent version to the last bit`, () => {
    let seed = 0;
    for (const projection of FAMILIES) {
      for (const head of HEADS.filter((head) => suits(projection, head))) {
        // Every input with every family, and with every head of one layer.
        for (const input of head.length === 1 ? INPUTS : [INPUTS[seed % INPUTS.length]]) {
          const model = makeModel({ projection, head, input, width: seed % 3 * 5, seed: ++seed });
          const next = testNumbers(seed);
          assertAgrees(load, model, Array.from({ length: 4 }, () => makeSample(model, next)));
        }
      }
    }
  });

  Deno.test(`${name}: larger heads and codes, number of bits no multiple of 8`, () => {
    const next = testNumbers(99);
    const labels = Array.from({ length: 11 }, (_, i) => `class ${i}`);
    const input = { kind: "image", width: 9, height: 7, channels: 1 } as const;
    HEADS.forEach((head, i) => {
      const families = FAMILIES.filter((projection) => suits(projection, head, { wide: true }));
      for (const projection of head.length === 1 ? families : [families[i % families.length]]) {
        const model = makeModel({
          projection,
          head,
          input,
          labels,
          hidden: 13,
          functions: 19,
          bitsPerFunction: 7,
          width: 9,
        });
        assertAgrees(load, model, [
          new Array(63).fill(0),
          new Array(63).fill(255),
          makeSample(model, next),
          makeSample(model, next),
        ]);
      }
    });
  });

  Deno.test(`${name}: one feature, one bit, one label`, () => {
    const input = { kind: "table", features: 1, quantization: { rule: "none" } } as const;
    for (const head of HEADS) {
      const model = makeModel({ input, head, functions: 1, bitsPerFunction: 1, labels: ["only"], hidden: 1 });
      assertAgrees(load, model, [[0], [1], [255]]);
    }
  });

  Deno.test(`${name}: says what the model is`, () => {
    const model = makeModel({ labels: ["x", "y", "z"] });
    const bytes = encodePnet(model);
    const classifier = load(bytes);
    assertEquals(classifier.input, model.input);
    assertEquals(classifier.labels, ["x", "y", "z"]);
    assertEquals([classifier.bits, classifier.modelBytes], [9, bytes.length]);
  });

  Deno.test(`${name}: classify: ties go to the lowest index`, () => {
    const model = makeModel({ head: ["int8"] });
    model.head[0].weights.fill(0);
    model.head[0].bias.set([1, 5, 5]);
    assertEquals(load(encodePnet(model)).classify([1, 2, 3, 4, 5, 6]).index, 1);
  });

  Deno.test(`${name}: classify: the largest numbers of the format give finite logits and probabilities`, () => {
    for (const head of HEADS) {
      const model = makeModel({ head });
      for (const layer of model.head) {
        layer.weights.fill({ float: 2 ** 32, int8: 127, int4: 7, ternary: 1, binary: 1 }[layer.precision]);
        layer.scales.fill(2 ** 32);
        layer.bias.fill(2 ** 32);
      }
      const { logits, probabilities } = load(encodePnet(model)).classify([255, 255, 255, 255, 255, 255]);
      assertEquals([...logits, ...probabilities].every(Number.isFinite), true);
    }
  });

  Deno.test(`${name}: classify: what is returned is not overwritten by the next call`, () => {
    const model = makeModel({ head: ["float"] });
    const classifier = load(encodePnet(model));
    const first = classifier.classify([1, 2, 3, 4, 5, 6]);
    const code = classifier.codes([1, 2, 3, 4, 5, 6]);
    const copy = structuredClone(first), codeCopy = code.slice();
    classifier.classify([255, 0, 255, 0, 255, 0]);
    classifier.codes([255, 0, 255, 0, 255, 0]);
    assertEquals(first, copy);
    assertEquals(code, codeCopy);
  });

  Deno.test(`${name}: classify: typed arrays, arrays and quantised copies of a sample agree`, () => {
    const classifier = load(encodePnet(makeModel()));
    const sample = [0, 7, 255, 128, 3, 90];
    const wanted = classifier.classify(sample);
    for (const same of [Uint8Array.from(sample), Float32Array.from(sample), Float64Array.from(sample)]) {
      assertEquals(classifier.classify(same), wanted);
    }
  });

  Deno.test(`${name}: classifyBatch: none, the first few, all`, () => {
    const classifier = load(encodePnet(makeModel()));
    const samples = Array.from({ length: 18 }, (_, i) => i * 14);
    assertEquals(classifier.classifyBatch([]), []);
    assertEquals(classifier.classifyBatch(samples, 0), []);
    const all = classifier.classifyBatch(samples);
    assertEquals(all.length, 3);
    assertEquals(classifier.classifyBatch(samples, 2), all.slice(0, 2));
  });

  Deno.test(`${name}: classify: wrong lengths are InputErrors`, () => {
    const classifier = load(encodePnet(makeModel()));
    for (const length of [0, 1, 5, 7, 12]) {
      const sample = new Uint8Array(length);
      for (const call of [classifier.classify, classifier.codes, classifier.logits]) {
        const error = assertThrows(() => call(sample), InputError);
        assertStringIncludes(error.message, `${length} numbers`);
        assertEquals([error.sample, error.feature], [undefined, undefined]);
      }
    }
    assertThrows(() => classifier.classifyBatch(new Uint8Array(13)), InputError, "13 numbers");
    for (const count of [3, -1, 0.5, NaN]) {
      assertThrows(() => classifier.classifyBatch(new Uint8Array(12), count), InputError, `for ${count} samples`);
    }
  });

  Deno.test(`${name}: classify: features that the model cannot mean are InputErrors that say where`, () => {
    for (const input of INPUTS) {
      const classifier = load(encodePnet(makeModel({ input })));
      const bad: unknown[] = [NaN, Infinity, -Infinity, "3", null, undefined, true, {}];
      if (input.kind === "image") bad.push(-1, 256, 0.5, 1e10);
      for (const value of bad) {
        const sample = [1, 2, 3, value, 5, 6] as number[];
        const error = assertThrows(() => classifier.classify(sample), InputError);
        assertEquals([error.sample, error.feature], [0, 3]);
        const later = assertThrows(() => classifier.classifyBatch([1, 2, 3, 4, 5, 6, ...sample]), InputError);
        assertEquals([later.sample, later.feature], [1, 3]);
        assertStringIncludes(later.message, "feature 3 of sample 1");
      }
      assertEquals(classifier.classify([1, 2, 3, 4, 5, 6]).logits.length, 3);
    }
  });
}
