/**
 * The kernels in plain TypeScript: they define what is right, and run where there is no WebAssembly.
 *
 * @module
 */
import { convolutionsBy } from "./convolution.ts";
import type { Kernels } from "../interface.ts";
import { gatherBytes, gatherSigns, lookupSums, packBits, popcountMatmul } from "./codes.ts";
import {
  adam,
  binary,
  dropoutMask,
  lstmCell,
  lstmCellGradient,
  scale,
  sgd,
  unary,
  unaryGradient,
} from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { averagePool, averagePoolGradient, col2im, im2col, maxPool, maxPoolGradient } from "./patches.ts";
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
  ...convolutionsBy({ im2col, col2im, matmul }),
  maxPool,
  maxPoolGradient,
  averagePool,
  averagePoolGradient,
  columnMoments,
  scaleColumns,
  columnDots,
};
