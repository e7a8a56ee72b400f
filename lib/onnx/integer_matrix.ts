/**
 * Exact products of bytes with integer matrices.
 *
 * Engines compute a product of unsigned with signed bytes in pairs of 16 bits on some processors, and cut off what does not fit. Where two terms of a sum
 * cannot exceed 16 bits the matrix is stored as signed bytes, else as unsigned ones around 128, which is computed exactly everywhere. Kernels of
 * convolutions are always unsigned: onnxruntime has no others.
 *
 * @see https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html (when and why to try U8U8)
 * @module
 */
import type { GraphWriter, NodeOptions } from "./graph_writer.ts";

/** A matrix or the kernels of a convolution. */
export interface IntegerMatrix {
  /** Its name in the graph. */
  readonly name: string;
  /** Its values. */
  readonly values: Int8Array | Int32Array;
  /** Its axes. */
  readonly shape: readonly number[];
  /** The largest number that is multiplied with it, at most 255. */
  readonly largestInput: number;
  /** What is subtracted from each input, a byte; it also stands outside an image. 0 when left out. */
  readonly inputZero?: number;
}

/** The largest magnitude of the values. */
export function largestMagnitude(values: Int8Array | Int32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/** Whether a matrix fits in bytes. */
export function fitsInBytes(values: Int8Array | Int32Array): boolean {
  return values.every((value) => value >= -128 && value <= 127);
}

/** Kernels [outputs x places x channels], the channels of a pixel together, as [outputs, channels, places]. */
export function channelsFirstKernels(
  kernels: Int8Array,
  { outputs, channels }: { outputs: number; channels: number },
): Int8Array {
  const values = new Int8Array(kernels.length), length = kernels.length / outputs;
  for (let start = 0, at = 0; start < kernels.length; start += length) {
    for (let c = 0; c < channels; c++) {
      for (let i = start + c; i < start + length; i += channels) values[at++] = kernels[i];
    }
  }
  return values;
}

/** Adds `MatMulInteger` or `ConvInteger` with a matrix that {@linkcode fitsInBytes}: bytes in, 32-bit integers out. */
export function writeIntegerProduct(
  graph: GraphWriter,
  operator: "MatMulInteger" | "ConvInteger",
  input: string,
  { name, values, shape, largestInput, inputZero = 0, ...rest }: IntegerMatrix & NodeOptions,
): string {
  const byte = (value: number): string => graph.constant(`byte_${value}`, Uint8Array.of(value), []);
  const zeros = inputZero === 0 ? [] : [byte(inputZero)];
  const isNarrow = 2 * largestInput * largestMagnitude(values) <= 0x7fff;
  if (operator === "MatMulInteger" && isNarrow) {
    return graph.node(operator, [input, graph.constant(name, Int8Array.from(values), shape), ...zeros], rest);
  }
  if (values.every((value) => value >= 0)) {
    return graph.node(operator, [input, graph.constant(name, Uint8Array.from(values), shape), ...zeros], rest);
  }
  const shifted = graph.constant(name, Uint8Array.from(values, (value) => value + 128), shape);
  return graph.node(operator, [input, shifted, byte(inputZero), byte(128)], rest);
}
