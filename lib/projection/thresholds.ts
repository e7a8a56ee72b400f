/**
 * Thresholds: where on its line each projection is cut. Zero is the paper's rule (arXiv 1708.00630, section 3); cutting at the projection of the mean
 * input is the same as centring the data first; cutting at the median makes each bit set for half of the samples.
 * A bit k is 1 when the projected value lies strictly above its threshold. Packed codes hold bit k in byte floor(k/8), lowest bit first; bits beyond the last
 * are zero.
 *
 * @module
 */

/** How thresholds are chosen. */
export type ThresholdRule = "zero" | "mean" | "median" | "spread";

/** Options of {@linkcode fitThresholds}. */
export interface ThresholdOptions {
  /** Number of bits: the length of each row of the projected values. */
  bits: number;
  /** A number for each bit that `spread` draws its quantile by: that of its row in the pool; the bit's own when left out. */
  numbers?: ArrayLike<number>;
  /** Width of a stored threshold, 1...32 (default 8): the result is what {@linkcode compactThresholds} makes of the exact thresholds. */
  width?: number;
}

/**
 * Chooses one threshold a bit from the projected values of training samples. `mean` is the mean of the projected values, which is the projection of
 * the mean input, `median` the lower median, and `spread` the quantile of {@linkcode spreadQuantile}, each as an integer: a value v lies above the mean m
 * exactly when v > floor(m).
 *
 * @param rule the rule
 * @param projected [samples x bits], row-major: what `Projection.project` gave for each sample
 * @param options number of bits and width
 * @returns [bits] thresholds that a model file holds exactly in `width` bits each
 * @throws {RangeError} when there is no sample or the length is no multiple of the number of bits
 */
export function fitThresholds(rule: ThresholdRule, projected: Int32Array, options: ThresholdOptions): Int32Array {
  const { bits, width = 8, numbers } = options;
  const samples = projected.length / bits;
  if (!Number.isInteger(samples) || samples < 1) {
    throw new RangeError(
      `fitThresholds: ${projected.length} projected values, wanted a positive multiple of ${bits} bits`,
    );
  }
  if (!["zero", "mean", "median", "spread"].includes(rule)) {
    throw new RangeError(`fitThresholds: the rule is ${rule}, wanted zero, mean, median or spread`);
  }
  const thresholds = new Int32Array(bits);
  if (rule === "zero") return thresholds;
  const column = new Int32Array(samples);
  for (let k = 0; k < bits; k++) {
    let sum = 0;
    for (let s = 0; s < samples; s++) sum += column[s] = projected[s * bits + k];
    if (rule === "mean") thresholds[k] = Math.floor(sum / samples);
    else {
      const quantile = rule === "median" ? 0.5 : spreadQuantile(numbers?.[k] ?? k);
      thresholds[k] = column.sort()[Math.floor((samples - 1) * quantile)];
    }
  }
  return compactThresholds(thresholds, width);
}

/**
 * The quantile at which the rule `spread` cuts a bit: multiples of the golden ratio modulo 1, which fill the interval evenly however many there are
 * (Weyl's sequence), scaled to 0.1...0.9 where nothing else is asked for, as bits that are nearly always the same say nothing.
 *
 * @param number of the bit
 * @param range the ends of the interval
 * @returns a number from the first end to the last
 */
export function spreadQuantile(number: number, [from, to]: readonly [number, number] = [0.1, 0.9]): number {
  return from + (to - from) * ((number + 0.5) * 0.6180339887498949 % 1);
}

/**
 * Rounds thresholds to q*2^shift with one shift for all, the smallest for which floor(threshold / 2^shift) fits in `width` bits of two's complement.
 *
 * @param values thresholds
 * @param width bits of q, 1...32 (default 8)
 * @returns the rounded thresholds: the nearest that fits, halves rounded up
 * @throws {RangeError} when the width is no integer 1...32
 */
export function compactThresholds(values: Int32Array, width = 8): Int32Array {
  if (!Number.isInteger(width) || width < 1 || width > 32) {
    throw new RangeError(`compactThresholds: width is ${width}, wanted an integer 1...32`);
  }
  const limit = 2 ** (width - 1);
  let shift = 0;
  while (values.some((value) => value < -limit * 2 ** shift || value >= limit * 2 ** shift)) shift++;
  const unit = 2 ** shift;
  return values.map((value) => Math.min(Math.floor(value / unit + 0.5), limit - 1) * unit);
}

/**
 * Turns projected values into packed bits.
 *
 * @param values [bits] projected values; their number is the number of bits
 * @param thresholds [bits] one threshold a bit
 * @param out [ceil(bits / 8)] receives the packed bits
 * @throws {RangeError} when the lengths disagree
 */
export function packBits(values: Int32Array, thresholds: Int32Array, out: Uint8Array): void {
  const bits = values.length;
  if (thresholds.length !== bits || out.length !== (bits + 7) >>> 3) {
    throw new RangeError(
      `packBits: ${bits} values, ${thresholds.length} thresholds, ${out.length} bytes; wanted as many thresholds and ceil(bits / 8) bytes`,
    );
  }
  for (let k = 0, byte = 0; k < bits; k++) {
    byte |= Number(values[k] > thresholds[k]) << (k & 7);
    out[k >>> 3] = byte;
    if ((k & 7) === 7) byte = 0;
  }
}

/**
 * Turns packed bits back into one byte a bit.
 *
 * @param packed [ceil(bits / 8)] packed bits
 * @param out [bits] receives 0 or 1 for each bit; its length says how many
 * @throws {RangeError} when the lengths disagree
 */
export function unpackBits(packed: Uint8Array, out: Uint8Array): void {
  if (packed.length !== (out.length + 7) >>> 3) {
    throw new RangeError(`unpackBits: ${packed.length} bytes for ${out.length} bits, wanted ceil(bits / 8) bytes`);
  }
  for (let k = 0; k < out.length; k++) out[k] = (packed[k >>> 3] >>> (k & 7)) & 1;
}
