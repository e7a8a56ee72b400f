import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { hadamardPlan, prepareProjection, type ProjectionSpec } from "../../lib/projection/mod.ts";
import { projectReference, testNumbers } from "./reference.ts";
import { largestCosine, moments } from "./statistics.ts";
import { walshHadamard } from "../../lib/projection/hadamard.ts";

type Options = Partial<ProjectionSpec> & { bits?: number };

function project(x: ArrayLike<number>, { family = "hadamard", seed = 1, bits = 256 }: Options = {}): Int32Array {
  const spec = { family, seed, features: x.length, functions: bits, bitsPerFunction: 1 } as ProjectionSpec;
  const out = new Int32Array(bits);
  prepareProjection(spec).project(x, out);
  return out;
}

function bytes(length: number, next: () => number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}

/** The factor of each bit and each feature, found by projecting one feature at a time; exact while nothing is shifted. */
function matrix(features: number, bits: number): Int32Array[] {
  const projection = prepareProjection({ family: "hadamard", seed: 1, features, functions: bits, bitsPerFunction: 1 });
  const rows = Array.from({ length: bits }, () => new Int32Array(features));
  const x = new Uint8Array(features), out = new Int32Array(bits);
  for (let i = 0; i < features; i++) {
    x[i] = 1;
    projection.project(x, out);
    x[i] = 0;
    rows.forEach((row, k) => row[i] = out[k]);
  }
  return rows;
}

Deno.test("hadamardPlan: the power of two that holds the input, from 256 on", () => {
  const sizes = [1, 255, 256, 257, 784, 1024, 1025, 4194304].map((features) => hadamardPlan(features).size);
  assertEquals(sizes, [256, 256, 256, 512, 1024, 1024, 2048, 4194304]);
});

Deno.test("hadamardPlan: no number leaves 32 bits, and no shift is greater than it has to be", () => {
  for (let log = 8; log <= 22; log++) {
    const { shifts } = hadamardPlan(2 ** log);
    // Bounds of the norms after each round: rounding adds at most 1/2 to each of the N elements.
    const norms = (used: number[]): number[] => {
      let norm = 255 * 2 ** (log / 2);
      return used.map((shift) => norm = (norm / 2 ** shift + (shift > 0 ? 0.5 * 2 ** (log / 2) : 0)) * 2 ** (log / 2));
    };
    for (const norm of norms(shifts)) assertLess(norm, 2 ** 31 - 2 ** 11);
    for (const round of [1, 2]) {
      const less = shifts.map((shift, r) => r === round ? shift - 2 : shift);
      if (shifts[round] >= 2) assertLess(2 ** 31, norms(less)[round]);
    }
  }
});

Deno.test("hadamard: equals the product of matrices where numbers are shifted between the rounds", () => {
  const next = testNumbers(8);
  const shape = { family: "hadamard", seed: 5, features: 3000, functions: 3, bitsPerFunction: 7 } as const;
  const x = bytes(3000, next).fill(255, 0, 2000);
  const out = new Int32Array(21);
  prepareProjection(shape).project(x, out);
  assertEquals([...out], projectReference(shape, x));
});

Deno.test("hadamard: the longest input keeps its norm and gives normal values", () => {
  const x = bytes(4194304, testNumbers(1)).fill(255, 1000000, 2000000);
  const values = project(x, { bits: 100000 });
  const { shifts } = hadamardPlan(x.length);
  const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  const { mean, deviation } = moments(values);
  assertAlmostEquals(deviation / (norm * 2 ** (22 - shifts[1] - shifts[2])), 1, 0.02);
  assertLess(Math.abs(mean / deviation), 6 / Math.sqrt(values.length));
});

Deno.test("hadamard: rows are nearly normal and nearly orthogonal, within a block and between blocks", () => {
  const features = 200;
  const rows = matrix(features, 300);
  const entries = rows.flatMap((row) => [...row]);
  const { mean, deviation } = moments(entries);
  assertLess(Math.abs(mean / deviation), 6 / Math.sqrt(entries.length));
  // Three transforms of N = 256 make a unit vector's norm N^1.5, and each of the N entries √(N³ / N).
  assertAlmostEquals(deviation / 256, 1, 0.01);
  const kurtosis = moments(entries.map((value) => ((value - mean) / deviation) ** 2)).deviation ** 2 - 2;
  assertAlmostEquals(kurtosis, 0, 0.1);
  assertLess(largestCosine(rows), 6 / Math.sqrt(features));
  assertLess(largestCosine(matrix(256, 256)), 1e-9);
});

Deno.test("hadamard: values are nearly normal, for dense, sparse and constant inputs", () => {
  const next = testNumbers(3);
  const inputs = [
    bytes(784, next),
    bytes(784, next).map((value) => next() < 0.05 ? value : 0),
    new Uint8Array(784).fill(255),
    new Uint8Array(784).fill(1, 400, 401),
  ];
  for (const x of inputs) {
    const values = Array.from({ length: 20 }, (_, seed) => [...project(x, { seed, bits: 1024 })]).flat();
    const { mean, deviation } = moments(values);
    const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0)) * 1024;
    assertAlmostEquals(deviation / norm, 1, 0.02);
    assertLess(Math.abs(mean / deviation), 6 / Math.sqrt(values.length));
    const within = values.filter((value) => Math.abs(value - mean) < deviation).length / values.length;
    assertAlmostEquals(within, 0.6827, 0.02);
    assertEquals(values.some((value) => Math.abs(value - mean) > 3.3 * deviation), true);
  }
});

Deno.test("hadamard: no output is special; the first is no sum of the input", () => {
  const x = new Uint8Array(100).fill(200);
  const seeds = 400;
  const above = new Int32Array(256);
  const firsts: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const values = project(x, { seed });
    values.forEach((value, k) => above[k] += Number(value > 0));
    firsts.push(values[0]);
  }
  for (const count of above) assertLess(Math.abs(count - seeds / 2), 6 * Math.sqrt(seeds / 4));
  assertAlmostEquals(moments(firsts).deviation / (2000 * 256), 1, 0.15);
});

Deno.test("hadamard: bits keep angles at least as well as those of Gaussian projections", () => {
  const next = testNumbers(4);
  const a = bytes(100, next);
  for (const kept of [0.9, 0.5]) {
    const b = a.map((value) => next() < kept ? value : Math.floor(next() * 256));
    const dot = (u: Uint8Array, v: Uint8Array): number => u.reduce((sum, value, i) => sum + value * v[i], 0);
    const angle = Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) / Math.PI;
    const error = (family: "hadamard" | "gaussian"): number => {
      let squares = 0;
      for (let seed = 0; seed < 200; seed++) {
        const [p, q] = [a, b].map((x) => project(x, { family, seed }));
        const differing = p.filter((value, k) => value > 0 !== q[k] > 0).length / 256;
        squares += (differing - angle) ** 2;
      }
      return Math.sqrt(squares / 200);
    };
    assertLess(error("hadamard"), 1.1 * error("gaussian"));
  }
});

Deno.test("walshHadamard: equals the product with the matrix, for every length", () => {
  for (let length = 4; length <= 256; length *= 2) {
    const values = Float64Array.from({ length }, (_, i) => (i * 37) % 101 - 50);
    const wanted = Array.from({ length }, (_, i) =>
      values.reduce((sum, value, j) => {
        let ones = 0;
        for (let common = i & j; common > 0; common &= common - 1) ones++;
        return sum + (ones % 2 === 0 ? value : -value);
      }, 0));
    assertEquals([...walshHadamard(values, new Float64Array(length))], wanted);
  }
});

Deno.test("walshHadamard: done twice it multiplies by the length", () => {
  const values = Float64Array.from({ length: 1024 }, (_, i) => i);
  const scratch = new Float64Array(1024);
  const once = walshHadamard(values, scratch);
  const twice = walshHadamard(once, once === values ? scratch : values);
  assertEquals([...twice], Array.from({ length: 1024 }, (_, i) => 1024 * i));
});
