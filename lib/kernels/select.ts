/**
 * Which implementation of the kernels runs, and on how many threads: the fastest that the platform offers, or what was asked for.
 *
 * @module
 */
import { arenaMemory, KernelsUnavailableError } from "./memory.ts";
import type { Kernels } from "./interface.ts";
import { referenceKernels } from "./reference/mod.ts";
import { processorCount } from "./threads.ts";
import { supports, type ThreadedKernels, wasmKernels } from "./wasm/mod.ts";

/** An implementation of the kernels: plain TypeScript, WebAssembly SIMD, or WebAssembly relaxed SIMD with its fused multiply-add. */
export type KernelVariant = "reference" | "simd" | "relaxed-simd";

/** What {@linkcode useKernels} may be asked for. */
export interface KernelChoice {
  /** The implementation; `"auto"`, the default, is the fastest that runs here. */
  readonly variant?: KernelVariant | "auto";
  /**
   * Threads that share the work of a kernel, with the calling one; as many as there are processors when not given. The results have the same bits
   * for any number. The kernels run on one thread where there is no shared memory, and the reference always does.
   */
  readonly threads?: number;
}

/** The most threads that may be asked for. */
const mostThreads = 64;

let selected: ThreadedKernels | undefined;
let reference: ThreadedKernels | undefined;
let simd: ThreadedKernels | undefined;
let relaxed: ThreadedKernels | undefined;

/** The kernels in use; the fastest that run here, on all processors, unless {@linkcode useKernels} chose others. */
export function kernels(): Kernels {
  return selected === undefined ? useKernels() : selected.kernels;
}

/**
 * Chooses the kernels for everything that follows in this process, and gives them. Threads that are not needed any more end.
 *
 * @throws {KernelsUnavailableError} when the platform lacks what the variant needs; the message names it.
 * @throws {RangeError} when the number of threads is not an integer in 1...64.
 */
export function useKernels({ variant = "auto", threads }: KernelChoice = {}): Kernels {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= mostThreads)) {
    throw new RangeError(`the number of threads must be an integer in 1...${mostThreads}, not ${threads}`);
  }
  const chosen = implementation(variant === "auto" ? fastestVariant() : variant);
  if (chosen !== selected) selected?.useThreads(1);
  selected = chosen;
  selected.useThreads(threads ?? Math.min(processorCount(), mostThreads));
  return selected.kernels;
}

/** Ends the threads of the kernels in use; they start again when they are needed. */
export function shutdownThreads(): void {
  selected?.shutdownThreads();
}

/** The variants that run here, from the most compatible to the fastest. */
export function availableVariants(): KernelVariant[] {
  const variants: KernelVariant[] = ["reference", "simd", "relaxed-simd"];
  return variants.filter((variant) => missingFor(variant) === undefined);
}

function fastestVariant(): KernelVariant {
  const variants = availableVariants();
  return variants[variants.length - 1];
}

function implementation(variant: KernelVariant): ThreadedKernels {
  const missing = missingFor(variant);
  if (missing !== undefined) {
    throw new KernelsUnavailableError(`the kernels "${variant}" cannot run here: this platform has no ${missing}`);
  }
  switch (variant) {
    case "reference":
      return reference ??= { kernels: referenceKernels, useThreads: () => {}, shutdownThreads: () => {} };
    case "simd":
      return simd ??= wasmKernels({ relaxed: false });
    case "relaxed-simd":
      return relaxed ??= wasmKernels({ relaxed: true });
  }
}

/** What the platform lacks for a variant, if anything. */
function missingFor(variant: KernelVariant): string | undefined {
  if (variant === "reference") return undefined;
  if (typeof WebAssembly === "undefined") return "WebAssembly";
  if (arenaMemory() === null) return "WebAssembly memory of the size that is needed";
  if (!supports("simd")) return "WebAssembly SIMD";
  if (variant === "relaxed-simd" && !supports("relaxed-simd")) return "WebAssembly relaxed SIMD";
  return undefined;
}
