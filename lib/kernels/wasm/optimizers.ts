/**
 * The optimisers' updates, one pass over the parameter.
 *
 * @module
 */
import { F32, type F32x4, I32 } from "./assembler/mod.ts";
import { multiplyAdd } from "./gemm_tile.ts";
import { defineElementwise, type KernelModule } from "./kernel.ts";

/** See {@linkcode Kernels.sgd}. An exponent of zero marks zero and the subnormal numbers. */
function withoutSubnormals(value: F32x4): F32x4 {
  return value.where(value.bits().and(0x7f800000).greater(0));
}

/** Adds sgd, sgd_momentum, sgd_nesterov and adam. */
export function defineOptimizers(target: KernelModule): void {
  const { features } = target;
  const step = { parameter: I32, gradient: I32, velocity: I32, rate: F32, momentum: F32, decay: F32 };
  for (const kind of ["sgd", "sgd_momentum", "sgd_nesterov"]) {
    defineElementwise(target, kind, step, ({ code, values: v, load, store }) => {
      const parameter = load(v.parameter);
      const slope = code.let(multiplyAdd(features, v.decay, parameter, load(v.gradient)));
      let direction = slope;
      if (kind !== "sgd") {
        const sum = code.let(multiplyAdd(features, v.momentum, load(v.velocity), slope));
        const velocity = code.let(withoutSubnormals(sum));
        store(v.velocity, velocity);
        direction = kind === "sgd_momentum" ? velocity : multiplyAdd(features, v.momentum, velocity, slope);
      }
      store(v.parameter, parameter.subtract(v.rate.multiply(direction)));
    });
  }

  const adam = {
    ...{ parameter: I32, gradient: I32, mean: I32, square: I32 },
    ...{ beta1: F32, rest1: F32, beta2: F32, rest2: F32 },
    ...{ stepSize: F32, rootCorrection: F32, epsilon: F32, decay: F32, shrink: F32 },
  };
  defineElementwise(target, "adam", adam, ({ code, values: v, load, store }) => {
    const parameter = load(v.parameter);
    const slope = code.let(multiplyAdd(features, v.decay, parameter, load(v.gradient)));
    const first = code.let(multiplyAdd(features, v.beta1, load(v.mean), v.rest1.multiply(slope)));
    const second = multiplyAdd(features, v.beta2, load(v.square), v.rest2.multiply(slope).multiply(slope));
    const mean = code.let(withoutSubnormals(first)), square = code.let(withoutSubnormals(code.let(second)));
    store(v.mean, mean);
    store(v.square, square);
    const size = multiplyAdd(features, square.squareRoot(), v.rootCorrection, v.epsilon);
    store(v.parameter, parameter.multiply(v.shrink).subtract(v.stepSize.multiply(mean).divide(size)));
  });
}
