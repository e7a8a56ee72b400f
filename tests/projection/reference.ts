/**
 * An independent version of the projection families, written from FORMAT.md with BigInt arithmetic: slow, and nothing shared with the library but the
 * type of a specification.
 */
import type { ConvSpec, ProjectionSpec } from "../../lib/projection/mod.ts";

const MASK = 0xffffffffn;

export function mixReference(x: bigint): bigint {
  x &= MASK;
  x ^= x >> 16n;
  x = (x * 0x7feb352dn) & MASK;
  x ^= x >> 15n;
  x = (x * 0x846ca68bn) & MASK;
  return x ^ (x >> 16n);
}

export function hashReference(seed: number, row: number, column: number): bigint {
  const key = mixReference(mixReference(BigInt(seed) + 0x243f6a88n) + BigInt(row) * 0x9e3779b9n);
  return mixReference(mixReference(key + BigInt(column) * 0x9e3779b9n) ^ key);
}

/** The whole row of a projection as plain numbers. */
export function rowReference(spec: ProjectionSpec, row: number): number[] {
  row = spec.selection?.indices[row] ?? row;
  const entries: number[] = new Array(spec.features).fill(0);
  if (spec.family === "patch") {
    const { width, height, channels } = spec.image;
    const draw = (column: number, choices: number): number =>
      Number(hashReference(spec.seed, row, column) * BigInt(choices) / 0x100000000n);
    const across = spec.smallest + draw(0, Math.min(spec.largest, width) - spec.smallest + 1);
    const down = spec.smallest + draw(1, Math.min(spec.largest, height) - spec.smallest + 1);
    const left = draw(2, width - across + 1), top = draw(3, height - down + 1);
    for (let i = 0; i < across * down * channels; i++) {
      const x = left + Math.floor(i / channels) % across, y = top + Math.floor(i / channels / across);
      const word = hashReference(spec.seed, row, 4 + Math.floor(i / 32));
      entries[(y * width + x) * channels + i % channels] = (word >> BigInt(i % 32)) % 2n === 1n ? 1 : -1;
    }
    return entries;
  }
  if (spec.family === "taps") {
    for (let t = 0; t < spec.taps; t++) {
      const feature = Number((hashReference(spec.seed, row, 2 * t) * BigInt(spec.features)) / 0x100000000n);
      entries[feature] += hashReference(spec.seed, row, 2 * t + 1) % 2n === 0n ? 1 : -1;
    }
    return entries;
  }
  for (let i = 0; i < spec.features; i++) {
    if (spec.family === "sign") {
      const word = hashReference(spec.seed, row, Math.floor(i / 32));
      entries[i] = (word >> BigInt(i % 32)) % 2n === 1n ? 1 : -1;
    } else {
      const h = hashReference(spec.seed, row, i);
      const [b0, b1, b2, b3] = [0n, 8n, 16n, 24n].map((shift) => Number((h >> shift) & 255n));
      entries[i] = Math.trunc((b0 + b1 - b2 - b3) / 4);
    }
  }
  return entries;
}

/** +1 or −1: the entry of row i, column j of the Walsh–Hadamard matrix. */
function hadamardEntry(i: number, j: number): number {
  let common = i & j;
  for (let half = 16; half > 0; half >>= 1) common ^= common >> half;
  return 1 - 2 * (common & 1);
}

const matrices = new Map<number, Int8Array[]>();

function hadamardMatrix(size: number): Int8Array[] {
  const known = matrices.get(size);
  if (known !== undefined) return known;
  const rows = Array.from({ length: size }, (_, i) => Int8Array.from({ length: size }, (_, j) => hadamardEntry(i, j)));
  matrices.set(size, rows);
  return rows;
}

/** One block of the family hadamard, by matrix products. */
function hadamardBlock(spec: ProjectionSpec, x: ArrayLike<number>, block: number): number[] {
  let log = 8;
  while (2 ** log < spec.features) log++;
  const shift = Math.max(0, Math.ceil(3 * log / 2) - 22);
  const shifts = [0, shift, Math.max(0, 2 * log - 22 - shift)];
  const size = 2 ** log;
  const matrix = hadamardMatrix(size);
  let values = Array.from({ length: size }, (_, i) => i < spec.features ? x[i] : 0);
  for (let round = 0; round < 3; round++) {
    if (shifts[round] > 0) values = values.map((value) => Math.floor(value / 2 ** shifts[round] + 0.5));
    const words = Array.from({ length: size / 32 }, (_, word) => hashReference(spec.seed, 3 * block + round, word));
    values = values.map((value, i) => (words[i >> 5] >> BigInt(i & 31)) % 2n === 1n ? value : -value);
    values = matrix.map((row) => row.reduce((sum, entry, i) => sum + entry * values[i], 0));
  }
  return values;
}

/** The counts of the family conv, cell by cell and position by position. */
function convReference(spec: ConvSpec, x: ArrayLike<number>): number[] {
  const { image: { width, height, channels }, filter: side, stride, cell, cellStride } = spec;
  const across = Math.floor((width - side) / stride) + 1, down = Math.floor((height - side) / stride) + 1;
  const starts = (positions: number): number[] => {
    const found = [0];
    while (found[found.length - 1] + cell < positions) found.push(found[found.length - 1] + cellStride);
    return found;
  };
  const counts: number[] = [];
  for (let j = 0; j < spec.functions; j++) {
    const taps = rowReference(
      { family: "sign", seed: spec.seed, features: side * side * channels, functions: 1, bitsPerFunction: 1 },
      spec.selection?.indices[j] ?? j,
    );
    const responds = (u: number, v: number): boolean => {
      let sum = 0;
      taps.forEach((tap, t) => {
        const pixel = Math.floor(t / channels);
        const column = u * stride + pixel % side, row = v * stride + Math.floor(pixel / side);
        sum += tap * x[(row * width + column) * channels + t % channels];
      });
      return sum > spec.filterThresholds[j];
    };
    for (const top of starts(down)) {
      for (const left of starts(across)) {
        let count = 0;
        for (let v = top; v < Math.min(top + cell, down); v++) {
          for (let u = left; u < Math.min(left + cell, across); u++) count += Number(responds(u, v));
        }
        counts.push(count);
      }
    }
  }
  return counts;
}

/** The projected values of one input. */
export function projectReference(spec: ProjectionSpec, x: ArrayLike<number>): number[] {
  if (spec.family === "conv") return convReference(spec, x);
  if (spec.family === "hadamard") {
    const blocks = new Map<number, number[]>();
    const size = 2 ** Math.max(8, Math.ceil(Math.log2(spec.features)));
    return Array.from({ length: spec.functions * spec.bitsPerFunction }, (_, k) => {
      const row = spec.selection?.indices[k] ?? k;
      const block = Math.floor(row / size);
      if (!blocks.has(block)) blocks.set(block, hadamardBlock(spec, x, block));
      return blocks.get(block)![row % size];
    });
  }
  return Array.from(
    { length: spec.functions * spec.bitsPerFunction },
    (_, k) => rowReference(spec, k).reduce((sum, entry, i) => sum + entry * x[i], 0),
  );
}

/** A reproducible stream of test numbers in 0…1, unrelated to the library's hash (Park–Miller). */
export function testNumbers(seed: number): () => number {
  // A large factor, so that small seeds do not start with small numbers.
  let state = (seed + 1) * 742938285 % 2147483647;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}
