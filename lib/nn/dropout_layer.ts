import { dropout, type Tensor } from "../autodiff/mod.ts";
import { type ForwardContext, inference, type Module } from "./module.ts";

/** Dropout as a layer: active in training, nothing outside it. */
export class Dropout implements Module {
  /** It has none. */
  readonly parameters: readonly Tensor[] = [];

  /** A layer that drops `rate` of its inputs (0 ≤ rate < 1); `seed` fixes which. */
  constructor(readonly rate: number, readonly seed: number) {}

  /** The input with a part dropped and the rest scaled up, in training. */
  forward(x: Tensor, context: ForwardContext = inference): Tensor {
    if (!context.training || this.rate === 0) return x;
    return dropout(x, { rate: this.rate, seed: this.seed, step: context.step });
  }
}
