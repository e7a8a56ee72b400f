/**
 * Matrix products: plain, and with a bias and a rectifier in one pass.
 *
 * @module
 */
import { currentRegion, kernels, ShapeError } from "../../kernels/mod.ts";
import { type GradientRule, type GradientSink, recordOperation } from "../record.ts";
import { describeShape } from "../shapes.ts";
import type { Tensor } from "../tensor.ts";

interface Dimensions {
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/**
 * Matrix product: [rows, inner]*[inner, columns], or [batch, rows, inner]*[batch, inner, columns] matrix by matrix. Throws `ShapeError` when the
 * ranks or the inner lengths differ.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const rank = a.rank;
  const inner = a.shape[rank - 1];
  if (
    (rank !== 2 && rank !== 3) || b.rank !== rank || b.shape[rank - 2] !== inner ||
    (rank === 3 && a.shape[0] !== b.shape[0])
  ) {
    throw new ShapeError(`matmul: shapes ${describeShape(a.shape)} and ${describeShape(b.shape)} do not multiply`);
  }
  const batch = rank === 3 ? a.shape[0] : 1;
  const rows = a.shape[rank - 2], columns = b.shape[rank - 1];
  const data = currentRegion().float32(batch * rows * columns);
  for (let i = 0; i < batch; i++) {
    kernels().matmul(part(a.data, i, rows * inner), part(b.data, i, inner * columns), part(data, i, rows * columns), {
      rows,
      columns,
      inner,
    });
  }
  const attributes: Dimensions = { batch, rows, inner, columns };
  return recordOperation({
    op: "matmul",
    inputs: [a, b],
    shape: rank === 3 ? [batch, rows, columns] : [rows, columns],
    data,
    attributes,
  });
}

/** Gradient rule of {@linkcode matmul}: gradient*b^T and a^T*gradient. */
export const matmulGradient: GradientRule = ({ inputs: [a, b], attributes }, gradient, into) => {
  const { batch, rows, inner, columns } = attributes as Dimensions;
  into(0, (out, accumulate) => {
    for (let i = 0; i < batch; i++) {
      kernels().matmul(
        part(gradient, i, rows * columns),
        part(b.data, i, inner * columns),
        part(out, i, rows * inner),
        {
          rows,
          columns: inner,
          inner: columns,
          transposeB: true,
          accumulate,
        },
      );
    }
  });
  into(1, (out, accumulate) => {
    for (let i = 0; i < batch; i++) {
      kernels().matmul(
        part(a.data, i, rows * inner),
        part(gradient, i, rows * columns),
        part(out, i, inner * columns),
        {
          rows: inner,
          columns,
          inner: rows,
          transposeA: true,
          accumulate,
        },
      );
    }
  });
};

function part(data: Float32Array, index: number, size: number): Float32Array {
  return data.length === size ? data : data.subarray(index * size, (index + 1) * size);
}

/** The parts of a fully connected layer. */
export interface LinearOptions {
  /** Added to each row, [outputs]. */
  readonly bias: Tensor;
  /** Replace negative results by zero. */
  readonly relu?: boolean;
}

/**
 * A fully connected layer as one operation: x*weights + bias, with ReLU when asked; x is [rows, inputs], weights [inputs, outputs]. Throws
 * `ShapeError` when they do not fit.
 */
export function linear(x: Tensor, weights: Tensor, options: LinearOptions): Tensor {
  const { bias, relu = false } = options;
  const [rows, inner] = x.shape;
  const columns = weights.shape[1];
  if (x.rank !== 2 || weights.rank !== 2 || weights.shape[0] !== inner || bias.rank !== 1 || bias.size !== columns) {
    throw new ShapeError(
      `linear: x ${describeShape(x.shape)}, weights ${describeShape(weights.shape)} and bias ${
        describeShape(bias.shape)
      } do not fit; ` +
        `[rows, inputs], [inputs, outputs] and [outputs] were wanted`,
    );
  }
  const data = currentRegion().float32(rows * columns);
  kernels().matmul(x.data, weights.data, data, { rows, columns, inner, bias: bias.data, relu });
  return recordOperation({ op: "linear", inputs: [x, weights, bias], shape: [rows, columns], data, attributes: relu });
}

/** Gradient rule of {@linkcode linear}. */
export const linearGradient: GradientRule = ({ inputs: [x, weights, bias], output, attributes }, gradient, into) => {
  const [rows, inner] = x.shape;
  const columns = output.shape[1];
  passToBias({ bias, output, relu: attributes as boolean, rows, columns }, gradient, into);
  into(
    1,
    (out, accumulate) =>
      kernels().matmul(x.data, gradient, out, { rows: inner, columns, inner: rows, transposeA: true, accumulate }),
  );
  into(
    0,
    (out, accumulate) =>
      kernels().matmul(gradient, weights.data, out, {
        rows,
        columns: inner,
        inner: columns,
        transposeB: true,
        accumulate,
      }),
  );
};

/** Of x*weights + bias [rows, columns] with its bias as input 2: the bias's gradient; where ReLU followed, `gradient` becomes that of the sums. */
export function passToBias(
  layer: { bias: Tensor; output: Tensor; relu: boolean; rows: number; columns: number },
  gradient: Float32Array,
  into: GradientSink,
): void {
  const { bias, output: { data: y }, relu, rows, columns } = layer;
  if (!relu) into(2, (out, accumulate) => kernels().columnSums(gradient, out, { rows, columns, accumulate }));
  else if (!bias.requiresGradient) kernels().unaryGradient("relu", { x: y, y, gradient }, gradient, false);
  else {
    into(2, (out, accumulate) => kernels().reluBiasGradient(y, gradient, out, { rows, columns, accumulate }));
  }
}
