/**
 * All kernels as one WebAssembly module.
 *
 * @module
 */
import { ModuleBuilder } from "./assembler/mod.ts";
import { defineDropout } from "./dropout.ts";
import { defineElementwiseKernels } from "./elementwise.ts";
import { defineGather } from "./gather.ts";
import { defineMatmul } from "./gemm.ts";
import { defineLookupSums, definePopcountMatmul } from "./heads.ts";
import type { Features } from "./kernel.ts";
import { defineLstm } from "./lstm.ts";
import { defineOptimizers } from "./optimizers.ts";
import { definePackBits } from "./pack_bits.ts";
import { definePatches } from "./patches.ts";
import { definePool } from "./pool.ts";
import { defineColumnKernels, defineRowKernels, defineScaleColumns, defineSumOfSquares } from "./rows.ts";
import { defineSoftmaxGradients } from "./softmax_gradients.ts";

/** A module's bytes and what is needed to call its kernels. */
export interface AssembledKernels {
  /** The module. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The types of each kernel's arguments by the kernel's name: true for float32, false for a 32-bit integer. */
  readonly signatures: ReadonlyMap<string, readonly boolean[]>;
}

/** Assembles the kernels for a processor with these features. */
export function assembleKernels(features: Features, sharedMemory: boolean): AssembledKernels {
  const module = new ModuleBuilder({ sharedMemory, globals: ["scratch"] });
  const signatures = new Map<string, readonly boolean[]>();
  const target = { module, features, signatures };
  defineMatmul(target);
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
  definePatches(target);
  defineLstm(target);
  definePool(target);
  defineScaleColumns(target);
  return { bytes: module.encode(), signatures };
}
