/** Models with a trunk, and what they compute by the words of FORMAT.md, section 8. */
import type { HeadPrecision, NumericInput, PnetModel, Trunk, TrunkLayer } from "../../lib/packed/mod.ts";
import { type ImageShape, prepareProjection } from "../../lib/projection/mod.ts";
import { testNumbers } from "../projection/reference.ts";
import { headReference, makeLayer } from "./models.ts";

type Next = () => number;

/** A convolution whose bytes use the whole range. */
export function makeConvolution(
  options: {
    precision: HeadPrecision;
    kernel: number;
    channels: number;
    outputs: number;
    stride?: number;
    padding?: boolean;
    addend?: { layer: number; scale: number; afterRelu: boolean };
    next: Next;
  },
): TrunkLayer {
  const { precision, kernel, channels, outputs, stride = 1, padding = false, addend, next } = options;
  const inputs = kernel * kernel * channels;
  const weights = makeLayer({ kind: precision, inputs, outputs, tableBits: 0, next });
  const largest = { int8: 128, int4: 8, ternary: 1, binary: 1 }[precision as "int8"];
  weights.scales = weights.scales.map((scale) => scale * 3 / (largest * Math.sqrt(inputs)));
  weights.bias = weights.bias.map((bias) => 100 * bias + 60);
  return { kind: "convolution", kernel, stride, padding, weights, ...(addend && { addend }) };
}

/** Trunks with every kind of layer, each with the input that it is for. */
export function makeTrunks(seed = 1): { input: NumericInput; trunk: Trunk }[] {
  const next = testNumbers(seed);
  const image = (width: number, height: number, channels: number): NumericInput => ({
    kind: "image",
    width,
    height,
    channels,
  });
  const scale = Math.fround(0.7);
  return [
    {
      input: image(7, 5, 3),
      trunk: {
        zeroPoint: 121,
        layers: [
          makeConvolution({ precision: "int8", kernel: 3, channels: 3, outputs: 4, padding: true, next }),
          makeConvolution({ precision: "ternary", kernel: 3, channels: 4, outputs: 4, padding: true, next }),
          makeConvolution({
            ...{ precision: "int4", kernel: 3, channels: 4, outputs: 4, padding: true, next },
            addend: { layer: 0, scale, afterRelu: true },
          }),
          { kind: "largest", rows: 2, columns: 2, stride: 2 },
          makeConvolution({
            ...{ precision: "binary", kernel: 1, channels: 4, outputs: 4, next },
            addend: { layer: 3, scale: 1, afterRelu: false },
          }),
          { kind: "mean", rows: 2, columns: 3, stride: 1, scale: Math.fround(0.3) },
        ],
      },
    },
    {
      input: image(6, 4, 1),
      trunk: {
        zeroPoint: 0,
        layers: [
          { kind: "largest", rows: 1, columns: 2, stride: 1 },
          makeConvolution({ precision: "int4", kernel: 2, channels: 1, outputs: 2, stride: 2, padding: true, next }),
          { kind: "flatten" },
          makeConvolution({ precision: "int8", kernel: 1, channels: 12, outputs: 9, next }),
        ],
      },
    },
    {
      input: { kind: "table", features: 6, quantization: { rule: "shared", offset: -1.5, scale: Math.fround(33.3) } },
      trunk: {
        zeroPoint: 255,
        layers: [makeConvolution({ precision: "ternary", kernel: 1, channels: 6, outputs: 5, next })],
      },
    },
  ];
}

/** A model that projects what a trunk gives. */
export function makeTrunkModel({ input, trunk }: { input: NumericInput; trunk: Trunk }, seed = 1): PnetModel {
  const next = testNumbers(seed + 100);
  const features = runTrunkReference(trunk, input, new Array(sizeOf(imageOf(input))).fill(0)).values.length;
  const bits = 10;
  return {
    input,
    trunk,
    projection: { family: "gaussian", seed: 5, features, functions: 2, bitsPerFunction: 5 },
    thresholds: Int32Array.from({ length: bits }, () => Math.floor((next() - 0.5) * 2000)),
    head: [makeLayer({ kind: "int8", inputs: bits, outputs: 3, tableBits: 0, next })],
    labels: ["0", "1", "2"],
  };
}

const sizeOf = ({ width, height, channels }: ImageShape): number => width * height * channels;

function imageOf(input: NumericInput): ImageShape {
  return input.kind === "image" ? input : { width: 1, height: 1, channels: input.features };
}

interface Values {
  shape: ImageShape;
  values: number[];
}

/** What a trunk makes of the bytes of a sample, with big integers for sums and every index written out. */
export function runTrunkReference(trunk: Trunk, input: NumericInput, bytes: number[]): Values {
  const all: Values[] = [];
  let convolutions = 0;
  for (const layer of trunk.layers) {
    const { shape, values } = all[all.length - 1] ?? { shape: imageOf(input), values: bytes };
    const { width, height, channels } = shape;
    const at = (row: number, column: number, channel: number): number | undefined =>
      row < 0 || column < 0 || row >= height || column >= width
        ? undefined
        : values[(row * width + column) * channels + channel];
    if (layer.kind === "flatten") {
      all.push({ shape: { width: 1, height: 1, channels: values.length }, values });
      continue;
    }
    const { stride } = layer;
    const rows = layer.kind === "convolution" ? layer.kernel : layer.rows;
    const columns = layer.kind === "convolution" ? layer.kernel : layer.columns;
    const padded = layer.kind === "convolution" && layer.padding;
    const places = (size: number, side: number): number =>
      padded ? Math.ceil(size / stride) : Math.floor((size - side) / stride) + 1;
    const before = (size: number, side: number): number =>
      padded ? Math.floor(Math.max(0, (places(size, side) - 1) * stride + side - size) / 2) : 0;
    const out: number[] = [];
    const outputs = layer.kind === "convolution" ? layer.weights.outputs : channels;
    const zeroPoint = layer.kind === "convolution" && convolutions++ === 0 ? trunk.zeroPoint : 0;
    for (let v = 0; v < places(height, rows); v++) {
      for (let u = 0; u < places(width, columns); u++) {
        const [top, left] = [v * stride - before(height, rows), u * stride - before(width, columns)];
        for (let j = 0; j < outputs; j++) {
          let sum = 0n, largest = 0, tap = 0;
          for (let a = 0; a < rows; a++) {
            for (let b = 0; b < columns; b++) {
              for (let c = 0; c < channels; c++) {
                const value = at(top + a, left + b, c);
                if (layer.kind === "convolution") {
                  const weight = layer.weights.weights[j * layer.weights.inputs + tap++];
                  if (value !== undefined) sum += BigInt(value - zeroPoint) * BigInt(weight);
                } else if (c === j) {
                  sum += BigInt(value!);
                  largest = Math.max(largest, value!);
                }
              }
            }
          }
          if (layer.kind === "largest") out.push(largest);
          else {
            let t = Number(sum) * (layer.kind === "convolution" ? layer.weights.scales[j] : layer.scale!);
            if (layer.kind === "convolution") {
              t = t + layer.weights.bias[j];
              if (layer.addend?.afterRelu) t = Math.max(0, t);
              if (layer.addend) t = t + layer.addend.scale * all[layer.addend.layer].values[out.length];
            }
            out.push(Math.min(255, Math.max(0, Math.floor(t + 0.5))));
          }
        }
      }
    }
    const grid = { width: places(width, columns), height: places(height, rows) };
    all.push({ shape: { ...grid, channels: outputs }, values: out });
  }
  return all[all.length - 1];
}

/** Bits and logits of a model for the bytes of a sample. */
export function classifyTrunkReference(model: PnetModel, bytes: number[]): { bits: number[]; logits: number[] } {
  const { values } = runTrunkReference(model.trunk!, model.input, bytes);
  const projected = new Int32Array(model.thresholds.length);
  prepareProjection(model.projection).project(values, projected);
  const bits = Array.from(projected, (value, k) => Number(value > model.thresholds[k]));
  return { bits, logits: headReference(model.head, bits) };
}
