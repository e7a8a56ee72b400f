/**
 * First values of weights: functions of a seed and the position, so that the same seed gives the same network.
 *
 * @module
 */
import { hash32 } from "../projection/hash.ts";

/** Fills the weights of a layer with `inputs` incoming and `outputs` outgoing connections a unit. */
export type Initializer = (weights: Float32Array, options: { inputs: number; outputs: number; seed: number }) => void;

function checkSeed(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(`initializer: a seed in 0...2^32 - 1 was wanted, ${seed} found`);
  }
}

type Fans = { inputs: number; outputs: number };

function uniform(bound: (fans: Fans) => number): Initializer {
  return (weights, options) => {
    checkSeed(options.seed);
    const width = bound(options);
    for (let i = 0; i < weights.length; i++) weights[i] = ((hash32(options.seed, 0, i) + 0.5) / 2 ** 31 - 1) * width;
  };
}

/** Pairs of uniform numbers turned into normal ones by Box and Muller's transform. */
function normal(deviation: (fans: Fans) => number): Initializer {
  return (weights, options) => {
    checkSeed(options.seed);
    const width = deviation(options);
    for (let i = 0; i < weights.length; i++) {
      const radius = Math.sqrt(-2 * Math.log((hash32(options.seed, 0, i) + 0.5) / 2 ** 32));
      weights[i] = width * radius * Math.cos(2 * Math.PI * hash32(options.seed, 1, i) / 2 ** 32);
    }
  };
}

/** Uniform in +-sqrt(6 / inputs), for layers before a ReLU (He et al. 2015). */
export const heUniform: Initializer = uniform(({ inputs }) => Math.sqrt(6 / inputs));

/** Normal with variance 2 / inputs (He et al. 2015). */
export const heNormal: Initializer = normal(({ inputs }) => Math.sqrt(2 / inputs));

/** Uniform in +-sqrt(6 / (inputs + outputs)) (Glorot & Bengio 2010). */
export const glorotUniform: Initializer = uniform(({ inputs, outputs }) => Math.sqrt(6 / (inputs + outputs)));

/** Normal with variance 2 / (inputs + outputs) (Glorot & Bengio 2010). */
export const glorotNormal: Initializer = normal(({ inputs, outputs }) => Math.sqrt(2 / (inputs + outputs)));

/** Zeros. */
export function zerosInitializer(weights: Float32Array): void {
  weights.fill(0);
}
