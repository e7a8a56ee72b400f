/**
 * The windows that convolutions and pooling lay over images.
 *
 * @module
 */
import { patchGrid, type PatchShape, ShapeError } from "../kernels/mod.ts";
import { describeShape } from "./shapes.ts";
import type { Tensor } from "./tensor.ts";

/** Where windows are laid. */
export interface WindowOptions {
  /** From one window to the next, in pixels. */
  readonly stride?: number;
  /** Rows and columns of zeros on each side of the image; "same" are as many as give ceil(size / stride) windows; 0 when left out. */
  readonly padding?: number | "same";
}

/** The windows of images [images, height, width, channels], and how many there are. Throws `ShapeError` when there is none, or one outside the image. */
export function windowsOf(
  op: string,
  { shape, rank }: Pick<Tensor, "shape" | "rank">,
  kernel: readonly [height: number, width: number],
  { stride = 1, padding = 0 }: WindowOptions,
): { windows: PatchShape; grid: { rows: number; columns: number } } {
  if (rank !== 4) {
    throw new ShapeError(`${op}: [images, height, width, channels] was wanted, ${describeShape(shape)} found`);
  }
  const [images, height, width, channels] = shape;
  const [vertical, horizontal] = [height, width].map((size, axis): [before: number, after: number] => {
    if (padding !== "same") return [padding, padding];
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel[axis] - size);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  const windows: PatchShape = {
    ...{ images, height, width, channels, kernel },
    stride: [stride, stride],
    padding: [vertical[0], horizontal[0], vertical[1], horizontal[1]],
  };
  const grid = patchGrid(windows);
  if (grid.rows === 0 || grid.columns === 0 || vertical[1] >= kernel[0] || horizontal[1] >= kernel[1]) {
    throw new ShapeError(
      `${op}: windows of ${kernel.join("x")} with padding ${padding} do not fit images of ${height}x${width}`,
    );
  }
  return { windows, grid };
}
