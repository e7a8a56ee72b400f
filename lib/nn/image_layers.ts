/**
 * Layers of convolutional networks that have no parameters: the shape of images, and pooling.
 *
 * @module
 */
import { averagePool, maxPool, mean, type PoolOptions, reshape, type Tensor } from "../autodiff/mod.ts";
import type { Module } from "./module.ts";

/** Rows of pixels as images: [images, height · width · channels] → [images, height, width, channels]. */
export class ToImages implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** Images of this size. */
  constructor(readonly size: { readonly height: number; readonly width: number; readonly channels: number }) {}

  /** The images. Throws `ShapeError` for rows of another length. */
  forward(x: Tensor): Tensor {
    const { height, width, channels } = this.size;
    return reshape(x, [x.shape[0], height, width, channels]);
  }
}

/** Everything behind the first axis as one row: [images, …] → [images, values]. */
export class Flatten implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** The rows. */
  forward(x: Tensor): Tensor {
    return reshape(x, [x.shape[0], x.shape.slice(1).reduce((a, b) => a * b, 1)]);
  }
}

/** The largest value of each window and channel. */
export class MaxPool implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** With windows of this size. */
  constructor(readonly options: PoolOptions) {}

  /** As the operation `maxPool`. */
  forward(x: Tensor): Tensor {
    return maxPool(x, this.options);
  }
}

/** The mean of each window and channel. */
export class AveragePool implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** With windows of this size. */
  constructor(readonly options: PoolOptions) {}

  /** As the operation `averagePool`. */
  forward(x: Tensor): Tensor {
    return averagePool(x, this.options);
  }
}

/** The mean over all pixels of each channel: [images, height, width, channels] → [images, channels]. */
export class GlobalAveragePool implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** The means. Throws `ShapeError` when x are no images. */
  forward(x: Tensor): Tensor {
    const [images, height, width, channels] = x.shape;
    return mean(reshape(x, [images, height * width, channels]), { axis: 1 });
  }
}
