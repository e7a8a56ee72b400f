/**
 * What a network is to the rest of the library: parameters, and a forward pass on the tape.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";

/** How a forward pass is meant. */
export interface ForwardContext {
  /** Whether the pass is part of training: dropout drops, normalisation uses the batch. */
  readonly training: boolean;
  /** Number of the training step, for what is random in it. */
  readonly step: number;
}

/** A forward pass outside training. */
export const inference: ForwardContext = { training: false, step: 0 };

/** A network or a part of one; tensors go in and come out unless it says otherwise. */
export interface Module<Input = Tensor, Output = Tensor> {
  /** The tensors that training changes, in a fixed order. */
  readonly parameters: readonly Tensor[];
  /** What forward passes of training change beside the parameters, such as running means, in a fixed order; none when left out. */
  readonly state?: readonly Tensor[];
  /** The output for a batch, one sample a row. */
  forward(x: Input, context?: ForwardContext): Output;
}

/** The state of all parts of a network. */
export function stateOf(parts: readonly Pick<Module, "state">[]): Tensor[] {
  return parts.flatMap(({ state = [] }) => state);
}

/** Number of values in all parameters of a module. */
export function countParameters(module: Pick<Module, "parameters">): number {
  return module.parameters.reduce((total, { size }) => total + size, 0);
}
