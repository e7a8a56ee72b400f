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

/**
 * Layers one after the other.
 *
 * @example
 * ```ts
 * import { Dense, Sequential, tensor } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new Sequential([
 *   new Dense({ inputs: 4, outputs: 8, relu: true, seed: 1 }),
 *   new Dense({ inputs: 8, outputs: 3, seed: 2 }),
 * ]);
 * assertEquals(model.forward(tensor([[1, 2, 3, 4]])).shape, [1, 3]);
 * ```
 */
export class Sequential implements Module {
  /** A network of the given layers. */
  constructor(readonly layers: readonly Module[]) {}

  /** The parameters of all layers. */
  get parameters(): readonly Tensor[] {
    return this.layers.flatMap((layer) => layer.parameters);
  }

  /** The state of all layers. */
  get state(): readonly Tensor[] {
    return stateOf(this.layers);
  }

  /** Passes x through every layer. */
  forward(x: Tensor, context: ForwardContext = inference): Tensor {
    for (const layer of this.layers) x = layer.forward(x, context);
    return x;
  }
}
