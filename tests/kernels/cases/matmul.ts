import type { MatmulOptions } from "../../../lib/kernels/interface.ts";
import { type KernelCase, numbers } from "./case.ts";

/**
 * rows, columns, inner: single values, exact tiles of 6×8, 5×8 and 8×4, primes, more than one block in each direction, and operands that are packed
 * because there are many rows or because their stored rows are a multiple of 4096 bytes long.
 */
const shapes: readonly [number, number, number][] = [
  [1, 1, 1],
  [6, 8, 4],
  [5, 16, 12],
  [8, 4, 8],
  [5, 3, 7],
  [7, 9, 13],
  [13, 12, 5],
  [2, 11, 64],
  [3, 37, 65],
  [1, 17, 1030],
  [61, 10, 33],
  [50, 530, 70],
  [200, 30, 520],
  [401, 9, 21],
  [13, 1024, 9],
  [64, 20, 600],
  [0, 3, 2],
  [3, 0, 2],
  [3, 2, 0],
];

type Mode = Partial<Record<"accumulate" | "bias" | "relu", true>>;

const modes: readonly Mode[] = [{}, { accumulate: true }, { bias: true }, { relu: true }, { bias: true, relu: true }];

function naive(
  a: Float32Array,
  b: Float32Array,
  before: Float32Array,
  { rows, columns, inner, transposeA, transposeB, accumulate, bias, relu }: MatmulOptions,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = accumulate ? before[i * columns + j] : bias?.[j] ?? 0;
      for (let k = 0; k < inner; k++) {
        sum += a[transposeA ? k * rows + i : i * inner + k] * b[transposeB ? j * inner + k : k * columns + j];
      }
      out[i * columns + j] = relu && sum < 0 ? 0 : sum;
    }
  }
  return out;
}

function matmulCase(options: MatmulOptions, change?: (a: Float32Array, b: Float32Array) => void): KernelCase {
  const { rows, columns, inner, transposeA, transposeB, accumulate, bias, relu } = options;
  const a = numbers(rows * inner, 1), b = numbers(inner * columns, 2), before = numbers(rows * columns, 3);
  change?.(a, b);
  const flags = [transposeA ? "T" : "N", transposeB ? "T" : "N"].join("") +
    (accumulate ? " accumulate" : "") + (bias ? " bias" : "") + (relu ? " relu" : "") +
    (change ? " special values" : "");
  return {
    name: `matmul ${rows}×${columns}×${inner} ${flags}`,
    // Products of numbers up to 1 are summed in float32; the error of a sum grows at worst with its length.
    tolerance: { absolute: 1e-6 + 3e-8 * inner, relative: 1e-6 },
    expected: [naive(a, b, before, options)],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(before);
      kernels.matmul(place(a), place(b), out, { ...options, bias: bias && place(bias) });
      return [out];
    },
  };
}

/** Matrix products of all shapes, layouts and fused operations. */
export function matmulCases(): KernelCase[] {
  const cases: KernelCase[] = [];
  for (const [rows, columns, inner] of shapes) {
    for (const mode of modes) {
      for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
        const bias = mode.bias && numbers(columns, 4);
        cases.push(matmulCase({ rows, columns, inner, transposeA, transposeB, ...mode, bias }));
      }
    }
  }
  for (const relu of [false, true]) {
    cases.push(matmulCase({ rows: 7, columns: 9, inner: 5, relu }, (a, b) => {
      a[3] = NaN;
      b[8] = Infinity;
      b[2] = -Infinity;
    }));
  }
  return cases;
}
