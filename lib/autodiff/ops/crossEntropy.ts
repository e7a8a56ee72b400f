import { currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, recordOperation } from "../record.ts";
import { describeShape, expectRank, rowsOf } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

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

/** Gradient rule of {@linkcode crossEntropy}: (softmax − one-hot) / rows. */
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
