import { type KernelCase, numbers } from "./case.ts";

/** Rows and bits of packed values. */
const packed: readonly [number, number][] = [
  [1, 1],
  [3, 7],
  [2, 8],
  [5, 16],
  [4, 21],
  [3, 33],
  [37, 720],
  [0, 9],
  [4, 0],
];

/** Values around thresholds that float32 cannot hold, and some that are no number. */
const borders: readonly [value: number, threshold: number][] = [
  [2 ** 24, 2 ** 24 + 1],
  [2 ** 24 + 2, 2 ** 24 + 1],
  [-(2 ** 24), -(2 ** 24) - 1],
  [-(2 ** 24) - 2, -(2 ** 24) - 1],
  [2 ** 31, 2 ** 31 - 1],
  [-(2 ** 31), -(2 ** 31)],
  [2.5, 2],
  [NaN, -1],
  [Infinity, 5],
  [-Infinity, -5],
  [0, 0],
  [-0, -1],
];

function packCase(
  name: string,
  [rows, bits]: [number, number],
  values: ArrayLike<number>,
  thresholds: Float32Array | Int32Array,
): KernelCase {
  const expected = Array.from({ length: rows }, (_, i) => {
    const text = Array.from(thresholds, (threshold, j) => values[i * bits + j] > threshold ? "1" : "0").join("");
    return (text.match(/.{1,8}/g) ?? []).map((byte) => parseInt([...byte].reverse().join(""), 2));
  });
  return {
    name: `packBits ${rows}×${bits} ${name}`,
    tolerance: {},
    expected: [expected.flat()],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(new Uint8Array(rows * Math.ceil(bits / 8)).fill(0xff));
      const limits = thresholds instanceof Int32Array ? place(thresholds) : place(thresholds);
      kernels.packBits(place(values), limits, out, { rows, bits });
      return [out];
    },
  };
}

function packCases(rows: number, bits: number): KernelCase[] {
  const values = numbers(rows * bits, 61).map((value) => Math.round(20 * value));
  const thresholds = numbers(bits, 62).map((value) => Math.round(5 * value));
  return [
    packCase("float32 thresholds", [rows, bits], values, thresholds),
    packCase("int32 thresholds", [rows, bits], values, Int32Array.from(thresholds)),
  ];
}

/** rows, bytes, outputs; 31 vectors of 16 bytes are counted at a time. */
const counted: readonly [number, number, number][] = [
  [1, 1, 1],
  [3, 15, 2],
  [2, 16, 4],
  [9, 17, 5],
  [20, 90, 10],
  [2, 496, 3],
  [2, 1010, 3],
  [0, 3, 4],
  [2, 0, 3],
  [2, 3, 0],
];

const bytes = (count: number, seed: number): Uint8Array =>
  Uint8Array.from(numbers(count, seed), (value) => Math.floor((value + 1) * 128));

function popcountCase(rows: number, width: number, outputs: number, full: boolean): KernelCase {
  const codes = full ? new Uint8Array(rows * width).fill(255) : bytes(rows * width, 63);
  const signs = full ? new Uint8Array(outputs * width).fill(255) : bytes(outputs * width, 64);
  const sum = (code: Uint8Array, sign: Uint8Array): number =>
    code.reduce((sum, byte, k) => {
      for (let bit = 1; bit < 256; bit *= 2) if (byte & bit) sum += sign[k] & bit ? 1 : -1;
      return sum;
    }, 0);
  const row = (array: Uint8Array, index: number): Uint8Array => array.subarray(index * width, (index + 1) * width);
  return {
    name: `popcountMatmul ${rows}×${width}×${outputs}${full ? " of ones" : ""}`,
    tolerance: {},
    expected: [
      Array.from(
        { length: rows * outputs },
        (_, at) => sum(row(codes, Math.floor(at / outputs)), row(signs, at % outputs)),
      ),
    ],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(new Int32Array(rows * outputs));
      kernels.popcountMatmul(place(codes), place(signs), out, { rows, bytes: width, outputs });
      return [out];
    },
  };
}

/** rows, functions, bits, outputs */
const looked: readonly [number, number, number, number][] = [
  [1, 1, 0, 1],
  [3, 2, 1, 3],
  [5, 7, 4, 10],
  [2, 3, 8, 16],
  [2, 3, 2, 37],
  [4, 0, 3, 5],
  [4, 3, 3, 0],
  [0, 3, 3, 4],
];

function lookupCases(rows: number, functions: number, bits: number, outputs: number): KernelCase[] {
  const entries = 2 ** bits;
  const floats = numbers(functions * entries * outputs, 65);
  const integers = Int32Array.from(floats, (value) => value * 2 ** 31);
  // Bits of an index above the lowest ones do not count.
  const indices = Int32Array.from(numbers(rows * functions, 66), (value) => Math.floor(value * 2 ** 20));
  const expected = (table: ArrayLike<number>, round: (sum: number) => number): number[] =>
    Array.from({ length: rows * outputs }, (_, at) => {
      let sum = 0;
      for (let t = 0; t < functions; t++) {
        const index = indices[Math.floor(at / outputs) * functions + t];
        const entry = (index % entries + entries) % entries;
        sum = round(sum + table[(t * entries + entry) * outputs + at % outputs]);
      }
      return sum;
    });
  const size = `${rows}×${functions} of ${bits} bits to ${outputs}`, options = { rows, functions, bits, outputs };
  return [{
    name: `lookupSums ${size}, float32`,
    tolerance: {},
    expected: [expected(floats, Math.fround)],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(new Float32Array(rows * outputs).fill(NaN));
      kernels.lookupSums(place(indices), place(floats), out, options);
      return [out];
    },
  }, {
    name: `lookupSums ${size}, int32`,
    tolerance: {},
    expected: [expected(integers, (sum) => sum | 0)],
    run(kernels, place): ArrayLike<number>[] {
      const out = place(new Int32Array(rows * outputs).fill(-1));
      kernels.lookupSums(place(indices), place(integers), out, options);
      return [out];
    },
  }];
}

/** Packing, and the sums of binary and table heads. */
export function codeCases(): KernelCase[] {
  const border: [number, number] = [1, borders.length];
  const values = borders.map(([value]) => value), thresholds = borders.map(([, threshold]) => threshold);
  return [
    ...packed.flatMap(([rows, bits]) => packCases(rows, bits)),
    packCase("special values, int32 thresholds", border, values, Int32Array.from(thresholds)),
    packCase("special values, float32 thresholds", border, values, Float32Array.from(thresholds)),
    packCase("NaN thresholds", [1, 3], [1, -Infinity, NaN], Float32Array.of(NaN, NaN, NaN)),
    ...counted.flatMap((sizes) => [popcountCase(...sizes, false), popcountCase(...sizes, true)]),
    ...looked.flatMap((sizes) => lookupCases(...sizes)),
  ];
}
