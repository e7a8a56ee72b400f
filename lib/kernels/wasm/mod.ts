/**
 * The kernels in WebAssembly, assembled and compiled when they are first asked for.
 *
 * @module
 */
import type { Kernels } from "../interface.ts";
import { Engine, type ThreadUse } from "./engine.ts";
import type { Features } from "./kernel.ts";
import { engineKernels } from "./kernels.ts";

/** Kernels whose calls may be shared between threads. */
export interface ThreadedKernels {
  /** The kernels. */
  readonly kernels: Kernels;
  /** Sets how many threads share a call, with the calling one. Threads are started when they begin to pay, and those in excess ended at once. */
  useThreads(threads: number, use?: ThreadUse): void;
  /** Ends the threads; they start again when they are needed. */
  shutdownThreads(): void;
}

/** Compiles the kernels for a processor with these features. */
export function wasmKernels(features: Features): ThreadedKernels {
  const engine = new Engine(features);
  return {
    kernels: engineKernels(features.relaxed ? "relaxed-simd" : "simd", engine),
    useThreads: (threads, use) => engine.useThreads(threads, use),
    shutdownThreads: () => engine.shutdownThreads(),
  };
}
