/**
 * Plans the memory of a model: hands out addresses, remembers what has to stand there, and makes the memory when all is known.
 *
 * @module
 */

/** Arrays that can be placed. */
type Numbers = Uint8Array | Uint16Array | Int8Array | Int16Array | Int32Array | Uint32Array | Float32Array;

const LINE = 64, PAGE = 65536;

/** Addresses in a memory that does not exist yet; each stands at the start of a cache line. */
export class Layout {
  #end = LINE;
  readonly #contents: { address: number; bytes: Uint8Array }[] = [];

  /**
   * Takes room that starts as zeros. What is read or written in whole vectors may pass the end of an array, by less than 64 bytes.
   *
   * @param bytes how much
   * @returns its address
   */
  reserve(bytes: number): number {
    const address = this.#end;
    this.#end += Math.ceil(bytes / LINE) * LINE;
    return address;
  }

  /**
   * Takes room for an array and keeps its content for the memory.
   *
   * @param values the content
   * @returns its address
   */
  place(values: Numbers): number {
    const address = this.reserve(values.byteLength);
    this.#contents.push({ address, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    return address;
  }

  /**
   * Makes the memory.
   *
   * @returns an unshared memory of the planned size with all contents in place
   * @throws {RangeError} when the platform does not give so much
   */
  memory(): WebAssembly.Memory {
    const initial = Math.ceil((this.#end + LINE) / PAGE);
    const memory = new WebAssembly.Memory({ initial, maximum: initial });
    const all = new Uint8Array(memory.buffer);
    for (const { address, bytes } of this.#contents) all.set(bytes, address);
    return memory;
  }
}
