/**
 * Random distortions of images as a function of (seed, epoch, row), so that any image of any epoch can be made again on its own: mirrored, moved, turned,
 * stretched, sheared and elastically deformed, all in one resampling (Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks
 * applied to visual document analysis").
 *
 * A pixel of the distorted image is taken from where an affine map and a smooth random displacement put it, between four pixels of the image. Simard smooths
 * a random displacement of every pixel by a Gaussian; a cubic B-spline over coarse random knots is nearly the same field for a fraction of the work: its
 * kernel is all but a Gaussian with a deviation of the knots' spacing / sqrt(3).
 */

import { hash32, hashColumn, type ImageShape, rowKey } from "../projection/mod.ts";
import { checkDistortions, type Distortions, type EdgeRule } from "./distortions.ts";
import { ElasticField } from "./elastic_field.ts";

/** Keeps these random numbers apart from others of the same seed; 'augm' in ASCII. */
const seedPurpose = 0x6175676d;

/** Which random number of an image serves what; those of the elastic knots follow. */
const draws = { flip: 0, right: 1, down: 2, angle: 3, lean: 4, stretchX: 5, stretchY: 6, knots: 7 };

/** Positions between pixels are rounded to 1/1024 of a pixel. */
const partBits = 10, parts = 1 << partBits, half = 1 << 2 * partBits - 1;

/** Which images to distort, and the epoch they are distorted for. */
export interface AugmentedRows {
  /** Numbers of the rows, which their distortions depend on. */
  readonly rows: ArrayLike<number>;
  /** Where they stand in the source, if it does not hold all rows; at their numbers when left out. */
  readonly places?: ArrayLike<number>;
  /** The epoch, an unsigned 32-bit integer; each has distortions of its own. */
  readonly epoch: number;
}

/**
 * Writes distorted copies of images.
 *
 * @param source [count x height*width*channels] pixels
 * @param out [rows x height*width*channels] receives the given rows, in their order
 * @param which numbers of rows of `source`, and the epoch
 */
export type Augmentation = (source: Uint8Array, out: Uint8Array, which: AugmentedRows) => void;

/** Prepares random distortions of images of one size; see `prepareAugmentation` in on_demand.ts. */
export function prepareAugmentation(
  image: ImageShape,
  { seed, ...distortions }: Distortions & { readonly seed: number },
): Augmentation {
  checkDistortions(distortions);
  const { width, height, channels } = image;
  for (const side of [width, height, channels]) {
    if (Number.isInteger(side) && side > 0) continue;
    throw new RangeError(
      `augment: width, height and channels of at least 1 were wanted, ${width}x${height}x${channels} found`,
    );
  }
  const { flip = false, shift = 0, rotate = 0, scale = 0, shear = 0, elastic = 0, edges = "zero" } = distortions;
  const padded = new PaddedImage(image, edges);
  const field = elastic > 0 ? new ElasticField(image, elastic) : undefined;
  const isMoved = rotate === 0 && scale === 0 && shear === 0 && elastic === 0;
  const xs = new Float64Array(width), ys = new Float64Array(width);
  const centreX = (width - 1) / 2, centreY = (height - 1) / 2;
  const length = width * height * channels;
  const radians = Math.PI / 180;

  return (source, out, { rows, places = rows, epoch }) => {
    if (out.length !== rows.length * length) {
      throw new RangeError(`augment: room for ${rows.length} rows of ${length} was wanted, ${out.length} found`);
    }
    const epochKey = hash32(seed, seedPurpose, epoch);
    for (let i = 0; i < rows.length; i++) {
      const place = places[i];
      if (!(Number.isInteger(place) && place >= 0 && (place + 1) * length <= source.length)) {
        throw new RangeError(`augment: row ${place} is not among the ${source.length / length} of the source`);
      }
      const key = rowKey(epochKey, rows[i]);
      padded.fill(source, place * length, flip && hashColumn(key, draws.flip) >= 2 ** 31);
      field?.draw(key, draws.knots);
      const right = wholeUpTo(shift, hashColumn(key, draws.right)),
        down = wholeUpTo(shift, hashColumn(key, draws.down));
      if (isMoved) {
        padded.move({ right, down }, { out, to: i * length });
        continue;
      }
      const angle = rotate * radians * signed(hashColumn(key, draws.angle));
      const lean = Math.tan(shear * radians * signed(hashColumn(key, draws.lean)));
      const stretchX = 1 + scale * signed(hashColumn(key, draws.stretchX));
      const stretchY = 1 + scale * signed(hashColumn(key, draws.stretchY));
      // An image is stretched, sheared and turned about its centre, then moved; this is the way back from a distorted pixel.
      const cosine = Math.cos(angle), sine = Math.sin(angle);
      const xx = (cosine + lean * sine) / stretchX, xy = (sine - lean * cosine) / stretchX;
      const yx = -sine / stretchY, yy = cosine / stretchY;
      for (let v = 0, to = i * length; v < height; v++, to += width * channels) {
        const fromCentreY = v - down - centreY;
        for (let u = 0; u < width; u++) {
          const fromCentreX = u - right - centreX;
          xs[u] = centreX + xx * fromCentreX + xy * fromCentreY;
          ys[u] = centreY + yx * fromCentreX + yy * fromCentreY;
        }
        field?.displace(v, xs, ys);
        padded.sample(xs, ys, { out, to });
      }
    }
  };
}

/** A hash as a number from -1 to below 1. */
function signed(hash: number): number {
  return hash / 2 ** 31 - 1;
}

/** A hash as a whole number in -most...most, each as likely. */
function wholeUpTo(most: number, hash: number): number {
  return Math.floor(hash * (2 * most + 1) / 2 ** 32) - most;
}

/** A copy of an image with room around it, so that no position needs a test of its own. */
class PaddedImage {
  readonly #image: ImageShape;
  readonly #reflects: boolean;
  /** Positions are limited to `lowest` and the last pixel - `lowest`: at the zeros just outside the image, or at its outermost pixels. */
  readonly #lowest: number;
  /** Values of a padded row: one pixel on the left, two on the right, as there is a right neighbour of the last position too. */
  readonly #stride: number;
  readonly #pixels: Uint8Array;
  /** For each column of a moved image, where its pixel begins in a padded row. */
  readonly #columns: Int32Array;

  constructor(image: ImageShape, edges: EdgeRule) {
    this.#image = image;
    this.#reflects = edges === "reflect";
    this.#lowest = edges === "zero" ? -1 : 0;
    this.#stride = (image.width + 3) * image.channels;
    this.#pixels = new Uint8Array(this.#stride * (image.height + 3));
    this.#columns = new Int32Array(image.width);
  }

  /** Takes the image that begins at `from`. */
  fill(source: Uint8Array, from: number, mirrored: boolean): void {
    const { width, height, channels } = this.#image;
    const pixels = this.#pixels, step = mirrored ? -channels : channels;
    for (let y = 0, at = from; y < height; y++) {
      let to = (y + 1) * this.#stride + (mirrored ? width : 1) * channels;
      for (let x = 0; x < width; x++, to += step) {
        for (let channel = 0; channel < channels; channel++) pixels[to + channel] = source[at++];
      }
    }
  }

  /** Writes the image moved by whole pixels: what {@linkcode PaddedImage.sample} gives for such positions, at a fraction of the work. */
  move({ right, down }: { right: number; down: number }, { out, to }: { out: Uint8Array; to: number }): void {
    const { width, height, channels } = this.#image;
    const pixels = this.#pixels, columns = this.#columns;
    for (let u = 0; u < width; u++) columns[u] = (this.#place(u - right, width - 1) + 1) * channels;
    for (let v = 0, put = to; v < height; v++) {
      const row = (this.#place(v - down, height - 1) + 1) * this.#stride;
      for (let u = 0; u < width; u++) {
        for (let at = row + columns[u], end = at + channels; at < end; at++, put++) out[put] = pixels[at];
      }
    }
  }

  /** The pixel that stands for a position outside. */
  #place(position: number, last: number): number {
    const inside = this.#reflects ? last - Math.abs(last - Math.abs(position)) : position;
    return Math.min(Math.max(inside, this.#lowest), last - this.#lowest);
  }

  /** Writes the pixels at some positions, which may lie between pixels and outside; the positions are spoilt. */
  sample(xs: Float64Array, ys: Float64Array, { out, to }: { out: Uint8Array; to: number }): void {
    const { width, height, channels } = this.#image;
    const pixels = this.#pixels, stride = this.#stride, lowest = this.#lowest;
    const lastX = width - 1, lastY = height - 1;
    if (this.#reflects) {
      for (let u = 0; u < xs.length; u++) {
        xs[u] = lastX - Math.abs(lastX - Math.abs(xs[u]));
        ys[u] = lastY - Math.abs(lastY - Math.abs(ys[u]));
      }
    }
    for (let u = 0, put = to; u < xs.length; u++) {
      // Whole multiples of a part of a pixel: all that follows is exact in 32 bits.
      const x = (Math.min(Math.max(xs[u], lowest), lastX - lowest) + 1) * parts + 0.5 | 0;
      const y = (Math.min(Math.max(ys[u], lowest), lastY - lowest) + 1) * parts + 0.5 | 0;
      const partX = x & parts - 1, partY = y & parts - 1;
      for (let at = (y >> partBits) * stride + (x >> partBits) * channels, end = at + channels; at < end; at++, put++) {
        const below = at + stride;
        const upper = pixels[at] * (parts - partX) + pixels[at + channels] * partX;
        const lower = pixels[below] * (parts - partX) + pixels[below + channels] * partX;
        out[put] = upper * (parts - partY) + lower * partY + half >> 2 * partBits;
      }
    }
  }
}
