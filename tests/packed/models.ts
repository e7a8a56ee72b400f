/** Small models of every kind for the tests of this room, and an independent version of what they compute. */
import type { HeadLayer, HeadPrecision, ImageInput, NumericInput, PnetModel } from "../../lib/packed/mod.ts";
import { convLayout, type ProjectionShape, type ProjectionSpec } from "../../lib/projection/mod.ts";
import { projectReference, testNumbers } from "../projection/reference.ts";

export type FamilyCase =
  & (
    | { family: "gaussian" | "sign" | "hadamard" }
    | { family: "taps"; taps: number }
    | { family: "patch"; smallest: number; largest: number }
    | { family: "conv"; filter: number; stride: number; cell: number; cellStride: number; reads?: "counts" }
  )
  & { pool?: number };

export const FAMILIES: FamilyCase[] = [
  { family: "gaussian" },
  { family: "sign" },
  { family: "taps", taps: 3 },
  { family: "hadamard" },
  { family: "patch", smallest: 1, largest: 3 },
  { family: "conv", filter: 1, stride: 1, cell: 2, cellStride: 1 },
  { family: "conv", filter: 1, stride: 1, cell: 2, cellStride: 2, reads: "counts" },
  { family: "gaussian", pool: 1000 },
  { family: "hadamard", pool: 3000 },
  { family: "taps", taps: 2, pool: 133 },
  { family: "patch", smallest: 1, largest: 1, pool: 100000 },
  { family: "conv", filter: 1, stride: 2, cell: 1, cellStride: 1, pool: 40 },
];
export const PRECISIONS: HeadPrecision[] = ["float", "int8", "int4", "ternary", "binary"];
/** A kind of layer for the tests: a precision, or tables of it. */
export type LayerKind = HeadPrecision | `${"int8" | "int4" | "ternary"} tables`;
export const TABLES: LayerKind[] = ["int8 tables", "int4 tables", "ternary tables"];
/** Every head of one or two layers. */
export const HEADS: LayerKind[][] = [...PRECISIONS, ...TABLES].flatMap((first) => [
  [first],
  ...PRECISIONS.map((second) => [first, second]),
]);

/** Whether a model can have this head: tables read bits, those of the family conv here of as few cells as {@linkcode INPUTS} give. */
export function suits(projection: FamilyCase, head: LayerKind[], { wide = false } = {}): boolean {
  return !head[0].endsWith("tables") || !("filter" in projection) || projection.reads === undefined && !wide;
}

/** Inputs of every kind, all with 6 features. */
export const INPUTS: NumericInput[] = [
  { kind: "image", width: 3, height: 1, channels: 2 },
  { kind: "table", features: 6, quantization: { rule: "none" } },
  { kind: "table", features: 6, quantization: { rule: "shared", offset: -1.5, scale: Math.fround(33.3) } },
  {
    kind: "table",
    features: 6,
    quantization: {
      rule: "columns",
      offsets: Float32Array.of(0, -0, 0.1, 1e30, -5, 2),
      scales: Float32Array.of(1, 2, 0.3, 1e-30, -40, 0),
    },
  },
  {
    kind: "table",
    features: 6,
    quantization: { rule: "columns", offsets: new Float32Array(6), scales: new Float32Array(6).fill(0.1) },
  },
];

export interface LayerOptions {
  kind: LayerKind;
  inputs: number;
  outputs: number;
  /** d, for tables. */
  tableBits: number;
  next: () => number;
}

/** Integer weights of the whole range of a precision; with `peak` above 1 mostly small ones. */
export function makeWeights(precision: HeadPrecision, next: () => number, peak = 1): number {
  const part = (next() < 0.5 ? -1 : 1) * next() ** peak;
  if (precision === "binary") return part < 0 ? -1 : 1;
  const [least, largest] = { int8: [-128, 127], int4: [-8, 7], ternary: [-1, 1] }[precision as "int8"];
  return Math.max(least, Math.min(largest, Math.floor((largest - least + 1) / 2 * part + 0.5)));
}

export function makeLayer({ kind, inputs, outputs, tableBits, next }: LayerOptions): HeadLayer {
  const precision = kind.split(" ")[0] as HeadPrecision;
  const tables = kind !== precision;
  if (tables) inputs = inputs / tableBits * 2 ** tableBits;
  const floats = (length: number): Float32Array => Float32Array.from({ length }, () => next() * 2 - 1);
  const weights = precision === "float" ? floats(inputs * outputs) : Int8Array.from(
    { length: inputs * outputs },
    () => makeWeights(precision, next),
  );
  return {
    precision,
    ...(tables && { tableBits }),
    inputs,
    outputs,
    weights,
    scales: precision === "float" ? new Float32Array(0) : floats(outputs),
    bias: floats(outputs),
  };
}

export interface ModelOptions {
  projection?: FamilyCase;
  input?: NumericInput;
  /** Kind of each layer. */
  head?: LayerKind[];
  hidden?: number;
  /** Bits of a stored threshold; 0 for none. */
  width?: number;
  shift?: number;
  functions?: number;
  bitsPerFunction?: number;
  labels?: string[];
  seed?: number;
}

/** Families of images cannot stand on a table. */
function imageOf(input: NumericInput | undefined): ImageInput {
  return input?.kind === "image" ? input : INPUTS[0] as ImageInput;
}

function makeProjection(
  { pool, ...family }: FamilyCase,
  shape: ProjectionShape,
  input: NumericInput,
  next: () => number,
): ProjectionSpec {
  let spec: ProjectionSpec;
  if (family.family === "patch" || family.family === "conv") {
    const { kind: _, ...image } = imageOf(input);
    if (family.family === "patch") spec = { ...family, ...shape, image };
    else {
      const { reads: _, ...sizes } = family;
      const { cellsAcross, cellsDown } = convLayout({ ...sizes, image });
      const filterThresholds = Int32Array.from({ length: shape.functions }, (_, j) => (j - 1) * 40);
      spec = { ...sizes, ...shape, bitsPerFunction: cellsAcross * cellsDown, image, filterThresholds };
    }
  } else spec = { ...family, ...shape };
  if (pool !== undefined) {
    const rows = spec.family === "conv" ? spec.functions : spec.functions * spec.bitsPerFunction;
    const size = Math.max(pool, rows);
    const chosen = new Set<number>();
    while (chosen.size < rows) chosen.add(Math.floor(next() * size));
    spec.selection = { pool: size, indices: Uint32Array.from(chosen).sort() };
  }
  return spec;
}

export function makeModel(options: ModelOptions = {}): PnetModel {
  const { projection: family = FAMILIES[1], head = ["ternary"], hidden = 4, width = 0, shift = 0, seed = 1 } = options;
  const { functions = 3, labels = ["0", "1", "2"] } = options;
  const input = "filter" in family || "largest" in family ? imageOf(options.input) : options.input ?? INPUTS[0];
  const next = testNumbers(seed);
  const shape = {
    seed: Math.floor(next() * 2 ** 32),
    features: featuresOf(input),
    functions,
    bitsPerFunction: options.bitsPerFunction ?? 3,
  };
  const projection = makeProjection(family, shape, input, next);
  const bits = projection.functions * projection.bitsPerFunction;
  const reads = "reads" in family ? { reads: "counts" as const } : {};
  const half = 2 ** (width - 1);
  const thresholds = Int32Array.from({ length: bits }, (_, k) => {
    if (width === 0 || reads.reads) return 0;
    // The first says that the width is needed, the second (−1) that the shift is no greater.
    return (k === 0 ? -half : k === 1 ? -1 : Math.floor((next() * 2 - 1) * half)) * 2 ** shift;
  });
  const shapes = head.length === 1 ? [[bits, labels.length]] : [[bits, hidden], [hidden, labels.length]];
  const layers = head.map((kind, i) =>
    makeLayer({ kind, inputs: shapes[i][0], outputs: shapes[i][1], tableBits: projection.bitsPerFunction, next })
  );
  return { input, projection, thresholds, ...reads, head: layers, labels };
}

/** How many numbers a sample has. */
export function featuresOf(input: NumericInput): number {
  return input.kind === "image" ? input.width * input.height * input.channels : input.features;
}

/** A sample that suits the input of a model. */
export function makeSample(model: PnetModel, next: () => number): number[] {
  const { input } = model;
  const bytes = input.kind === "image" || input.quantization.rule === "none";
  return Array.from(
    { length: featuresOf(input) },
    () => bytes ? (next() < 0.3 ? 0 : Math.floor(next() * 256)) : (next() - 0.4) * 10,
  );
}

export interface ReferenceAnswer {
  bits: number[];
  logits: number[];
  index: number;
  probabilities: number[];
}

/** The whole way from sample to answer, by the words of FORMAT.md. */
export function classifyReference(model: PnetModel, sample: number[]): ReferenceAnswer {
  const { input, thresholds, head } = model;
  const quantized = sample.map((x, i) => {
    if (input.kind === "image" || input.quantization.rule === "none") return x;
    const rule = input.quantization;
    const offset = rule.rule === "shared" ? rule.offset : rule.offsets[i];
    const scale = rule.rule === "shared" ? rule.scale : rule.scales[i];
    return Math.min(255, Math.max(0, Math.floor((x - offset) * scale + 0.5)));
  });
  const projected = projectReference(model.projection, quantized);
  const bits = projected.map((value, k) => value > thresholds[k] ? 1 : 0);
  const values = headReference(head, bits, projected, model.reads);
  const index = values.indexOf(Math.max(...values));
  const exponentials = values.map((value) => Math.exp(value - values[index]));
  const total = exponentials.reduce((a, b) => a + b);
  return { bits, logits: values, index, probabilities: exponentials.map((value) => value / total) };
}

/** The logits of a head for a code. */
export function headReference(head: HeadLayer[], bits: number[], projected: number[] = bits, reads = "bits"): number[] {
  const fl = Math.fround;
  let values: number[] = reads === "counts" ? projected : bits;
  head.forEach((layer, depth) => {
    const outputs: number[] = [];
    const { tableBits } = layer;
    if (tableBits !== undefined) {
      values = Array.from(
        { length: bits.length / tableBits },
        (_, t) =>
          Array.from(
            { length: 2 ** tableBits },
            (_, row) =>
              bits.slice(t * tableBits, (t + 1) * tableBits).every((bit, i) => bit === (row >> i & 1)) ? 1 : 0,
          ),
      ).flat();
    }
    for (let j = 0; j < layer.outputs; j++) {
      let sum = 0;
      for (let i = 0; i < layer.inputs; i++) {
        const product = values[i] * layer.weights[j * layer.inputs + i];
        sum = layer.precision !== "float" && depth === 0 ? sum + product : fl(sum + fl(product));
      }
      const scaled = layer.precision === "float" ? sum : fl(layer.scales[j] * fl(sum));
      outputs.push(fl(scaled + layer.bias[j]));
    }
    values = depth < head.length - 1 ? outputs.map((value) => Math.max(value, 0)) : outputs;
  });
  return values;
}
