/**
 * The kernels in plain TypeScript: they define what is right, and run where there is no WebAssembly.
 *
 * @module
 */
import type { Kernels } from "../interface.ts";
import { gatherBytes, gatherSigns, lookupSums, packBits, popcountMatmul } from "./codes.ts";
import { binary, dropoutMask, scale, unary, unaryGradient } from "./elementwise.ts";
import { lstmCell, lstmCellGradient } from "./lstm.ts";
import { matmul } from "./matmul.ts";
import { adam, sgd } from "./optimizers.ts";
import { col2im, im2col } from "./patches.ts";
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from "./pool.ts";
import {
  addRow,
  columnDots,
  columnMoments,
  columnSums,
  crossEntropyGradient,
  logSoftmax,
  logSoftmaxGradient,
  reluBiasGradient,
  rowSums,
  scaleColumns,
  softCrossEntropyGradient,
  softmax,
  softmaxGradient,
  sumOfSquares,
} from "./rows.ts";

/** The kernels in plain TypeScript. */
export const referenceKernels: Kernels = {
  name: "reference",
  matmul,
  unary,
  unaryGradient,
  binary,
  scale,
  addRow,
  columnSums,
  rowSums,
  reluBiasGradient,
  softmax,
  logSoftmax,
  crossEntropyGradient,
  softCrossEntropyGradient,
  softmaxGradient,
  logSoftmaxGradient,
  dropoutMask,
  lstmCell,
  lstmCellGradient,
  sumOfSquares,
  sgd,
  adam,
  gatherBytes,
  gatherSigns,
  packBits,
  popcountMatmul,
  lookupSums,
  im2col,
  col2im,
  maxPool,
  maxPoolGradient,
  averagePool,
  averagePoolGradient,
  columnMoments,
  scaleColumns,
  columnDots,
};
