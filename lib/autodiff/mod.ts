/**
 * Automatic differentiation: tensors, the tape, and the operations with their gradient rules.
 *
 * @module
 */
export {
  type ColumnRounding,
  quantize,
  quantizeColumns,
  type QuantizedPrecision,
  type QuantizedWeights,
  roundToBfloat16,
} from "./ops/quantize.ts";
export { checkGradients, type GradientCheck } from "./check.ts";
export { batchNorm, type BatchNormOptions, type Moments } from "./ops/batchNorm.ts";
export { type GradientRule, type GradientSink, recordOperation, type TapeEntry } from "./record.ts";
export { GradientError, Tape } from "./tape.ts";
export { detach, empty, type NestedNumbers, sizeOf, Tensor, tensor, zeros } from "./tensor.ts";
export { conv2d, type Conv2dOptions } from "./ops/conv2d.ts";
export {
  abs,
  dropout,
  type DropoutOptions,
  exp,
  log,
  negate,
  relu,
  sigmoid,
  sign,
  sqrt,
  square,
  tanh,
} from "./ops/elementwise.ts";
export { add, divide, multiply, scale, subtract } from "./ops/arithmetic.ts";
export { concatenate, reshape, slice, type SliceOptions, transpose } from "./ops/layout.ts";
export { crossEntropy, logSoftmax, softCrossEntropy, softmax } from "./ops/softmax.ts";
export { gather, gatherMean, gatherSum, type GatherSumOptions, type IndexLists } from "./ops/gather.ts";
export { linear, type LinearOptions, matmul } from "./ops/matmul.ts";
export { lstm, type LstmOptions } from "./ops/lstm.ts";
export { averagePool, maxPool, type PoolOptions } from "./ops/pool.ts";
export { max, mean, type ReductionOptions, sum } from "./ops/reductions.ts";
export { type WindowOptions, windowsOf } from "./windows.ts";
