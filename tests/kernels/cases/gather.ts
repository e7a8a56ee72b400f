import { currentRegion } from "../../../lib/kernels/mod.ts";
import { type KernelCase, numbers } from "./case.ts";

/** Rows of the source, columns, wanted rows. */
const shapes: readonly [number, number, readonly number[]][] = [
  [1, 1, [0]],
  [5, 4, [4, 0, 0, 2]],
  [9, 19, [8, 3, 1, 0, 8]],
  [40, 784, Array.from({ length: 37 }, (_, i) => i * 7 % 40)],
  [3, 8, []],
];

const bytes = (count: number, seed: number): Uint8Array =>
  Uint8Array.from(numbers(count, seed), (value) => Math.floor((value + 1) * 128));

const inArena = (source: Uint8Array): Uint8Array => {
  const view = currentRegion().uint8(source.length);
  view.set(source);
  return view;
};

function shapeCases(count: number, columns: number, rows: readonly number[]): KernelCase[] {
  const source = bytes(count * columns, 41);
  const stride = Math.ceil(columns / 8), codes = bytes(count * stride, 42);
  const factor = 1 / 255, offset = -0.25;
  const values = rows.flatMap((row) => [...source.subarray(row * columns, (row + 1) * columns)]);
  const signs = rows.flatMap((row) => {
    const text = [...codes.subarray(row * stride, (row + 1) * stride)]
      .map((byte) => [...byte.toString(2).padStart(8, "0")].reverse().join("")).join("");
    return [...text.slice(0, columns)].map((bit) => bit === "1" ? 1 : -1);
  });
  return [true, false].flatMap((placed): KernelCase[] => {
    const where = placed ? "from the arena" : "from an array";
    return [{
      name: `gatherBytes ${rows.length} of ${count}×${columns} ${where}`,
      tolerance: { relative: 2e-7, absolute: 1e-7 },
      expected: [values.map((value) => value * factor + offset)],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(new Float32Array(rows.length * columns));
        const options = { columns, factor, offset };
        kernels.gatherBytes(placed ? inArena(source) : source, Uint32Array.from(rows), out, options);
        return [out];
      },
    }, {
      name: `gatherSigns ${rows.length} of ${count}×${columns} ${where}`,
      tolerance: {},
      expected: [signs],
      run(kernels, place): ArrayLike<number>[] {
        const out = place(new Float32Array(rows.length * columns));
        kernels.gatherSigns(placed ? inArena(codes) : codes, Uint32Array.from(rows), out, { bits: columns });
        return [out];
      },
    }];
  });
}

/** Batches gathered from bytes and from packed bits. */
export function gatherCases(): KernelCase[] {
  return shapes.flatMap(([count, columns, rows]) => shapeCases(count, columns, rows));
}
