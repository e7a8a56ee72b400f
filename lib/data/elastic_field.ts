/**
 * A smooth random displacement of the pixels of an image: a uniform cubic B-spline over random knots, a quarter of the image's shorter side apart, which is
 * about Simard's Gaussian of sigma = 4 on 29x29 pixels.
 */

import { hashColumn } from "../projection/mod.ts";

/** The knots along one side of an image. */
interface KnotAxis {
  /** Number of knots. */
  readonly knots: number;
  /** The first of the four knots that move each pixel. */
  readonly first: Int32Array;
  /** [pixels x 4] their weights. */
  readonly weights: Float64Array;
}

/** Mean square of the sum of four weights times values of variance 1, along one axis. */
const splineVariance = 151 / 315;

/** Random displacements that are drawn image by image. */
export class ElasticField {
  readonly #across: KnotAxis;
  readonly #down: KnotAxis;
  readonly #amplitude: number;
  /** The knots' displacements, [down x across], and those of a row of pixels at the knots across. */
  readonly #knotsX: Float64Array;
  readonly #knotsY: Float64Array;
  readonly #rowX: Float64Array;
  readonly #rowY: Float64Array;

  /** A field whose displacements have the given standard deviation in pixels along each axis. */
  constructor({ width, height }: { width: number; height: number }, deviation: number) {
    const spacing = Math.max(1, Math.min(width, height) / 4);
    this.#across = knotAxis(width, spacing);
    this.#down = knotAxis(height, spacing);
    this.#amplitude = deviation * Math.sqrt(3) / splineVariance;
    const { knots } = this.#across;
    this.#knotsX = new Float64Array(this.#down.knots * knots);
    this.#knotsY = new Float64Array(this.#down.knots * knots);
    this.#rowX = new Float64Array(knots);
    this.#rowY = new Float64Array(knots);
  }

  /** Draws the knots of the image with the given key, from random number `first` on. */
  draw(key: number, first: number): void {
    for (let knot = 0, draw = first; knot < this.#knotsX.length; knot++) {
      this.#knotsX[knot] = this.#amplitude * (hashColumn(key, draw++) / 2 ** 31 - 1);
      this.#knotsY[knot] = this.#amplitude * (hashColumn(key, draw++) / 2 ** 31 - 1);
    }
  }

  /** Adds the displacements of the pixels of row `v`. */
  displace(v: number, xs: Float64Array, ys: Float64Array): void {
    const { knots, first, weights } = this.#across;
    const down = this.#down;
    mixRows(this.#knotsX, this.#rowX, { from: down.first[v] * knots, weights: down.weights, at: 4 * v });
    mixRows(this.#knotsY, this.#rowY, { from: down.first[v] * knots, weights: down.weights, at: 4 * v });
    const rowX = this.#rowX, rowY = this.#rowY;
    for (let u = 0, at = 0; u < first.length; u++, at += 4) {
      const k = first[u];
      const a = weights[at], b = weights[at + 1], c = weights[at + 2], d = weights[at + 3];
      xs[u] += a * rowX[k] + b * rowX[k + 1] + c * rowX[k + 2] + d * rowX[k + 3];
      ys[u] += a * rowY[k] + b * rowY[k + 1] + c * rowY[k + 2] + d * rowY[k + 3];
    }
  }
}

/** Sums four rows of knots with the weights of a row of pixels. */
function mixRows(
  knots: Float64Array,
  out: Float64Array,
  { from, weights, at }: { from: number; weights: Float64Array; at: number },
): void {
  const { length } = out;
  for (let k = 0; k < length; k++) {
    const knot = from + k;
    out[k] = weights[at] * knots[knot] + weights[at + 1] * knots[knot + length] +
      weights[at + 2] * knots[knot + 2 * length] + weights[at + 3] * knots[knot + 3 * length];
  }
}

function knotAxis(pixels: number, spacing: number): KnotAxis {
  const first = new Int32Array(pixels), weights = new Float64Array(4 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const knot = Math.floor(pixel / spacing), t = pixel / spacing - knot;
    first[pixel] = knot;
    weights.set([
      (1 - t) ** 3 / 6,
      (3 * t ** 3 - 6 * t ** 2 + 4) / 6,
      (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6,
      t ** 3 / 6,
    ], 4 * pixel);
  }
  return { knots: first[pixels - 1] + 4, first, weights };
}
