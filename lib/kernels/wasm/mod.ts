/**
 * The kernels in WebAssembly, assembled and compiled when they are first asked for.
 *
 * @module
 */
import type { Kernels } from "../interface.ts";
import { Engine, type ThreadUse } from "./engine.ts";
import type { Features } from "./kernel.ts";
import { engineKernels } from "./kernels.ts";
import { f32, I32, i32, ModuleBuilder } from "./assembler/mod.ts";

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

/** The instruction sets that the kernels may use. */
export type InstructionSet = "simd" | "relaxed-simd";

/** Whether this platform runs WebAssembly with these instructions. */
export function supports(set: InstructionSet): boolean {
  if (typeof WebAssembly === "undefined") return false;
  const module = new ModuleBuilder({ sharedMemory: false, globals: [] });
  module.function({ address: I32 }, (code) => {
    const four = f32(1).splat();
    code.store(i32(0), set === "simd" ? four.add(four) : four.fusedMultiplyAdd(four, four));
  });
  return WebAssembly.validate(module.encode());
}
