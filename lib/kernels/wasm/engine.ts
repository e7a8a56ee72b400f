/**
 * All kernels as one WebAssembly module, compiled and at work: writes a kernel's arguments to the arena and runs it, on several threads when that pays. Arrays
 * that live elsewhere are copied to the arena, and back when the kernel writes them.
 *
 * @module
 */
import { arenaAddress, arenaIsShared, arenaMemory, Region, ShapeError } from "../memory.ts";
import { ThreadPool, threadsAvailable } from "../threads.ts";
import { defineMatmul, matmulScratchBytes } from "./gemm.ts";
import type { Features } from "./kernel.ts";
import { convolutionScratchBytes, defineConvolutions } from "./convolution.ts";
import { ModuleBuilder } from "./assembler/mod.ts";
import { defineDropout, defineElementwiseKernels, defineLstm, defineOptimizers } from "./elementwise.ts";
import { defineGather, defineLookupSums, definePackBits, definePopcountMatmul } from "./codes.ts";
import { definePatches, definePool } from "./patches.ts";
import {
  defineColumnKernels,
  defineRowKernels,
  defineScaleColumns,
  defineSoftmaxGradients,
  defineSumOfSquares,
} from "./rows.ts";

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

  /** As {@linkcode Operands.partialSums}, for float32. */
  partialValues(length: number): Float32Array {
    this.#used = true;
    return this.#copies.float32(length);
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

type Kernel = (start: number, end: number, block: number) => void;

/** Memory that each thread needs for itself. */
const scratchBytes = matmulScratchBytes + convolutionScratchBytes;

/** Arguments of a kernel at most. */
const blockLength = 32;

/** When several threads share a call; times are what calls take on one thread. */
export interface ThreadUse {
  /** A call is shared when it takes at least so many nanoseconds and a thread is awake, as in the midst of a training step. */
  readonly sharedFrom: number;
  /** A call that takes at least so many nanoseconds wakes the threads. */
  readonly wakeFrom: number;
  /** Threads are started when such calls have taken so many nanoseconds, so that a short program never starts them. */
  readonly startAfter: number;
}

const usual: ThreadUse = { sharedFrom: 30_000, wakeFrom: 200_000, startAfter: 10_000_000 };

/** A kernel module, compiled, with the memory that its kernels need beside their arguments. */
export class Engine {
  /** The operands of the next call. */
  readonly operands: Operands = new Operands();
  /** Address of 64 bytes that are zero. */
  readonly zeros: number;
  readonly #memory = new Region();
  readonly #integers: Int32Array;
  readonly #floats: Float32Array;
  readonly #module: WebAssembly.Module;
  readonly #exports: Record<string, Kernel>;
  readonly #signatures: ReadonlyMap<string, readonly boolean[]>;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #scratch: number[] = [];
  #threads = 1;
  #use = usual;
  #pool: ThreadPool | undefined;
  #sharedWork = 0;

  /** Assembles and compiles the kernels; needs the arena's memory. */
  constructor(features: Features) {
    const memory = arenaMemory()!;
    this.zeros = this.#memory.int32(16).fill(0).byteOffset;
    this.#integers = this.#memory.int32(blockLength);
    this.#floats = new Float32Array(this.#integers.buffer, this.#integers.byteOffset, blockLength);
    const { bytes, signatures } = assembleKernels(features, arenaIsShared());
    this.#signatures = signatures;
    this.#numbers = new Map([...signatures.keys()].map((name, index) => [name, index]));
    this.#module = new WebAssembly.Module(bytes);
    const scratch = this.#memory.uint8(scratchBytes).byteOffset;
    const instance = new WebAssembly.Instance(this.#module, { env: { memory, scratch } });
    this.#exports = instance.exports as Record<string, Kernel>;
  }

  /** Sets how many threads share a call, with the calling one; ends those that run. */
  useThreads(threads: number, use: ThreadUse = usual): void {
    this.#use = use;
    if (threads === this.#threads) return;
    this.shutdownThreads();
    this.#threads = threads;
  }

  /** Ends the threads; they start again when they are needed. */
  shutdownThreads(): void {
    this.#pool?.shutdown();
    this.#pool = undefined;
  }

  /** Into how many parts a call should be cut, when it takes so many nanoseconds on one thread. */
  partsFor(nanoseconds: number): number {
    return this.#poolFor(nanoseconds)?.chunks(Infinity) ?? 1;
  }

  /** Runs a kernel on all its units of work, which take so many nanoseconds on one thread. */
  run(name: string, { units, nanoseconds }: { units: number; nanoseconds: number }, values: readonly number[]): void {
    const signature = this.#signatures.get(name)!, kernel = this.#exports[name], block = this.#integers.byteOffset;
    for (let index = 0; index < signature.length; index++) {
      (signature[index] ? this.#floats : this.#integers)[index] = values[index];
    }
    const pool = units < 2 ? undefined : this.#poolFor(nanoseconds);
    try {
      if (pool === undefined) kernel(0, units, block);
      else {
        pool.run({
          kernel: this.#numbers.get(name)!,
          units,
          block,
          run: (start, end) => kernel(start, end, block),
        });
      }
    } catch (error) {
      this.operands.forget();
      throw error;
    }
    this.operands.finish();
  }

  /** The threads, when they pay; starts them when they begin to. */
  #poolFor(nanoseconds: number): ThreadPool | undefined {
    if (this.#threads < 2 || nanoseconds < this.#use.sharedFrom) return undefined;
    if (this.#pool === undefined) {
      this.#sharedWork += nanoseconds;
      if (this.#sharedWork >= this.#use.startAfter) this.#pool = this.#startThreads();
    }
    return nanoseconds < this.#use.wakeFrom && this.#pool?.asleep ? undefined : this.#pool;
  }

  #startThreads(): ThreadPool | undefined {
    if (!threadsAvailable()) {
      this.#threads = 1;
      return undefined;
    }
    while (this.#scratch.length < this.#threads - 1) {
      this.#scratch.push(this.#memory.uint8(scratchBytes).byteOffset);
    }
    try {
      return new ThreadPool({
        module: this.#module,
        memory: arenaMemory()!,
        names: [...this.#signatures.keys()],
        scratch: this.#scratch.slice(0, this.#threads - 1),
        words: this.#memory.int32(64).fill(0),
      });
    } catch {
      // The platform refuses to start threads; the kernels go on with one.
      this.#threads = 1;
      return undefined;
    }
  }
}

/** A module's bytes and what is needed to call its kernels. */
interface AssembledKernels {
  /** The module. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The types of each kernel's arguments by the kernel's name: true for float32, false for a 32-bit integer. */
  readonly signatures: ReadonlyMap<string, readonly boolean[]>;
}

/** Assembles the kernels for a processor with these features. */
function assembleKernels(features: Features, sharedMemory: boolean): AssembledKernels {
  const module = new ModuleBuilder({ sharedMemory, globals: ["scratch"] });
  const signatures = new Map<string, readonly boolean[]>();
  const target = { module, features, signatures };
  const matmul = defineMatmul(target);
  defineElementwiseKernels(target);
  defineRowKernels(target);
  defineColumnKernels(target);
  defineSumOfSquares(target);
  defineOptimizers(target);
  defineGather(target);
  defineSoftmaxGradients(target);
  defineDropout(target);
  definePackBits(target);
  definePopcountMatmul(target);
  defineLookupSums(target);
  defineConvolutions(target, { matmul, ...definePatches(target) });
  defineLstm(target);
  definePool(target);
  defineScaleColumns(target);
  return { bytes: module.encode(), signatures };
}
