/**
 * The arrays of one kernel call as addresses in the arena. An array that lives elsewhere is copied there, and back when the kernel writes it.
 *
 * @module
 */
import { arenaAddress, Region, ShapeError } from "../memory.ts";

type Values = Float32Array | Int32Array | Uint8Array;

/** The operands of the next kernel call. */
export class Operands {
  readonly #copies = new Region();
  readonly #results: { readonly copy: Values; readonly view: Values }[] = [];
  #used = false;

  /** The address of the first `length` values of an array that the kernel reads. */
  input(view: Values, length: number): number {
    const address = this.#check(view, length);
    return address >= 0 ? address : this.#copy(view, length).byteOffset;
  }

  /** As {@linkcode Operands.input}, for an array that the kernel writes, and may read. */
  output(view: Values, length: number): number {
    const address = this.#check(view, length);
    if (address >= 0) return address;
    const copy = this.#copy(view, length);
    this.#results.push({ copy, view });
    return copy.byteOffset;
  }

  /** Room for `length` partial sums of the next call, which are valid until the operands of the one after it. */
  partialSums(length: number): Float64Array {
    this.#used = true;
    const { buffer, byteOffset } = this.#copies.uint8(8 * length);
    return new Float64Array(buffer, byteOffset, length);
  }

  /** The addresses of rows of `bytes` bytes and of their numbers. Of rows outside the arena only the wanted ones are copied. */
  rows(source: Uint8Array, rows: Uint32Array, bytes: number): { source: number; numbers: number } {
    this.#used = true;
    const numbers = this.#copies.int32(rows.length);
    const address = arenaAddress(source), count = Math.floor(source.length / Math.max(bytes, 1));
    const copy = address >= 0 ? undefined : this.#copies.uint8(rows.length * bytes);
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index];
      if (row >= count) this.#refuse(`row ${row} was to be gathered from an array of ${count} rows`);
      copy?.set(source.subarray(row * bytes, (row + 1) * bytes), index * bytes);
      numbers[index] = copy === undefined ? row : index;
    }
    return { source: copy?.byteOffset ?? address, numbers: numbers.byteOffset };
  }

  /** Writes the results back after the call, and forgets the operands. */
  finish(): void {
    if (!this.#used) return;
    for (const { copy, view } of this.#results) view.set(copy);
    this.forget();
  }

  /** The array's address in the arena or -1. A kernel given a short array would go on into other arrays, so that is an error. */
  #check(view: Values, length: number): number {
    if (view.length < length) {
      this.#refuse(`a kernel was given an array of ${view.length} values where its shape wants ${length}`);
    }
    return arenaAddress(view);
  }

  #copy(view: Values, length: number): Values {
    this.#used = true;
    const copy = view instanceof Uint8Array
      ? this.#copies.uint8(length)
      : view instanceof Int32Array
      ? this.#copies.int32(length)
      : this.#copies.float32(length);
    copy.set(view.length === length ? view : view.subarray(0, length));
    return copy;
  }

  #refuse(message: string): never {
    this.forget();
    throw new ShapeError(message);
  }

  /** Forgets the operands of a call that did not end, with what it would have written. */
  forget(): void {
    this.#results.length = 0;
    this.#copies.reset();
    this.#used = false;
  }
}
