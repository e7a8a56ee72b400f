/**
 * Convolutions of a trunk in WebAssembly: the pairs of bytes under the kernel that are not zero are listed once, and multiplied with the columns of all outputs.
 * The image stands in memory with a border of what lies outside, so that every window is a few whole rows of bytes.
 *
 * @module
 */

import { type FunctionReference, i32, ModuleBuilder } from "../../kernels/wasm/assembler/mod.ts";
import type { TrunkConvolution, TrunkWindows } from "../trunk.ts";
import { trunkWindows } from "../trunk.ts";
import type { ConvolutionInput, PrepareSums } from "../trunk_engine.ts";
import { addTerm, DENSE_GROUP, narrowSums, wideSums } from "./dense.ts";
import { Layout } from "./layout.ts";
import { hasUnsignedDots } from "./unsigned_dots.ts";

/** Convolutions that run when all are known and started. */
export interface TrunkAssembler {
  /** Takes a convolution. */
  prepareSums: PrepareSums;
  /**
   * Compiles and starts all that were taken.
   *
   * @throws {WebAssembly.CompileError} when the platform does not compile the module
   * @throws {RangeError} when it does not give the memory
   */
  start(): void;
}

/**
 * Begins a module.
 *
 * @returns takes convolutions and starts them
 */
export function assembleTrunk(): TrunkAssembler {
  const layout = new Layout();
  const module = new ModuleBuilder({ sharedMemory: false, globals: [] });
  const starts: ((memory: WebAssembly.Memory, run: () => void) => void)[] = [];
  return {
    prepareSums(layer, input) {
      const { width, height, channels } = input.image;
      const windows = trunkWindows(layer, input.image);
      const place = placeOf(layer, input, windows);
      const source = layout.reserve(place.rows * place.stride);
      const values = windows.down * windows.across * layer.weights.outputs;
      // The last vectors of a group may pass the end.
      const sums = layout.reserve(4 * (values + DENSE_GROUP));
      defineSums(module, layout, layer, {
        windows,
        channels,
        source,
        sums,
        stride: place.stride,
        name: `${starts.length}`,
      });
      let border: Uint8Array, found: Int32Array, run = (): void => {};
      starts.push((memory, call) => {
        run = call;
        border = new Uint8Array(memory.buffer, source, place.rows * place.stride).fill(input.zeroPoint);
        found = new Int32Array(memory.buffer, sums, values);
      });
      return (x) => {
        const row = width * channels;
        for (let y = 0, to = place.first; y < height; y++, to += place.stride) {
          border.set(x.subarray(y * row, (y + 1) * row), to);
        }
        run();
        return found;
      };
    },
    start() {
      const memory = layout.memory();
      const instance = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } });
      starts.forEach((start, i) => start(memory, instance.exports[i] as () => void));
    },
  };
}

/** Rows of the image with its border, bytes in a row, and where the first pixel stands. */
function placeOf(
  { kernel, stride }: TrunkConvolution,
  { image: { width, height, channels } }: ConvolutionInput,
  { down, across, above, left }: TrunkWindows,
): { rows: number; stride: number; first: number } {
  const rows = Math.max(above + height, (down - 1) * stride + kernel);
  const row = channels * Math.max(left + width, (across - 1) * stride + kernel);
  return { rows, stride: row, first: above * row + left * channels };
}

interface SumsPlace {
  windows: TrunkWindows;
  channels: number;
  /** Address of the image with its border. */
  source: number;
  /** Bytes in a row of it. */
  stride: number;
  /** Address of the sums. */
  sums: number;
  /** Under which the function is exported. */
  name: string;
}

function defineSums(
  module: ModuleBuilder,
  layout: Layout,
  layer: TrunkConvolution,
  { windows: { down, across }, channels, source, stride, sums, name }: SumsPlace,
): FunctionReference {
  const { kernel, weights: { outputs } } = layer;
  const { table, pairs, columns, exactPairs } = layColumns(layer, channels);
  const narrow = hasUnsignedDots() && exactPairs > 0;
  const start = layout.place(table);
  const terms = layout.reserve(8 * kernel * pairs + 8);
  return module.function({}, (code) => {
    const row = code.let(i32(source)), out = code.let(i32(sums));
    code.for(0, i32(down), 1, () => {
      const window = code.let(row.add(0));
      code.for(0, i32(across), 1, () => {
        const end = code.let(i32(0)), column = code.let(i32(start)), line = code.let(window.add(0));
        code.for(0, i32(kernel), 1, () => {
          code.for(line, code.let(line.add(2 * pairs)), 2, (at) => {
            addTerm(code, { at, column, terms, end, narrow });
            code.increase(column, columns);
          });
          code.increase(line, stride);
        });
        const group = narrow ? DENSE_GROUP : DENSE_GROUP / 2;
        code.for(0, i32(outputs), group, (first) => {
          const place = { terms, end, offset: code.let(first.shiftLeft(1)) };
          const found = narrow ? narrowSums(code, place, exactPairs) : wideSums(code, place);
          const to = code.let(out.add(first.shiftLeft(2)));
          found.forEach((sum, i) => code.store(to, sum, 16 * i));
        });
        code.increase(out, 4 * outputs);
        code.increase(window, layer.stride * channels);
      });
      code.increase(row, layer.stride * stride);
    });
  }, name);
}

/** The columns of weights two by two, for each row of the kernel; behind an odd number stands one of zeros. */
function layColumns(
  { kernel, weights: { inputs, outputs, weights } }: TrunkConvolution,
  channels: number,
): { table: Int8Array; pairs: number; columns: number; exactPairs: number } {
  const bytes = kernel * channels, pairs = Math.ceil(bytes / 2);
  const columns = 2 * DENSE_GROUP * Math.ceil(outputs / DENSE_GROUP);
  const table = new Int8Array(kernel * pairs * columns);
  let largest = 1;
  for (let j = 0, at = 0; j < outputs; j++) {
    for (let i = 0; i < inputs; i++, at++) {
      const row = Math.floor(i / bytes), inRow = i - row * bytes;
      table[(row * pairs + (inRow >> 1)) * columns + 2 * j + (inRow & 1)] = weights[at];
      largest = Math.max(largest, Math.abs(weights[at]));
    }
  }
  // 128 * 255 is below 2^15.
  return { table, pairs, columns, exactPairs: Math.floor(64 / largest) };
}
