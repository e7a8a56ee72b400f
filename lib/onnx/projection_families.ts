/**
 * The projection families in ONNX's operators, all in integers.
 *
 * @module
 */
import {
  bitsOf,
  convFilter,
  convLayout,
  type ConvSpec,
  hadamardBlocks,
  hadamardPlan,
  type HadamardSpec,
  MAX_PROJECTION_ENTRIES,
  prepareProjection,
  type ProjectionSpec,
  signRow,
  sourceRow,
  tapsRow,
  type TapsSpec,
} from "../projection/mod.ts";
import { OnnxModelError } from "./errors.ts";
import type { GraphWriter } from "./graph_writer.ts";
import { channelsFirstKernels, fitsInBytes, writeIntegerProduct } from "./integer_matrix.ts";
import { type Activation, asChannelsFirst, asRows } from "./layers.ts";

/** Adds a projection of bytes and gives its values, 32-bit integers [batch, bits]. */
export function writeProjection(graph: GraphWriter, bytes: Activation, spec: ProjectionSpec): string {
  if (spec.family === "conv") return writeConv(graph, bytes, spec);
  const rows = asRows(bytes, graph).name;
  return spec.family === "hadamard" ? writeHadamard(graph, rows, spec) : writeMatrix(graph, rows, spec);
}

/** The random matrix [features, bits], written out. */
function writeMatrix(
  graph: GraphWriter,
  rows: string,
  spec: Exclude<ProjectionSpec, ConvSpec | HadamardSpec>,
): string {
  const { features } = spec, bits = bitsOf(spec);
  if (features * bits > MAX_PROJECTION_ENTRIES) {
    throw new OnnxModelError(
      `ONNX export: the matrix of ${features} features and ${bits} bits has ${
        features * bits
      } entries, wanted at most ${MAX_PROJECTION_ENTRIES}`,
    );
  }
  const values = new Int32Array(features * bits);
  const entriesOf = spec.family === "taps" ? tapsEntries(spec) : denseEntries(spec);
  for (let k = 0; k < bits; k++) {
    const entries = entriesOf(k);
    for (let i = 0, at = k; i < features; i++, at += bits) values[at] = entries[i];
  }
  const shape = [features, bits], output = "projected";
  if (fitsInBytes(values)) {
    return writeIntegerProduct(graph, "MatMulInteger", rows, {
      name: "projection",
      values,
      shape,
      largestInput: 255,
      output,
    });
  }
  const numbers = graph.cast(rows, "int32", "numbers");
  return graph.node("MatMul", [numbers, graph.constant("projection", values, shape)], { output });
}

function denseEntries(spec: ProjectionSpec): (k: number) => Int8Array {
  const { row } = prepareProjection(spec), entries = new Int8Array(spec.features);
  return (k) => {
    row!(k, entries);
    return entries;
  };
}

/** Taps on the same feature add up, perhaps to more than a byte. */
function tapsEntries(spec: TapsSpec): (k: number) => Int32Array {
  const taps = new Int32Array(spec.taps), entries = new Int32Array(spec.features);
  return (k) => {
    entries.fill(0);
    tapsRow({ seed: spec.seed, row: sourceRow(spec, k) }, taps, spec);
    for (const tap of taps) entries[tap ^ (tap >> 31)] += 1 | (tap >> 31);
    return entries;
  };
}

/** Filters over the image, where they respond, and the counts of that in cells. */
function writeConv(graph: GraphWriter, bytes: Activation, spec: ConvSpec): string {
  const { image: { channels }, filter, stride, cell, cellStride, functions, filterThresholds } = spec;
  const { positionsAcross, positionsDown, cellsAcross, cellsDown } = convLayout(spec);
  const sums = writeIntegerProduct(graph, "ConvInteger", asChannelsFirst(bytes, graph).name, {
    name: "filters",
    values: filtersOf(spec),
    shape: [functions, channels, filter, filter],
    largestInput: 255,
    attributes: { kernel_shape: [filter, filter], strides: [stride, stride] },
    output: "responses",
  });
  const thresholds = graph.constant("filter_thresholds", filterThresholds, [functions, 1, 1]);
  const responds = graph.cast(graph.node("Greater", [sums, thresholds]), "uint8", "responds");
  if (cell === 1) return graph.reshape(graph.cast(responds, "int32"), [0, bitsOf(spec)], "projected");
  // Cells at the border are cut off there: the positions beyond it count as none.
  const beyond = (cells: number, positions: number): number => Math.max(0, (cells - 1) * cellStride + cell - positions);
  const counts = writeIntegerProduct(
    graph,
    "ConvInteger",
    graph.reshape(responds, [-1, 1, positionsDown, positionsAcross]),
    {
      name: "cell",
      values: new Int8Array(cell * cell).fill(1),
      shape: [1, 1, cell, cell],
      largestInput: 1,
      attributes: {
        kernel_shape: [cell, cell],
        strides: [cellStride, cellStride],
        pads: [0, 0, beyond(cellsDown, positionsDown), beyond(cellsAcross, positionsAcross)],
      },
      output: "counts",
    },
  );
  return graph.reshape(counts, [-1, bitsOf(spec)], "projected");
}

/** [filters, channels, height, width]. */
function filtersOf(spec: ConvSpec): Int8Array {
  const { functions, filter, image: { channels } } = spec;
  const length = filter * filter * channels, filters = new Int8Array(functions * length);
  for (let j = 0; j < functions; j++) convFilter(spec, j, filters.subarray(j * length, (j + 1) * length));
  return channelsFirstKernels(filters, { outputs: functions, channels });
}

/** What is added before a division and taken away behind it, so that what is divided is positive and division rounds down. */
const shiftBase = 2 ** 40;

/**
 * Three rounds of signs and a Walsh-Hadamard transform for each block. The transform of length N = A*B is that of the rows and that of the columns of an A x B
 * matrix, two products with matrices of a few dozen rows.
 */
function writeHadamard(graph: GraphWriter, rows: string, spec: HadamardSpec): string {
  const { size, shifts } = hadamardPlan(spec.features);
  const across = 2 ** Math.floor(Math.log2(size) / 2), down = size / across;
  const numbers = graph.cast(rows, "int32", "numbers");
  const padded = size === spec.features
    ? numbers
    : graph.node("Pad", [numbers, graph.integers("padding", [0, 0, 0, size - spec.features])], { output: "padded" });
  const parts = hadamardBlocks(spec).map(({ block, first, end }) => {
    let values = padded;
    for (let round = 0; round < 3; round++) {
      if (shifts[round] > 0) values = writeShift(graph, values, shifts[round]);
      const signs = new Int8Array(size);
      signRow({ seed: spec.seed, row: 3 * block + round }, signs);
      const factors = graph.cast(graph.constant(`signs_${3 * block + round}`, signs), "int32");
      const grid = graph.reshape(graph.node("Mul", [values, factors]), [0, down, across]);
      const half = graph.node("MatMul", [grid, writeHadamardMatrix(graph, across)]);
      values = graph.reshape(graph.node("MatMul", [writeHadamardMatrix(graph, down), half]), [0, size], "transformed");
    }
    const outputs = Int32Array.from({ length: end - first }, (_, k) => sourceRow(spec, first + k) & (size - 1));
    return graph.node("Gather", [values, graph.constant(`outputs_${block}`, outputs)], { attributes: { axis: 1 } });
  });
  return parts.length === 1 ? parts[0] : graph.node("Concat", parts, { attributes: { axis: 1 }, output: "projected" });
}

/** floor(x / 2^shift + 1/2). */
function writeShift(graph: GraphWriter, values: string, shift: number): string {
  const constant = (value: number): string => graph.constant(`integer_${value}`, BigInt64Array.of(BigInt(value)), []);
  const unit = 2 ** shift;
  const raised = graph.node("Add", [graph.cast(values, "int64"), constant(shiftBase + unit / 2)]);
  const divided = graph.node("Div", [raised, constant(unit)]);
  return graph.cast(graph.node("Sub", [divided, constant(shiftBase / unit)]), "int32", "shifted");
}

function writeHadamardMatrix(graph: GraphWriter, size: number): string {
  const values = new Int32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sign = 1;
      for (let common = i & j; common > 0; common &= common - 1) sign = -sign;
      values[i * size + j] = sign;
    }
  }
  return graph.constant(`hadamard_${size}`, values, [size, size]);
}
