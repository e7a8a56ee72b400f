import { hash32 } from "../../../lib/projection/mod.ts";
import type { KernelCase } from "./case.ts";

/** seed, step, limit */
const choices: readonly [number, number, number][] = [
  [0, 0, 2 ** 31],
  [3, 9, 0.4 * 2 ** 32],
  [2 ** 32 - 1, 123_456_789, 0.1 * 2 ** 32],
  [7, 1, 0],
  [7, 1, 2 ** 32],
  [7, 1, hash32(7, 1, 2)],
  [7, 1, hash32(7, 1, 2) + 0.5],
  [7, 1, hash32(7, 1, 2) + 1],
];

/** The mask of dropout against the hash of each position. */
export function dropoutCases(): KernelCase[] {
  return [0, 1, 6, 1024, 2051].flatMap((length) =>
    choices.map(([seed, step, limit]): KernelCase => ({
      name: `dropoutMask of ${length}, seed ${seed}, step ${step}, limit ${limit}`,
      tolerance: {},
      expected: [Array.from({ length }, (_, i) => hash32(seed, step, i) < limit ? 0 : 1.25)],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(new Float32Array(length).fill(NaN));
        kernels.dropoutMask(out, { seed, step, limit, kept: 1.25 });
        return [out];
      },
    }))
  );
}
