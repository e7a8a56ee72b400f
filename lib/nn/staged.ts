import type { Tensor } from "../autodiff/mod.ts";
import { type ForwardContext, inference, type Module, stateOf } from "./module.ts";

/** A part of a network whose output can be asked for. */
export interface Stage {
  /** Its name, unique in the network. */
  readonly name: string;
  /** What it computes from the output of the stage before it, one sample a row. */
  readonly module: Module;
  /** Shape of its output for one sample, such as [height, width, channels]. */
  readonly shape: readonly number[];
}

/**
 * A network as named stages one after the other, so that hidden activations can be read.
 *
 * @example
 * ```ts
 * import { Dense, StagedNetwork, tensor } from "@neuralbits/projectionnet";
 * import { assertEquals } from "@std/assert";
 *
 * const network = new StagedNetwork([
 *   { name: "hidden", module: new Dense({ inputs: 4, outputs: 8, relu: true, seed: 1 }), shape: [8] },
 *   { name: "logits", module: new Dense({ inputs: 8, outputs: 3, seed: 2 }), shape: [3] },
 * ]);
 * const x = tensor([[1, 2, 3, 4]]);
 * assertEquals(network.activations(x).map(({ shape }) => shape), [[1, 8], [1, 3]]);
 * assertEquals(network.forward(x, undefined, "hidden").shape, [1, 8]);
 * ```
 */
export class StagedNetwork implements Module {
  /** A network of the given stages. Throws `RangeError` when there is none, or two of a name. */
  constructor(readonly stages: readonly Stage[]) {
    const names = stages.map(({ name }) => name);
    const repeated = names.find((name, i) => names.indexOf(name) !== i);
    if (stages.length === 0 || repeated !== undefined) {
      const found = repeated === undefined ? "none" : `two of the name ${JSON.stringify(repeated)}`;
      throw new RangeError(`StagedNetwork: one or more stages of different names were wanted, ${found} found`);
    }
  }

  /** The parameters of all stages. */
  get parameters(): readonly Tensor[] {
    return this.stages.flatMap(({ module }) => module.parameters);
  }

  /** The state of all stages. */
  get state(): readonly Tensor[] {
    return stateOf(this.stages.map(({ module }) => module));
  }

  /** Passes x through every stage, or up to and with the one named `last`. Throws `RangeError` when there is none of that name. */
  forward(
    x: Tensor,
    context: ForwardContext = inference,
    last: string = this.stages[this.stages.length - 1].name,
  ): Tensor {
    const names = this.stages.map(({ name }) => name), end = names.indexOf(last);
    if (end < 0) {
      throw new RangeError(
        `StagedNetwork: one of the stages ${names.join(", ")} was wanted, ${JSON.stringify(last)} found`,
      );
    }
    for (const { module } of this.stages.slice(0, end + 1)) x = module.forward(x, context);
    return x;
  }

  /** The outputs of all stages, in their order. */
  activations(x: Tensor, context: ForwardContext = inference): Tensor[] {
    return this.stages.map(({ module }) => x = module.forward(x, context));
  }
}
