/**
 * A WebAssembly module put together function by function, and encoded as the bytes that an engine compiles. Its memory is imported.
 *
 * @module
 */
import { Code, type FunctionReference, type TypeReference } from "./code.ts";
import { concatenate, list, section, signed, text, unsigned } from "./encoding.ts";
import { I32 } from "./scalar_values.ts";
import type { Value, ValueClass } from "./value.ts";

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
