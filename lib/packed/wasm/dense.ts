/**
 * Matrices of small integers times bytes in WebAssembly.
 *
 * The matrix stands column by column, two columns interleaved, and instructions multiply and add two features at once. Pairs of zero features are left out;
 * most pixels are black. Where the platform can ({@linkcode hasUnsignedDots}) and the entries are small, sums are kept in 16 bits, eight to a vector, and emptied
 * before they can overflow; else in 32 bits.
 *
 * @module
 */

import {
  type Code,
  type FunctionReference,
  I16x8,
  I32,
  i32,
  type I32x4,
  i32x4,
  I8x16,
  type ModuleBuilder,
} from "../../kernels/wasm/assembler/mod.ts";
import { type CodeArea, cut, GROUP } from "./code_area.ts";
import type { Layout } from "./layout.ts";

/** Bits that are computed at once: as many as eight registers hold 16-bit sums for. */
export const DENSE_GROUP = 64;

/** A matrix that is multiplied with samples. */
export interface DenseMatrix {
  /** Number of rows. */
  readonly bits: number;
  /** Number of columns. */
  readonly features: number;
  /** Writes one row. */
  row(k: number, out: Int8Array): void;
}

/** Options of {@linkcode defineDense}. */
export interface DenseOptions {
  /** Where the code goes, with room for multiples of {@linkcode DENSE_GROUP} bits. */
  area: CodeArea;
  /** Whether 16-bit sums may be used. */
  unsignedDots: boolean;
}

/**
 * Adds the function that turns a sample of bytes, with a zero after an odd number of them, into its code.
 *
 * @param module gets the function: (address of the sample)
 * @param layout gets the matrix
 * @param matrix the matrix
 * @param options where the code goes, and how
 * @returns the function
 */
export function defineDense(
  module: ModuleBuilder,
  layout: Layout,
  matrix: DenseMatrix,
  { area, unsignedDots }: DenseOptions,
): FunctionReference {
  const { columns, stride, pairs, exactPairs } = placeColumns(layout, matrix);
  const narrow = unsignedDots && exactPairs > 0;
  // For each pair that is not zero its columns' address and its two values.
  const terms = layout.reserve(8 * pairs + 8);

  return module.function({ sample: I32 }, (code, { sample }) => {
    const end = code.let(i32(0)), column = code.let(i32(columns));
    code.for(sample, code.let(sample.add(2 * pairs)), 2, (at) => {
      addTerm(code, { at, column, terms, end, narrow });
      code.increase(column, stride);
    });
    const group = narrow ? DENSE_GROUP : DENSE_GROUP / 2;
    code.for(0, i32(matrix.bits), group, (first) => {
      const place = { terms, end, offset: code.let(first.shiftLeft(1)) };
      const sums = narrow ? narrowSums(code, place, exactPairs) : wideSums(code, place);
      for (let i = 0; i < group; i += GROUP) cut(code, area, code.let(first.add(i)), sums.slice(i / 4, i / 4 + 4));
    });
  });
}

interface Columns {
  /** Address. */
  columns: number;
  /** Bytes in a pair of columns. */
  stride: number;
  pairs: number;
  /** So many pairs times bytes add up within 16 bits, whichever they are. */
  exactPairs: number;
}

function placeColumns(layout: Layout, { bits, features, row }: DenseMatrix): Columns {
  const pairs = Math.ceil(features / 2);
  const stride = 2 * DENSE_GROUP * Math.ceil(bits / DENSE_GROUP);
  const table = new Int8Array(pairs * stride);
  const entries = new Int8Array(features);
  let largest = 1, largestSum = 0;
  for (let k = 0; k < bits; k++) {
    row(k, entries);
    let sum = 0;
    for (let i = 0; i < features; i++) {
      const size = Math.abs(entries[i]);
      table[(i >> 1) * stride + 2 * k + (i & 1)] = entries[i];
      largest = Math.max(largest, size);
      sum += size;
    }
    largestSum = Math.max(largestSum, sum);
  }
  // 128 * 255 is below 2^15.
  const exactPairs = largestSum <= 128 ? pairs : Math.floor(64 / largest);
  return { columns: layout.place(table), stride, pairs, exactPairs };
}

/** A list of terms, and which rows are computed. */
export interface Place {
  /** Address of the list of terms. */
  terms: number;
  /** Its length in bytes. */
  end: I32;
  /** Where the group's rows start in a pair of columns. */
  offset: I32;
}

/**
 * Adds the statements that put two bytes, unless both are zero, and the address of their columns on the list of terms.
 *
 * @param code the function
 * @param term addresses of the bytes, the columns and the list, its length so far, and whether narrow sums will be made
 */
export function addTerm(
  code: Code,
  { at, column, terms, end, narrow }: Omit<Place, "offset"> & { at: I32; column: I32; narrow: boolean },
): void {
  const two = code.let(at.loadU16());
  code.storeI32(end, column, terms);
  code.storeI32(end, narrow ? two.multiply(0x10001) : two.and(255).add(two.shiftRight(8).shiftLeft(16)), terms + 4);
  code.increase(end, two.above(0).shiftLeft(3));
}

/**
 * Adds the statements that sum half of {@linkcode DENSE_GROUP} rows in 32 bits.
 *
 * @param code the function
 * @param place the terms and the rows
 * @returns the sums, four rows each
 */
export function wideSums(code: Code, { terms, end, offset }: Place): I32x4[] {
  const sums = Array.from({ length: DENSE_GROUP / 8 }, () => code.let(i32x4(0, 0, 0, 0)));
  code.for(0, end, 8, (term) => {
    const entries = code.let(term.loadI32(terms).add(offset));
    const two = code.let(term.loadI32(terms + 4).splat());
    sums.forEach((sum, i) => code.set(sum, sum.add(I16x8.loadS8(entries, 8 * i).dot(two))));
  });
  return sums;
}

/**
 * Adds the statements that sum {@linkcode DENSE_GROUP} rows in 16 bits, emptied into 32 bits after every `exactPairs` terms.
 *
 * @param code the function
 * @param place the terms and the rows
 * @param exactPairs so many terms add up within 16 bits
 * @returns the sums, four rows each
 */
export function narrowSums(code: Code, { terms, end, offset }: Place, exactPairs: number): I32x4[] {
  const totals = Array.from({ length: DENSE_GROUP / 4 }, () => code.let(i32x4(0, 0, 0, 0)));
  code.for(0, end, 8 * exactPairs, (start) => {
    const sums = Array.from({ length: DENSE_GROUP / 8 }, () => code.let(I16x8.zero()));
    code.for(start, code.let(start.add(8 * exactPairs).minimum(end)), 8, (term) => {
      const entries = code.let(term.loadI32(terms).add(offset));
      const two = code.let(I8x16.of(term.splatF32(terms + 4)));
      sums.forEach((sum, i) => code.set(sum, sum.add(I8x16.load(entries, 16 * i).relaxedDot(two))));
    });
    sums.forEach((sum, i) => {
      code.set(totals[2 * i], totals[2 * i].add(sum.low()));
      code.set(totals[2 * i + 1], totals[2 * i + 1].add(sum.high()));
    });
  });
  return totals;
}
