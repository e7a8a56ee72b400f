/**
 * What all typed expressions have in common: the instructions that compute them.
 *
 * @module
 */
import { unsigned } from "./encoding.ts";

/** Instructions in pieces, which are put together when the whole function is encoded. */
export type Pieces = readonly (number | Pieces)[];

/** An expression; `local` is the number of the local variable when it is one. */
export abstract class Value {
  /** Makes the expression from the instructions that compute it. */
  constructor(readonly pieces: Pieces, readonly local?: number) {}
}

/** What makes expressions of one type, and that type's code in the binary format. */
export interface ValueClass<V extends Value> {
  /** Makes the expression from the instructions that compute it. */
  new (pieces: Pieces, local?: number): V;
  /** The type's code. */
  readonly code: number;
}

/** A SIMD instruction after those that compute its operands. */
export function simd(opcode: number, a: Value, b?: Value, c?: Value): Pieces {
  const instruction = [0xfd, ...unsigned(opcode)];
  if (b === undefined) return [a.pieces, instruction];
  return c === undefined ? [a.pieces, b.pieces, instruction] : [a.pieces, b.pieces, c.pieces, instruction];
}
