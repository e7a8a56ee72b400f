/**
 * One table of cases for all implementations of the kernels. A case makes its inputs, runs a kernel and knows the right answer from a naive computation in
 * double precision that shares no code with any implementation.
 *
 * @module
 */
import type { Kernels } from "../../../lib/kernels/interface.ts";
import type { Tolerance } from "../../close.ts";

/** Puts values where a test wants them: into the arena, or into an array of its own. Lists of numbers become float32. */
export interface Place {
  (values: Int32Array): Int32Array;
  (values: Uint8Array): Uint8Array;
  (values: ArrayLike<number>): Float32Array;
}

/** One kernel on one set of inputs. */
export interface KernelCase {
  /** The kernel and what is special about the inputs. */
  readonly name: string;
  /** How exact the result must be. */
  readonly tolerance: Tolerance;
  /** The right answer: the outputs one after the other. */
  readonly expected: readonly ArrayLike<number>[];
  /** Runs the kernel; gives the outputs in the same order. */
  run(kernels: Kernels, place: Place): ArrayLike<number>[];
}

/** `count` reproducible float32 numbers in −1…1 that are exact in float32. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 12345 >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return state / 2 ** 31 - 1;
  });
}
