import type { Tensor } from "../autodiff/mod.ts";
import { type ForwardContext, inference, type Module, stateOf } from "./module.ts";

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
