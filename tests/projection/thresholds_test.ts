import { assertEquals, assertThrows } from "@std/assert";
import { compactThresholds, fitThresholds, packBits, prepareProjection, unpackBits } from "../../lib/projection/mod.ts";
import { spreadQuantile } from "../../lib/projection/thresholds.ts";
import { testNumbers } from "./reference.ts";

Deno.test("fitThresholds: zero, mean and median of small columns", () => {
  // Columns: 1 2 9 4, then −5 −5 0 3.
  const projected = Int32Array.of(1, -5, 2, -5, 9, 0, 4, 3);
  assertEquals([...fitThresholds("zero", projected, { bits: 2 })], [0, 0]);
  assertEquals([...fitThresholds("mean", projected, { bits: 2 })], [4, -2]);
  assertEquals([...fitThresholds("median", projected, { bits: 2 })], [2, -5]);
  assertEquals([...fitThresholds("median", Int32Array.of(7, -8), { bits: 2 })], [7, -8]);
});

Deno.test("fitThresholds: the mean cuts where the projection of the mean input cuts", () => {
  const next = testNumbers(4);
  const features = 20, samples = 31;
  const projection = prepareProjection({ family: "gaussian", seed: 1, features, functions: 4, bitsPerFunction: 4 });
  const projected = new Int32Array(samples * 16);
  const mean = new Float64Array(features);
  for (let s = 0; s < samples; s++) {
    const x = Uint8Array.from({ length: features }, () => Math.floor(next() * 256));
    x.forEach((value, i) => mean[i] += value / samples);
    projection.project(x, projected.subarray(s * 16, (s + 1) * 16));
  }
  const thresholds = fitThresholds("mean", projected, { bits: 16, width: 32 });
  const row = new Int8Array(features);
  for (let k = 0; k < 16; k++) {
    projection.row?.(k, row);
    const exact = row.reduce((sum, entry, i) => sum + entry * mean[i], 0);
    for (let s = 0; s < samples; s++) {
      const value = projected[s * 16 + k];
      if (Math.abs(value - exact) > 1e-6) assertEquals(value > thresholds[k], value > exact);
    }
  }
});

Deno.test("fitThresholds: the median sets at most half of the bits, within one threshold step", () => {
  const next = testNumbers(6);
  const samples = 501, bits = 5;
  const projected = Int32Array.from({ length: samples * bits }, () => Math.floor((next() - 0.3) * 100000));
  const thresholds = fitThresholds("median", projected, { bits, width: 32 });
  for (let k = 0; k < bits; k++) {
    let above = 0;
    for (let s = 0; s < samples; s++) if (projected[s * bits + k] > thresholds[k]) above++;
    assertEquals(above, 250);
  }
  const rounded = fitThresholds("median", projected, { bits });
  for (let k = 0; k < bits; k++) assertEquals(Math.abs(rounded[k] - thresholds[k]) <= 512, true);
});

Deno.test("fitThresholds: spread cuts the bits at quantiles that fill 0.1 to 0.9 evenly, by the numbers of their rows", () => {
  const samples = 1009, bits = 64;
  const projected = Int32Array.from({ length: samples * bits }, (_, i) => Math.floor(i / bits) * 7 % samples);
  const cut = (numbers?: number[]): number[] =>
    [...fitThresholds("spread", projected, { bits, width: 32, numbers })].map((value) => value / 1008);
  const own = cut();
  own.forEach((quantile, k) => assertEquals(Math.abs(quantile - spreadQuantile(k)) <= 0.001, true));
  const sorted = own.toSorted((a, b) => a - b);
  sorted.forEach((quantile, i) => assertEquals(Math.abs(quantile - (0.1 + 0.8 * (i + 0.5) / bits)) < 0.02, true));
  const numbers = Array.from({ length: bits }, (_, k) => 1000 - k);
  assertEquals(cut(numbers), numbers.map((number) => Math.floor(1008 * spreadQuantile(number)) / 1008));
});

Deno.test("spreadQuantile: fills the interval that is asked for", () => {
  const sorted = Array.from({ length: 50 }, (_, k) => spreadQuantile(k, [0.5, 0.9])).toSorted((a, b) => a - b);
  sorted.forEach((quantile, i) => assertEquals(Math.abs(quantile - (0.5 + 0.4 * (i + 0.5) / 50)) < 0.02, true));
  assertEquals(spreadQuantile(7, [0.3, 0.3]), 0.3);
});

Deno.test("fitThresholds: refuses no samples and broken rows", () => {
  assertThrows(() => fitThresholds("mean", new Int32Array(0), { bits: 3 }), RangeError, "0 projected values");
  assertThrows(() => fitThresholds("mean", new Int32Array(4), { bits: 3 }), RangeError, "multiple of 3");
  assertThrows(() => fitThresholds("mean", new Int32Array(4), { bits: 0 }), RangeError);
});

Deno.test("compactThresholds: leaves alone what fits, and is stable", () => {
  const fits = Int32Array.of(-128, 127, 0, 5);
  assertEquals(compactThresholds(fits), fits);
  assertEquals(compactThresholds(new Int32Array(3)), new Int32Array(3));
  assertEquals(compactThresholds(new Int32Array(0)), new Int32Array(0));
  assertEquals([...compactThresholds(Int32Array.of(128, 3, -3))], [128, 4, -2]);
  assertEquals([...compactThresholds(Int32Array.of(255, -256))], [254, -256]);
});

Deno.test("compactThresholds: every width and the whole range of 32 bits", () => {
  const next = testNumbers(7);
  for (let width = 1; width <= 32; width++) {
    for (let round = 0; round < 30; round++) {
      const size = 2 ** Math.floor(next() * 32);
      const values = Int32Array.from({ length: 9 }, () => Math.floor((next() - 0.5) * 2 * size));
      if (round === 0) values.set([-2147483648, 2147483647]);
      const result = compactThresholds(values, width);
      let union = 0;
      for (const value of result) union |= value;
      const unit = union === 0 ? 1 : (union & -union) >>> 0;
      const step = 2 **
        Math.max(0, Math.ceil(Math.log2(Math.max(...values.map((v) => v < 0 ? ~v : v)) + 1)) - width + 1);
      result.forEach((value, k) => {
        const q = value / unit;
        assertEquals(q >= -(2 ** (width - 1)) && q < 2 ** (width - 1), true, `${value} in ${width} bits`);
        assertEquals(Math.abs(value - values[k]) <= step, true, `${values[k]} became ${value} with ${width} bits`);
      });
      assertEquals(compactThresholds(result, width), result);
    }
  }
});

Deno.test("compactThresholds: refuses a width that is none", () => {
  for (const width of [0, 33, 1.5, NaN]) {
    assertThrows(() => compactThresholds(new Int32Array(1), width), RangeError, "width");
  }
});

Deno.test("fitThresholds: a rule that is none is refused", () => {
  assertThrows(() => fitThresholds("medain" as "median", Int32Array.of(1, 2), { bits: 1 }), RangeError, "medain");
});

Deno.test("packBits: lowest bit first, strictly above the threshold", () => {
  const out = new Uint8Array(2).fill(255);
  packBits(Int32Array.of(1, 0, -1, 5, 5, 5, 0, 9, 7), Int32Array.of(0, 0, 0, 4, 5, 6, -1, 8, 6), out);
  assertEquals([...out], [0b11001001, 0b1]);
});

Deno.test("packBits: the whole range of 32 bits compares rightly", () => {
  const low = -2147483648, high = 2147483647;
  const out = new Uint8Array(1);
  packBits(Int32Array.of(low, high, low, high), Int32Array.of(high, low, low, high), out);
  assertEquals(out[0], 0b0010);
});

Deno.test("packBits and unpackBits: equal a naive version at every length", () => {
  const next = testNumbers(8);
  for (let bits = 0; bits <= 40; bits++) {
    const values = Int32Array.from({ length: bits }, () => Math.floor(next() * 11) - 5);
    const thresholds = Int32Array.from({ length: bits }, () => Math.floor(next() * 5) - 2);
    const packed = new Uint8Array(Math.ceil(bits / 8)), unpacked = new Uint8Array(bits).fill(9);
    packBits(values, thresholds, packed);
    unpackBits(packed, unpacked);
    assertEquals([...unpacked], Array.from(values, (value, k) => value > thresholds[k] ? 1 : 0));
    if (bits % 8) assertEquals(packed[packed.length - 1] >> (bits % 8), 0);
  }
});

Deno.test("packBits and unpackBits: refuse lengths that disagree", () => {
  assertThrows(() => packBits(new Int32Array(9), new Int32Array(8), new Uint8Array(2)), RangeError, "9 values, 8 thr");
  assertThrows(() => packBits(new Int32Array(9), new Int32Array(9), new Uint8Array(1)), RangeError, "1 bytes");
  assertThrows(() => unpackBits(new Uint8Array(1), new Uint8Array(9)), RangeError, "1 bytes for 9 bits");
});
