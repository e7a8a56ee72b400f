/**
 * An independent version of the projection families, written from FORMAT.md with BigInt arithmetic: slow, and nothing shared with the library but the
 * type of a specification.
 */
import type { ProjectionSpec } from "../../lib/projection/mod.ts";

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
  const entries: number[] = new Array(spec.features).fill(0);
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

/** The projected values of one input. */
export function projectReference(spec: ProjectionSpec, x: ArrayLike<number>): number[] {
  if (spec.family === "hadamard") {
    const bits = spec.functions * spec.bitsPerFunction;
    const values: number[] = [];
    for (let block = 0; values.length < bits; block++) values.push(...hadamardBlock(spec, x, block));
    return values.slice(0, bits);
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
