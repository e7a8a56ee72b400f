/**
 * Automatic differentiation: tensors, the tape, and one file for each operation with its gradient rule.
 *
 * @module
 */
export { roundToBfloat16 } from "./bfloat16.ts";
export { checkGradients, type GradientCheck } from "./check.ts";
export type { QuantizedPrecision } from "./quantization.ts";
export { type GradientRule, type GradientSink, recordOperation, type TapeEntry } from "./record.ts";
export { GradientError, Tape } from "./tape.ts";
export { detach, empty, type NestedNumbers, sizeOf, Tensor, tensor, zeros } from "./tensor.ts";
export type { WindowOptions } from "./windows.ts";
export { abs } from "./ops/abs.ts";
export { add } from "./ops/add.ts";
export { averagePool } from "./ops/averagePool.ts";
export { batchNorm, type BatchNormOptions, type Moments } from "./ops/batchNorm.ts";
export { concatenate } from "./ops/concatenate.ts";
export { conv2d, type Conv2dOptions } from "./ops/conv2d.ts";
export { crossEntropy } from "./ops/crossEntropy.ts";
export { divide } from "./ops/divide.ts";
export { dropout, type DropoutOptions } from "./ops/dropout.ts";
export { exp } from "./ops/exp.ts";
export { gather } from "./ops/gather.ts";
export { gatherMean, type GatherMeanOptions } from "./ops/gatherMean.ts";
export { gatherSum, type GatherSumOptions } from "./ops/gatherSum.ts";
export { linear, type LinearOptions } from "./ops/linear.ts";
export { log } from "./ops/log.ts";
export { logSoftmax } from "./ops/logSoftmax.ts";
export { lstm, type LstmOptions } from "./ops/lstm.ts";
export { matmul } from "./ops/matmul.ts";
export { max } from "./ops/max.ts";
export { maxPool, type PoolOptions } from "./ops/maxPool.ts";
export { mean } from "./ops/mean.ts";
export { multiply } from "./ops/multiply.ts";
export { negate } from "./ops/negate.ts";
export { quantize, quantizeColumns, type QuantizedWeights } from "./ops/quantize.ts";
export { relu } from "./ops/relu.ts";
export { reshape } from "./ops/reshape.ts";
export { scale } from "./ops/scale.ts";
export { sigmoid } from "./ops/sigmoid.ts";
export { sign } from "./ops/sign.ts";
export { slice, type SliceOptions } from "./ops/slice.ts";
export { softCrossEntropy } from "./ops/softCrossEntropy.ts";
export { softmax } from "./ops/softmax.ts";
export { sqrt } from "./ops/sqrt.ts";
export { square } from "./ops/square.ts";
export { subtract } from "./ops/subtract.ts";
export { type ReductionOptions, sum } from "./ops/sum.ts";
export { tanh } from "./ops/tanh.ts";
export { transpose } from "./ops/transpose.ts";
