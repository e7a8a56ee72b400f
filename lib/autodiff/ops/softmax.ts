/**
 * Softmax and its logarithm over the last axis, and the losses of logits: cross-entropy with class labels, and with the probabilities that another
 * network gives.
 *
 * @module
 */
import { currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape, expectRank, rowsOf, sameShape } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().softmax(x.data, data, rowsOf("softmax", x));
  return recordOperation({ op: "softmax", inputs: [x], shape: x.shape, data });
}

/** Gradient rule of {@linkcode softmax}: y*(g - sum g*y). */
export const softmaxGradient: GradientRule = ({ output }, gradient, into) => {
  const shape = rowsOf("softmax", output);
  into(0, (out, accumulate) => kernels().softmaxGradient(output.data, gradient, out, { ...shape, accumulate }));
};

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  const data = currentRegion().float32(x.size);
  kernels().logSoftmax(x.data, data, rowsOf("logSoftmax", x));
  return recordOperation({ op: "logSoftmax", inputs: [x], shape: x.shape, data });
}

/** Gradient rule of {@linkcode logSoftmax}: g - e^y*sum g. */
export const logSoftmaxGradient: GradientRule = ({ output }, gradient, into) => {
  const shape = rowsOf("logSoftmax", output);
  into(0, (out, accumulate) => kernels().logSoftmaxGradient(output.data, gradient, out, { ...shape, accumulate }));
};

/**
 * Mean cross-entropy of the softmax of `logits` [rows, classes] against one class a row. Throws `ShapeError` when there is not one label a row
 * or no row at all, and `RangeError` for a label that is no class.
 */
export function crossEntropy(logits: Tensor, labels: ArrayLike<number>): Tensor {
  expectRank("crossEntropy", logits, 2);
  const { rows, columns } = rowsOf("crossEntropy", logits);
  if (labels.length !== rows || rows === 0) {
    throw new ShapeError(
      `crossEntropy: one label a row was wanted, ${labels.length} for logits ${describeShape(logits.shape)} found`,
    );
  }
  const logProbabilities = currentRegion().float32(logits.size);
  kernels().logSoftmax(logits.data, logProbabilities, { rows, columns });
  const classes = currentRegion().int32(rows);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const label = labels[i];
    if (!Number.isInteger(label) || label < 0 || label >= columns) {
      throw new RangeError(`crossEntropy: label ${label} of row ${i} is not one of the ${columns} classes`);
    }
    classes[i] = label;
    sum -= logProbabilities[i * columns + label];
  }
  const data = currentRegion().float32(1);
  data[0] = sum / rows;
  return recordOperation({
    op: "crossEntropy",
    inputs: [logits],
    shape: [],
    data,
    attributes: { logProbabilities, classes },
  });
}

/** Gradient rule of {@linkcode crossEntropy}: (softmax - one-hot) / rows. */
export const crossEntropyGradient: GradientRule = ({ inputs: [logits], attributes }, gradient, into) => {
  const { logProbabilities, classes } = attributes as { logProbabilities: Float32Array; classes: Int32Array };
  const { rows, columns } = rowsOf("crossEntropy", logits);
  const factor = gradient[0] / rows;
  into(
    0,
    (out, accumulate) =>
      kernels().crossEntropyGradient(logProbabilities, classes, out, { rows, columns, factor, accumulate }),
  );
};

/**
 * Mean cross-entropy of the softmax of `logits` [rows, classes] against a distribution a row, `targets` of the same shape. The gradient reaches
 * the targets as well when they require one. Throws `ShapeError` when the shapes differ or there is no row.
 */
export function softCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  expectRank("softCrossEntropy", logits, 2);
  const { rows, columns } = rowsOf("softCrossEntropy", logits);
  if (!sameShape(logits.shape, targets.shape) || rows === 0) {
    throw new ShapeError(
      `softCrossEntropy: targets of the logits' shape were wanted, ${describeShape(targets.shape)} for ${
        describeShape(logits.shape)
      } found`,
    );
  }
  const logProbabilities = currentRegion().float32(logits.size);
  kernels().logSoftmax(logits.data, logProbabilities, { rows, columns });
  let sum = 0;
  for (let i = 0; i < logProbabilities.length; i++) {
    if (targets.data[i] !== 0) sum -= targets.data[i] * logProbabilities[i];
  }
  const data = currentRegion().float32(1);
  data[0] = sum / rows;
  return recordOperation({
    op: "softCrossEntropy",
    inputs: [logits, targets],
    shape: [],
    data,
    attributes: logProbabilities,
  });
}

/** Gradient rule of {@linkcode softCrossEntropy}: (softmax*sum targets - targets) / rows, and -log softmax / rows to the targets. */
export const softCrossEntropyGradient: GradientRule = ({ inputs: [logits, targets], attributes }, gradient, into) => {
  const logProbabilities = attributes as Float32Array;
  const { rows, columns } = rowsOf("softCrossEntropy", logits);
  const factor = gradient[0] / rows;
  into(
    0,
    (out, accumulate) =>
      kernels().softCrossEntropyGradient(logProbabilities, targets.data, out, { rows, columns, factor, accumulate }),
  );
  into(1, (out, accumulate) => kernels().scale(logProbabilities, -factor, out, accumulate));
};
