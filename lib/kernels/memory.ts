/**
 * Where tensors live: one address space for all kernels, handed out as typed-array views.
 *
 * The arena is a WebAssembly memory, shared between threads where the platform allows it, so that a kernel in WebAssembly or on another thread
 * works on a tensor in place. It is reserved once at its largest size and grows by committing pages; a shared memory keeps its old views valid.
 * Without WebAssembly the same calls return views over ordinary array buffers.
 *
 * A {@linkcode Region} owns blocks of the arena and gives them out from the front; what it gave out is released together, by `reset` (a training
 * step) or for good by `dispose` (a whole training). Regions nest by `run` and each owns its blocks, so that trainings that take turns in one
 * process do not disturb each other.
 *
 * @module
 */

const pageBytes = 65_536;
const alignment = 64;
const blockBytes = 1 << 20;

/** Vector loads at the end of an array may read so many bytes beyond it. */
const guardBytes = 64;

/** A run of bytes in the arena, or in a buffer of its own where there is no arena. */
interface Block {
  readonly buffer: ArrayBufferLike;
  readonly start: number;
  readonly bytes: number;
}

type View = Float32Array | Int32Array | Uint8Array;
type ViewConstructor<V extends View> = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): V;
  readonly BYTES_PER_ELEMENT: number;
};

let memory: WebAssembly.Memory | null | undefined;
let committed = alignment;
const freeRuns: { start: number; bytes: number }[] = [];

/** The memory's buffers: growing a shared memory makes a new one over the same bytes, and the old ones stay in use. */
const arenaBuffers = new WeakSet<ArrayBufferLike>();

/** The arena's WebAssembly memory, reserved on first use; null where there is no WebAssembly. */
export function arenaMemory(): WebAssembly.Memory | null {
  if (memory === undefined) memory = typeof WebAssembly === "undefined" ? null : reserveMemory();
  return memory;
}

/** The address of an array in the arena, or -1 when it lives elsewhere. */
export function arenaAddress(view: ArrayBufferView): number {
  return arenaBuffers.has(view.buffer) ? view.byteOffset : -1;
}

/** Whether the arena is shared between threads. */
export function arenaIsShared(): boolean {
  return typeof SharedArrayBuffer !== "undefined" && arenaMemory()?.buffer instanceof SharedArrayBuffer;
}

function reserveMemory(): WebAssembly.Memory | null {
  for (const maximum of [65_536, 32_768, 16_384, 8_192]) {
    try {
      if (typeof SharedArrayBuffer !== "undefined") {
        return new WebAssembly.Memory({ initial: 16, maximum, shared: true });
      }
      // Growing an unshared memory detaches its views, so all of it is taken at once; the system commits pages as they are touched.
      if (maximum <= 16_384) return new WebAssembly.Memory({ initial: maximum, maximum });
    } catch { /* this much address space is not to be had; a smaller reservation follows */ }
  }
  return null;
}

function takeBlock(bytes: number): Block {
  const shared = arenaMemory();
  if (shared === null) return { buffer: new ArrayBuffer(bytes), start: 0, bytes };
  const start = takeFreeRun(bytes) ?? committed;
  if (start === committed) {
    const missing = start + bytes + guardBytes - shared.buffer.byteLength;
    if (missing > 0) {
      try {
        shared.grow(Math.ceil(missing / pageBytes));
      } catch {
        throw new RangeError(`the tensor arena is full: ${bytes} more bytes were wanted beside the ${start} in use`);
      }
    }
    committed += bytes;
  }
  arenaBuffers.add(shared.buffer);
  return { buffer: shared.buffer, start, bytes };
}

/** The start of the smallest free run that holds `bytes`, which are taken from its front. */
function takeFreeRun(bytes: number): number | undefined {
  let best: { start: number; bytes: number } | undefined;
  for (const run of freeRuns) if (run.bytes >= bytes && (best === undefined || run.bytes < best.bytes)) best = run;
  if (best === undefined) return undefined;
  const { start } = best;
  best.start += bytes;
  best.bytes -= bytes;
  if (best.bytes === 0) freeRuns.splice(freeRuns.indexOf(best), 1);
  return start;
}

function returnBlock(block: Block): void {
  if (arenaMemory() === null) return;
  let { start, bytes } = block;
  for (let index = freeRuns.length - 1; index >= 0; index--) {
    const run = freeRuns[index];
    if (run.start + run.bytes === start) start = run.start;
    else if (start + bytes !== run.start) continue;
    bytes += run.bytes;
    freeRuns.splice(index, 1);
  }
  freeRuns.push({ start, bytes });
}

/** Memory that is given out piece by piece and released together. */
export class Region {
  #blocks: Block[] = [];
  #block = 0;
  #offset = 0;
  #views: View[] = [];
  #next = 0;

  /** A view of `length` float32 values; their contents are undefined. */
  float32(length: number): Float32Array {
    return this.#view(Float32Array, length);
  }

  /** A view of `length` int32 values; their contents are undefined. */
  int32(length: number): Int32Array {
    return this.#view(Int32Array, length);
  }

  /** A view of `length` bytes; their contents are undefined. */
  uint8(length: number): Uint8Array {
    return this.#view(Uint8Array, length);
  }

  /** Runs `work`, which must be synchronous, with this region as the one that new tensors live in. */
  run<T>(work: () => T): T {
    const outer = current;
    current = this;
    try {
      const result = work();
      if (result instanceof Promise) {
        throw new TypeError("Region.run: the work must be synchronous, a promise was found");
      }
      return result;
    } finally {
      current = outer;
    }
  }

  /** Releases everything that was given out and keeps the blocks for the next round. Views from before must not be used again. */
  reset(): void {
    this.#block = 0;
    this.#offset = 0;
    this.#next = 0;
  }

  /** Releases everything and returns the blocks to the arena. Views from before must not be used again. */
  dispose(): void {
    this.reset();
    this.#views = [];
    for (const block of this.#blocks) returnBlock(block);
    this.#blocks = [];
  }

  /** Same as {@linkcode Region.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Bytes of the arena that this region holds. */
  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.bytes, 0);
  }

  #view<V extends View>(constructor: ViewConstructor<V>, length: number): V {
    const bytes = Math.ceil(length * constructor.BYTES_PER_ELEMENT / alignment) * alignment;
    while (this.#block < this.#blocks.length && this.#offset + bytes > this.#blocks[this.#block].bytes) {
      this.#block++;
      this.#offset = 0;
    }
    if (this.#block === this.#blocks.length) {
      const wanted = Math.max(bytes, blockBytes * 2 ** Math.min(this.#blocks.length, 6));
      this.#blocks.push(takeBlock(Math.ceil(wanted / pageBytes) * pageBytes));
      this.#offset = 0;
    }
    const block = this.#blocks[this.#block];
    const start = block.start + this.#offset;
    this.#offset += bytes;
    // A step allocates the same tensors in the same order each time, so its views are made once.
    const known = this.#views[this.#next];
    if (
      known instanceof constructor && known.byteOffset === start && known.length === length &&
      known.buffer === block.buffer
    ) {
      this.#next++;
      return known;
    }
    const view = new constructor(block.buffer, start, length);
    this.#views[this.#next++] = view;
    return view;
  }
}

/** The region of everything that was allocated outside any other; it is never released. */
let root: Region | undefined;
let current: Region | undefined;

/** The region that new tensors live in: the innermost {@linkcode Region.run}, or one that lasts as long as the process. */
export function currentRegion(): Region {
  return current ??= root ??= new Region();
}

/** A shape, length or axis that does not fit the operation. The message names the operation, what was found and what was wanted. */
export class ShapeError extends Error {
  /** The error's name, `"ShapeError"`. */
  override readonly name = "ShapeError";
}

/** An implementation of the kernels that the platform cannot run. The message names what is missing. */
export class KernelsUnavailableError extends Error {
  /** The error's name, `"KernelsUnavailableError"`. */
  override readonly name = "KernelsUnavailableError";
}
