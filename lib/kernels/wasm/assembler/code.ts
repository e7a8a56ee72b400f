/**
 * The body of a WebAssembly function: local variables, assignments, stores, loops and calls, each added to the end by a method.
 *
 * @module
 */
import { unsigned } from "./encoding.ts";
import type { I16x8, I8x16 } from "./narrow.ts";
import { type I32, i32 } from "./scalar_values.ts";
import type { Pieces, Value, ValueClass } from "./value.ts";
import type { F32x4, F64x2, I32x4 } from "./vector_values.ts";

/** A function of the module that is being built, to be called. */
export interface FunctionReference {
  /** Its number. */
  readonly index: number;
}

/** A function type of the module that is being built, for calls through the table. */
export interface TypeReference {
  /** Its number. */
  readonly type: number;
}

const empty = 0x40;
const piecesOf = (value: Value | number): Pieces => typeof value === "number" ? i32(value).pieces : value.pieces;

/** Collects the statements of one function. */
export class Code {
  #pieces: (number | Pieces)[] = [];
  #locals: number[] = [];
  readonly #parameters: number;

  /** Starts a function with so many parameters. */
  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** A new local variable with the value of `initial`. */
  let<V extends Value>(initial: V): V {
    const type = initial.constructor as unknown as ValueClass<V>;
    const index = this.#parameters + this.#locals.length;
    this.#locals.push(type.code);
    const local = new type([0x20, unsigned(index)], index);
    this.set(local, initial);
    return local;
  }

  /** variable = value. */
  set<V extends Value>(variable: V, value: V): void {
    if (variable.local === undefined) throw new TypeError("only a local variable can be set");
    this.#pieces.push(value.pieces, 0x21, unsigned(variable.local));
  }

  /** variable += amount. */
  increase(variable: I32, amount: I32 | number): void {
    this.set(variable, variable.add(amount));
  }

  /** Writes the 16 bytes of a vector; the address need not be aligned. */
  store(address: I32, value: F32x4 | F64x2 | I32x4 | I16x8 | I8x16, offset = 0): void {
    this.#pieces.push(address.pieces, value.pieces, 0xfd, 11, 2, unsigned(offset));
  }

  /** Writes an integer. */
  storeI32(address: I32, value: I32, offset = 0): void {
    this.#pieces.push(address.pieces, value.pieces, 0x36, 0, unsigned(offset));
  }

  /** Writes the lower 16 bits of an integer. */
  storeI16(address: I32, value: I32, offset = 0): void {
    this.#pieces.push(address.pieces, value.pieces, 0x3b, 0, unsigned(offset));
  }

  /** Writes the lower 8 bits of an integer. */
  storeI8(address: I32, value: I32, offset = 0): void {
    this.#pieces.push(address.pieces, value.pieces, 0x3a, 0, unsigned(offset));
  }

  /** Writes one of four floats. */
  storeLane(address: I32, value: F32x4, { lane = 0, offset = 0 } = {}): void {
    this.#pieces.push(address.pieces, value.pieces, 0xfd, 90, 2, unsigned(offset), lane);
  }

  /** Does `body` when the condition is not 0, else `otherwise`. */
  if(condition: I32, body: () => void, otherwise?: () => void): void {
    this.#pieces.push(condition.pieces, 0x04, empty);
    body();
    if (otherwise !== undefined) {
      this.#pieces.push(0x05);
      otherwise();
    }
    this.#pieces.push(0x0b);
  }

  /** Repeats `body` as long as the condition is not 0 before it. */
  while(condition: I32, body: () => void): void {
    this.if(condition, () => {
      this.#pieces.push(0x03, empty);
      body();
      this.#pieces.push(condition.pieces, 0x0d, 0, 0x0b);
    });
  }

  /** Counts a new variable from `start` up to below `end` in steps of `step`; `end` is computed again each time. */
  for(start: I32 | number, end: I32, step: I32 | number, body: (index: I32) => void): void {
    const index = this.let(typeof start === "number" ? i32(start) : start.add(0));
    this.while(index.below(end), () => {
      body(index);
      this.increase(index, step);
    });
  }

  /** Calls a function; numbers are integer constants. */
  call(callee: FunctionReference, ...values: (Value | number)[]): void {
    this.#pieces.push(...values.flatMap(piecesOf), 0x10, unsigned(callee.index));
  }

  /** Calls the function of the given type that stands in the table at `entry`. */
  callIndirect({ type }: TypeReference, entry: I32, ...values: (Value | number)[]): void {
    this.#pieces.push(...values.flatMap(piecesOf), entry.pieces, 0x11, unsigned(type), 0);
  }

  /** The function's code entry: its size, its local variables and its instructions. */
  encode(): number[] {
    const body = unsigned(this.#locals.length);
    for (const type of this.#locals) body.push(1, type);
    join(this.#pieces, body);
    body.push(0x0b);
    return unsigned(body.length).concat(body);
  }
}

function join(pieces: Pieces, bytes: number[]): void {
  for (const piece of pieces) {
    if (typeof piece === "number") bytes.push(piece);
    else join(piece, bytes);
  }
}
