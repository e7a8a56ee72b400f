import { type KernelCase, numbers } from "./case.ts";

const lengths = [0, 1, 6, 1024, 3001];
const tolerance = { relative: 1e-6, absolute: 1e-7 };

function sgdCases(length: number): KernelCase[] {
  const parameter = numbers(length, 21), gradient = numbers(length, 22), velocity = numbers(length, 23);
  const cases: KernelCase[] = [];
  for (const weightDecay of [0, 0.01]) {
    for (const kind of ["plain", "momentum", "nesterov"] as const) {
      const learningRate = 0.1, momentum = kind === "plain" ? 0 : 0.9;
      const slopes = Float64Array.from(gradient, (value, i) => value + weightDecay * parameter[i]);
      const speeds = kind === "plain" ? slopes : slopes.map((slope, i) => momentum * velocity[i] + slope);
      const directions = kind === "nesterov" ? slopes.map((slope, i) => slope + momentum * speeds[i]) : speeds;
      cases.push({
        name: `sgd of ${length}, ${kind}, weight decay ${weightDecay}`,
        tolerance,
        expected: [directions.map((value, i) => parameter[i] - learningRate * value), speeds].slice(
          0,
          kind === "plain" ? 1 : 2,
        ),
        run(kernels, place): ArrayLike<number>[] {
          const moved = place(parameter), state = kind === "plain" ? null : place(velocity);
          const step = { learningRate, momentum, weightDecay, nesterov: kind === "nesterov" };
          kernels.sgd(moved, place(gradient), state, step);
          return state === null ? [moved] : [moved, state];
        },
      });
    }
  }
  return cases;
}

function adamCases(length: number): KernelCase[] {
  const start = numbers(length, 31), gradients = [numbers(length, 32), numbers(length, 33), numbers(length, 34)];
  const constants = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 };
  return [false, true].map((decoupled) => {
    const parameter = Float64Array.from(start), mean = new Float64Array(length), square = new Float64Array(length);
    const { learningRate, beta1, beta2, epsilon, weightDecay } = constants;
    gradients.forEach((gradient, index) => {
      for (let i = 0; i < length; i++) {
        const slope = gradient[i] + (decoupled ? 0 : weightDecay * parameter[i]);
        mean[i] = beta1 * mean[i] + (1 - beta1) * slope;
        square[i] = beta2 * square[i] + (1 - beta2) * slope ** 2;
        const first = mean[i] / (1 - beta1 ** (index + 1)), second = square[i] / (1 - beta2 ** (index + 1));
        if (decoupled) parameter[i] -= learningRate * weightDecay * parameter[i];
        parameter[i] -= learningRate * first / (Math.sqrt(second) + epsilon);
      }
    });
    return {
      name: `three steps of ${decoupled ? "adamw" : "adam"} of ${length}`,
      // The update divides by the root of a small sum of squares.
      tolerance: { relative: 1e-5, absolute: 1e-6 },
      expected: [parameter, mean, square],
      run(kernels, place): ArrayLike<number>[] {
        const moved = place(start),
          moments = { mean: place(new Float32Array(length)), square: place(new Float32Array(length)) };
        gradients.forEach((gradient, index) =>
          kernels.adam(moved, place(gradient), moments, { ...constants, decoupled, step: index + 1 })
        );
        return [moved, moments.mean, moments.square];
      },
    };
  });
}

/** Averages that fade where gradients are zero: what becomes smaller than a normal float32 becomes zero, and nothing else does. */
function fadingCases(): KernelCase[] {
  const fading = Float32Array.of(1.2e-38, -1.2e-38, 2e-38, -2e-38, 1e-42, -1e-45, 0, 1, NaN, Infinity);
  const faded = [0, 0, 1.8e-38, -1.8e-38, 0, 0, 0, 0.9, NaN, Infinity];
  const none = new Float32Array(fading.length), tolerance = { relative: 1e-6, absolute: 0 };
  const sgd = [false, true].map((nesterov): KernelCase => ({
    name: `sgd of fading velocities${nesterov ? ", nesterov" : ""}`,
    tolerance,
    expected: [faded],
    run(kernels, place): ArrayLike<number>[] {
      const velocity = place(fading);
      const step = { learningRate: 0.1, momentum: 0.9, weightDecay: 0, nesterov };
      kernels.sgd(place(none), place(none), velocity, step);
      return [velocity];
    },
  }));
  const adam: KernelCase = {
    name: "adam of fading moments",
    tolerance,
    expected: [faded, faded],
    run(kernels, place): ArrayLike<number>[] {
      const moments = { mean: place(fading), square: place(fading) };
      const constants = { learningRate: 0.01, beta1: 0.9, beta2: 0.9, epsilon: 1e-8, weightDecay: 0 };
      kernels.adam(place(none), place(none), moments, { ...constants, decoupled: true, step: 1 });
      return [moments.mean, moments.square];
    },
  };
  return [...sgd, adam];
}

/** The optimisers' updates. */
export function optimizerCases(): KernelCase[] {
  return [...lengths.flatMap((length) => [...sgdCases(length), ...adamCases(length)]), ...fadingCases()];
}
