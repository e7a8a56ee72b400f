/**
 * A WebAssembly module and the bodies of its functions: local variables, assignments, stores, loops and calls, each added to the end by a method.
 *
 * @module
 */
import { concatenate, list, section, signed, text, unsigned } from "./encoding.ts";
import type { I16x8, I8x16 } from "./narrow.ts";
import { type F32x4, type F64x2, I32, i32, type I32x4, type Pieces, type Value, type ValueClass } from "./values.ts";

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

/** The types of a function's parameters by name. */
export type Parameters = Readonly<Record<string, ValueClass<Value>>>;

/** A function's parameters as expressions. */
export type Arguments<P extends Parameters> = { readonly [K in keyof P]: InstanceType<P[K]> };

/** What a module imports, all from the module name `env`. */
export interface Imports {
  /** Whether the memory, `memory`, is shared between threads. */
  readonly sharedMemory: boolean;
  /** Constants that differ from instance to instance, 32-bit integers. */
  readonly globals: readonly string[];
}

const functionType = 0x60, functionReference = 0x70, largestMemory = 65_536;

/** Collects the functions of one module. */
export class ModuleBuilder {
  readonly #imports: Imports;
  readonly #types: number[][] = [];
  readonly #functions: { readonly type: number; readonly code: number[]; readonly name?: string }[] = [];
  readonly #table: number[] = [];

  /** Starts a module that imports the memory and the given globals. */
  constructor(imports: Imports) {
    this.#imports = imports;
  }

  /** The value of an imported global. */
  global(name: string): I32 {
    const index = this.#imports.globals.indexOf(name);
    if (index < 0) throw new RangeError(`the module imports no global "${name}"`);
    return new I32([0x23, ...unsigned(index)]);
  }

  /** Adds a function without a result; it is exported when it has a name. */
  function<P extends Parameters>(
    parameters: P,
    body: (code: Code, values: Arguments<P>) => void,
    name?: string,
  ): FunctionReference & TypeReference {
    const classes = Object.entries(parameters);
    const values = Object.fromEntries(
      classes.map(([key, type], index) => [key, new type([0x20, ...unsigned(index)], index)]),
    );
    const code = new Code(classes.length);
    body(code, values as Arguments<P>);
    const type = this.#type(classes.map(([, type]) => type.code));
    this.#functions.push({ type, code: code.encode(), name });
    return { index: this.#functions.length - 1, type };
  }

  /** Puts functions into the table, one after the other, for calls by number; gives the first one's number. */
  table(functions: readonly FunctionReference[]): number {
    return this.#table.push(...functions.map(({ index }) => index)) - functions.length;
  }

  /** The module's bytes. */
  encode(): Uint8Array<ArrayBuffer> {
    const { sharedMemory, globals } = this.#imports;
    const imports = [
      [...text("env"), ...text("memory"), 2, sharedMemory ? 3 : 1, ...unsigned(1), ...unsigned(largestMemory)],
      ...globals.map((name) => [...text("env"), ...text(name), 3, I32.code, 0]),
    ];
    const exports = this.#functions.flatMap(({ name }, index) =>
      name === undefined ? [] : [[...text(name), 0, ...unsigned(index)]]
    );
    const tables = this.#table.length === 0 ? [] : [[functionReference, 0, ...unsigned(this.#table.length)]];
    const elements = this.#table.length === 0
      ? []
      : [[0, 0x41, ...signed(0), 0x0b, ...list(this.#table.map((index) => unsigned(index)))]];
    return concatenate([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, this.#types),
      ...section(2, imports),
      ...section(3, this.#functions.map(({ type }) => unsigned(type))),
      ...section(4, tables),
      ...section(7, exports),
      ...section(9, elements),
      ...section(10, this.#functions.map(({ code }) => code)),
    ]);
  }

  #type(codes: readonly number[]): number {
    const type = [functionType, ...list(codes.map((code) => [code])), 0];
    const known = this.#types.findIndex((other) => other.join() === type.join());
    return known >= 0 ? known : this.#types.push(type) - 1;
  }
}
