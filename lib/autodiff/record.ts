/**
 * How an operation tells the recording tape what it did.
 *
 * @module
 */
import { Tensor } from "./tensor.ts";

/** One operation that ran. */
export interface TapeEntry {
  /** Name of the operation, the key of its gradient rule. */
  readonly op: string;
  /** The tensors that it read. */
  readonly inputs: readonly Tensor[];
  /** The tensor that it made. */
  readonly output: Tensor;
  /** What the gradient rule needs beside the tensors. */
  readonly attributes?: unknown;
  /** A gradient rule of the operation's own, instead of the one in the registry. */
  readonly gradient?: GradientRule;
}

/**
 * Takes a contribution to the gradient of input number `input`: calls `write` with the array to write to, and whether to add to what it holds.
 * Does nothing when that input requires no gradient.
 */
export type GradientSink = (input: number, write: (out: Float32Array, accumulate: boolean) => void) => void;

/**
 * How an operation passes a gradient on: given the derivative of the loss with respect to its output, which it may overwrite, it contributes to
 * the gradients of its inputs.
 */
export type GradientRule = (entry: TapeEntry, gradient: Float32Array, into: GradientSink) => void;

type Recorder = (entry: TapeEntry) => void;

let recorder: Recorder | null = null;

/** Makes `next` the recorder and returns the one before. */
export function setRecorder(next: Recorder | null): Recorder | null {
  const previous = recorder;
  recorder = next;
  return previous;
}

/**
 * The output of an operation: a tensor with the given shape and values, recorded on the tape that is recording, if any, when one of the inputs
 * requires a gradient. Operations of one's own call this with a `gradient` rule.
 *
 * @example An operation of one's own
 * ```ts
 * import { recordOperation, sum, Tape, tensor } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([1, 2], { requiresGradient: true });
 * const tape = new Tape();
 * const loss = tape.record(() =>
 *   sum(recordOperation({
 *     op: "cube",
 *     inputs: [x],
 *     shape: x.shape,
 *     data: x.data.map((value) => value ** 3),
 *     gradient: (_entry, gradient, into) =>
 *       into(0, (out, accumulate) => {
 *         for (let i = 0; i < out.length; i++) out[i] = (accumulate ? out[i] : 0) + gradient[i] * 3 * x.data[i] ** 2;
 *       }),
 *   }))
 * );
 * tape.backward(loss);
 * assertEquals(Array.from(x.gradient!), [3, 12]);
 * ```
 */
export function recordOperation(
  operation: Omit<TapeEntry, "output"> & { readonly shape: readonly number[]; readonly data: Float32Array },
): Tensor {
  const { op, inputs, shape, data, attributes, gradient } = operation;
  const requiresGradient = recorder !== null && inputs.some((input) => input.requiresGradient);
  const output = new Tensor(shape, data, { requiresGradient, name: op });
  if (requiresGradient) recorder!({ op, inputs, output, attributes, gradient });
  return output;
}
