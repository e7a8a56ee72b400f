/**
 * What every implementation of the numeric kernels offers: loops over typed arrays, without shapes or gradients.
 *
 * All matrices are row-major float32. Arrays given to a kernel may be any typed arrays; those that live in the arena (see `memory.ts`) are used in
 * place. `accumulate` adds to what stands in the output instead of replacing it, so that gradients of a value with several uses need no temporary.
 * Outputs never overlap inputs unless a kernel says that they may.
 *
 * `reference/` is plain TypeScript and defines what is right. Other implementations may differ from it in the last bits of a sum.
 *
 * @module
 */
import type { PatchShape } from "./reference/patches.ts";

/** Images, the patches that a convolution takes of them, and how many values it makes of each. */
export interface Convolution extends PatchShape {
  /** Values that are made of a patch. */
  readonly outputs: number;
}

/** The layout of a matrix product. */
export interface MatmulOptions {
  /** Rows of the output. */
  readonly rows: number;
  /** Columns of the output. */
  readonly columns: number;
  /** Length of the sums. */
  readonly inner: number;
  /** `a` is stored inner x rows instead of rows x inner. */
  readonly transposeA?: boolean;
  /** `b` is stored columns x inner instead of inner x columns. */
  readonly transposeB?: boolean;
  /** Add to the output instead of replacing it. Not together with `bias` or `relu`. */
  readonly accumulate?: boolean;
  /** A value for each column, added to every row. */
  readonly bias?: Float32Array;
  /** Replace negative results by zero, after the bias. */
  readonly relu?: boolean;
}

/** A matrix of `rows` x `columns`. */
export interface MatrixShape {
  /** Rows. */
  readonly rows: number;
  /** Columns. */
  readonly columns: number;
}

/** Elementwise functions of one argument. `sign` gives +1 for values above zero and -1 otherwise, as a projection's bit does. */
export type UnaryName = "relu" | "tanh" | "sigmoid" | "exp" | "log" | "sqrt" | "square" | "abs" | "negate" | "sign";

/** Elementwise functions of two arguments. */
export type BinaryName = "add" | "subtract" | "multiply" | "divide";

/** Constants of a step of stochastic gradient descent. */
export interface SgdStep {
  /** Step size. */
  readonly learningRate: number;
  /** Part of the velocity that is kept, 0...1. */
  readonly momentum: number;
  /** Multiple of the parameter added to its gradient (L2). */
  readonly weightDecay: number;
  /** Look ahead along the velocity (Nesterov). */
  readonly nesterov: boolean;
}

/** Constants of a step of Adam (Kingma & Ba 2015) or AdamW (Loshchilov & Hutter 2019). */
export interface AdamStep {
  /** Step size. */
  readonly learningRate: number;
  /** Decay of the mean of gradients. */
  readonly beta1: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  /** Weight decay; decoupled from the gradient when `decoupled` is set (AdamW), added to it otherwise (L2). */
  readonly weightDecay: number;
  /** Whether weight decay is decoupled (AdamW). */
  readonly decoupled: boolean;
  /** Number of this step, from 1, for the bias correction. */
  readonly step: number;
}

/** One step of an LSTM for several sequences at once. */
export interface LstmStepShape {
  /** Sequences that have this step. */
  readonly rows: number;
  /** Length of a state. */
  readonly units: number;
  /** The first so many sequences go on from a state; the others begin with this step, from a state of zeros. */
  readonly carried: number;
}

/** One implementation of the numeric kernels. */
export interface Kernels {
  /** Which implementation this is. */
  readonly name: string;

  /** out[rows x columns] = a*b, optionally transposed, accumulated, with a bias and ReLU. */
  matmul(a: Float32Array, b: Float32Array, out: Float32Array, options: MatmulOptions): void;

  /** out = name(x), elementwise; `out` may be `x`. */
  unary(name: UnaryName, x: Float32Array, out: Float32Array): void;

  /**
   * out (+)= gradient * name'(x), elementwise, with y = name(x); `out` may be `gradient`. The derivative of `sign` is the straight-through
   * estimator with saturation, 1 where |x| <= 1 and 0 elsewhere (Hubara et al. 2016, equation 4).
   */
  unaryGradient(
    name: UnaryName,
    operands: { x: Float32Array; y: Float32Array; gradient: Float32Array },
    out: Float32Array,
    accumulate: boolean,
  ): void;

  /** out (+)= a name b, elementwise over arrays of one length; `out` may be `a` or `b` when not accumulating. */
  binary(name: BinaryName, a: Float32Array, b: Float32Array, out: Float32Array, accumulate: boolean): void;

  /** out (+)= factor * x; `out` may be `x` when not accumulating. */
  scale(x: Float32Array, factor: number, out: Float32Array, accumulate: boolean): void;

  /** out[rows x columns] (+)= x + row, the same row added to every row of x; `out` may be `x`. */
  addRow(x: Float32Array, row: Float32Array, out: Float32Array, shape: MatrixShape): void;

  /** out[columns] (+)= the sums over the rows of x. */
  columnSums(x: Float32Array, out: Float32Array, shape: MatrixShape & { accumulate: boolean }): void;

  /** out[rows] = the sums over the columns of x. */
  rowSums(x: Float32Array, out: Float32Array, shape: MatrixShape): void;

  /**
   * For a layer y = relu(x*w + bias): sets to zero the entries of `gradient` (that of y) where y is zero, in place, and adds or writes the
   * column sums of what is left, the bias's gradient, to `biasGradient`.
   */
  reluBiasGradient(
    y: Float32Array,
    gradient: Float32Array,
    biasGradient: Float32Array,
    shape: MatrixShape & { accumulate: boolean },
  ): void;

  /** Softmax of each row; `out` may be `x`. */
  softmax(x: Float32Array, out: Float32Array, shape: MatrixShape): void;

  /** Logarithm of the softmax of each row; `out` may be `x`. */
  logSoftmax(x: Float32Array, out: Float32Array, shape: MatrixShape): void;

  /**
   * out[rows x columns] (+)= factor * (exp(logProbabilities) - one-hot(labels)), one class a row: the gradient of the cross-entropy with respect to the
   * logits. A label that is no column takes no part.
   */
  crossEntropyGradient(
    logProbabilities: Float32Array,
    labels: Int32Array,
    out: Float32Array,
    options: MatrixShape & { factor: number; accumulate: boolean },
  ): void;

  /** out[rows x columns] (+)= factor * (exp(logProbabilities)*sum targets - targets), with the sum over the row: as above, for a distribution a row. */
  softCrossEntropyGradient(
    logProbabilities: Float32Array,
    targets: Float32Array,
    out: Float32Array,
    options: MatrixShape & { factor: number; accumulate: boolean },
  ): void;

  /** out (+)= y*(gradient - sum gradient*y) with the sum over the row: the gradient of y = softmax(x) with respect to x. */
  softmaxGradient(
    y: Float32Array,
    gradient: Float32Array,
    out: Float32Array,
    shape: MatrixShape & { accumulate: boolean },
  ): void;

  /** out (+)= gradient - exp(y)*sum gradient with the sum over the row: the gradient of y = logSoftmax(x) with respect to x. */
  logSoftmaxGradient(
    y: Float32Array,
    gradient: Float32Array,
    out: Float32Array,
    shape: MatrixShape & { accumulate: boolean },
  ): void;

  /** out[i] = hash32(seed, step, i) < limit ? 0 : kept, with the hash of `projection/`; the same in every implementation. */
  dropoutMask(out: Float32Array, options: { seed: number; step: number; limit: number; kept: number }): void;

  /**
   * A step of an LSTM after its matrix products. A row of `gates` [rows x 4*units] holds the sums of input gate, forget gate, candidate and output gate,
   * one after the other, and gets their activations i, f, g and o in place. With `before`, the cells of the step before: cells = f*before + i*g,
   * squashed = tanh(cells) and out = o*squashed, all [rows x units].
   */
  lstmCell(
    arrays: {
      gates: Float32Array;
      before: Float32Array;
      cells: Float32Array;
      squashed: Float32Array;
      out: Float32Array;
    },
    shape: LstmStepShape,
  ): void;

  /**
   * The gradient of {@linkcode Kernels.lstmCell}: `gradient` is that of `out`. `gates` holds the activations and gets the gradients of the sums in place;
   * `cellGradient` holds what the step after gave for `cells` and gets the gradient of `before`.
   */
  lstmCellGradient(
    arrays: {
      gates: Float32Array;
      before: Float32Array;
      squashed: Float32Array;
      gradient: Float32Array;
      cellGradient: Float32Array;
    },
    shape: LstmStepShape,
  ): void;

  /** The sum of squares. */
  sumOfSquares(x: Float32Array): number;

  /**
   * One step of stochastic gradient descent: velocity = momentum*velocity + gradient, parameter -= learningRate*velocity. A velocity smaller than any normal
   * float32 (2^-126) becomes zero: where gradients stay zero, as those of a ReLU that no row passes, velocities fade to such values and would stay there, and
   * arithmetic on them takes several times as long.
   */
  sgd(parameter: Float32Array, gradient: Float32Array, velocity: Float32Array | null, step: SgdStep): void;

  /** One step of Adam or AdamW; `mean` and `square` are the two moments, updated in place, with zero for subnormal values as in `sgd`. */
  adam(
    parameter: Float32Array,
    gradient: Float32Array,
    moments: { mean: Float32Array; square: Float32Array },
    step: AdamStep,
  ): void;

  /** out[i x columns + j] = source[rows[i] x columns + j]*factor + offset: a batch of byte rows as floats. */
  gatherBytes(
    source: Uint8Array,
    rows: Uint32Array,
    out: Float32Array,
    options: { columns: number; factor: number; offset: number },
  ): void;

  /** out[i x bits + j] = +1 where bit j of row rows[i] of `codes` is set, -1 where not; bit j is bit (j mod 8) of byte floor(j/8) of its row. */
  gatherSigns(codes: Uint8Array, rows: Uint32Array, out: Float32Array, options: { bits: number }): void;

  /**
   * Rows of values [rows x bits] as packed codes [rows x ceil(bits/8)]: bit j of a row, bit (j mod 8) of its byte floor(j/8), is set where value j is greater than
   * threshold j, exactly; bits beyond the last are zero.
   */
  packBits(
    values: Float32Array,
    thresholds: Float32Array | Int32Array,
    out: Uint8Array,
    options: { rows: number; bits: number },
  ): void;

  /**
   * out[rows x outputs] = for each code [rows x bytes] and each row of signs [outputs x bytes], the sum over the code's set bits of +1 where the sign's bit is
   * set and -1 where it is not.
   */
  popcountMatmul(
    codes: Uint8Array,
    signs: Uint8Array,
    out: Int32Array,
    options: { rows: number; bytes: number; outputs: number },
  ): void;

  /**
   * out[rows x outputs] = the sums of one row of each table: `indices` [rows x functions] names rows of `tables` [functions x 2^bits x outputs] by their lowest
   * `bits` bits. The tables are added in their order, each sum rounded as the type of `out` is, so that all implementations agree to the last bit.
   */
  lookupSums<Values extends Float32Array | Int32Array>(
    indices: Int32Array,
    tables: Values,
    out: Values,
    options: { rows: number; functions: number; bits: number; outputs: number },
  ): void;

  /**
   * The patches of images as rows, for a convolution by a matrix product: `source` [images, height, width, channels] to `out`
   * [images*grid rows*grid columns x kernel rows*kernel columns*channels], both in this order; zeros where a patch lies beyond the image.
   */
  im2col(source: Float32Array | Uint8Array, out: Float32Array, shape: PatchShape): void;

  /**
   * The transpose of `im2col`: out[images, height, width, channels] (+)= the sum of each value's copies in `columns`. They are added one by one
   * as they stand there, from the first row on, so that all implementations agree to the last bit.
   */
  col2im(columns: Float32Array, out: Float32Array, shape: PatchShape & { accumulate: boolean }): void;

  /**
   * A convolution (in truth a correlation): x [images, height, width, channels] and weights [kernel rows, kernel columns, channels, outputs] to
   * out[images, grid rows, grid columns, outputs], with `bias` [outputs] added, and negative results replaced by zero where `relu` is set.
   */
  convolve(
    x: Float32Array,
    weights: Float32Array,
    out: Float32Array,
    options: Convolution & { bias: Float32Array; relu: boolean },
  ): void;

  /** The gradient of {@linkcode Kernels.convolve}'s weights from that of its output, to or added to `out`. */
  convolutionWeightGradient(
    x: Float32Array,
    gradient: Float32Array,
    out: Float32Array,
    options: Convolution & { accumulate: boolean },
  ): void;

  /** The gradient of {@linkcode Kernels.convolve}'s images from that of its output, to or added to `out`. */
  convolutionInputGradient(
    gradient: Float32Array,
    weights: Float32Array,
    out: Float32Array,
    options: Convolution & { accumulate: boolean },
  ): void;

  /**
   * The largest value of each patch and channel: `source` [images, height, width, channels] to `out` [images, grid rows, grid columns, channels], and to
   * `places` where in the patch it stands, row by row; the first of equal ones, NaN before all. Each patch has to have a pixel within the image.
   */
  maxPool(source: Float32Array, out: Float32Array, places: Int32Array, shape: PatchShape): void;

  /** The gradient of {@linkcode Kernels.maxPool}: out[images, height, width, channels] (+)= the gradients of the patches whose largest value stands there. */
  maxPoolGradient(
    gradient: Float32Array,
    places: Int32Array,
    out: Float32Array,
    shape: PatchShape & { accumulate: boolean },
  ): void;

  /** The mean of each patch and channel over the pixels within the image; as {@linkcode Kernels.maxPool}. */
  averagePool(source: Float32Array, out: Float32Array, shape: PatchShape): void;

  /** The gradient of {@linkcode Kernels.averagePool}. */
  averagePoolGradient(gradient: Float32Array, out: Float32Array, shape: PatchShape & { accumulate: boolean }): void;

  /** The mean and the variance of each column of x[rowsxcolumns], the variance from the differences to the mean and divided by the rows. */
  columnMoments(x: Float32Array, out: { mean: Float32Array; variance: Float32Array }, shape: MatrixShape): void;

  /**
   * out[rowsxcolumns] (+)= x*factors + y*others + offsets with a value for each column; without y, x*factors + offsets. Negative results are replaced by zero
   * where `relu` is set. `out` may be `x` or `y`.
   */
  scaleColumns(
    operands: {
      x: Float32Array;
      factors: Float32Array;
      y?: Float32Array;
      others?: Float32Array;
      offsets: Float32Array;
    },
    out: Float32Array,
    shape: MatrixShape & { accumulate: boolean; relu?: boolean },
  ): void;

  /**
   * sums[columns] = the sums of the rows of x, dots[columns] = the sums of x*(y - mean) with a mean for each column. Where `passed` is given, x becomes zero first
   * where that is not positive: the gradient of a ReLU with these results.
   */
  columnDots(
    operands: { x: Float32Array; y: Float32Array; mean: Float32Array; passed?: Float32Array },
    out: { sums: Float32Array; dots: Float32Array },
    shape: MatrixShape,
  ): void;
}
