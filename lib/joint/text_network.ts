/**
 * A projection network over texts: hashed features set bits, and a small trained head reads those that are set (Ravi & Kozareva 2018). The weights of the head
 * are pruned so far that the file has the bytes that it may have.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";
import { Dense, type ForwardContext, inference, type Module, SparseDense, type TokenLists } from "../nn/mod.ts";
import { encodePnet, type TextInput, type TextModel } from "../packed/mod.ts";
import {
  bitsOf,
  checkText,
  hash32,
  packBits,
  prepareTextProjection,
  TEXT_KINDS,
  type TextNormalization,
  type TextPartition,
  type TextSpec,
} from "../projection/mod.ts";
import { TrainingError } from "./errors.ts";
import { type HeadKind, headLayers } from "./head_kind.ts";
import { packLayer, same } from "./projection_network.ts";

/** Keeps the head's random numbers apart from others of the same seed; 'text' in ASCII. */
const seedPurpose = 0x74657874;

/** Features of one kind, and their part of the bits. */
export interface TextFeatureOptions extends Omit<TextPartition, "functions"> {
  /** Weight of the kind when the functions are shared out; 1 when left out. */
  readonly share?: number;
}

/** Shape and kind of a projection network over texts. */
export interface TextProjectionOptions {
  /** T: number of projection functions, shared out among the kinds of features. */
  readonly functions: number;
  /** d: bits of each function; 1 when left out. */
  readonly bitsPerFunction?: number;
  /** Kinds of features; {@linkcode defaultTextFeatures} when left out. */
  readonly features?: readonly TextFeatureOptions[];
  /** What a feature does to bits: set some (`presence`), or add to sums whose sign is the bit; `presence` when left out. */
  readonly entries?: TextSpec["entries"];
  /** Bits that a feature sets, for `presence`; 1 when left out. */
  readonly touches?: number;
  /** Whether the features of long words count more, for sums; `equal` when left out. */
  readonly weights?: TextSpec["weights"];
  /** How a text is folded; {@linkcode defaultNormalization} where left out. */
  readonly normalization?: Partial<TextNormalization>;
  /** Width of a hidden layer between bits and logits; none when left out. */
  readonly hidden?: number;
  /** How the head is trained and stored, for all layers or for each, no tables; `int4` when left out. */
  readonly head?: HeadKind | readonly HeadKind[];
  /** Part of the features that is dropped in training; 0.2 when left out. */
  readonly dropout?: number;
  /** The most bytes of the file, which weights of the first layer are pruned for; as many as there are when left out. */
  readonly maxBytes?: number;
}

/** Single words and pairs, pairs with words between them, and pieces of words. */
export const defaultTextFeatures: readonly TextFeatureOptions[] = [
  { kind: "words", from: 1, to: 2, share: 2 },
  { kind: "skips", from: 1, to: 3 },
  { kind: "characters", from: 3, to: 4 },
];

/** Compatible forms and cases of a letter alike, digits and symbols as they are. */
export const defaultNormalization: TextNormalization = {
  compatibility: true,
  lowerCase: true,
  digitsAlike: false,
  dropSymbols: false,
};

/** The projection that the options ask for. Throws {@linkcode TrainingError} when there is none. */
export function textSpec(options: TextProjectionOptions, seed: number): TextSpec {
  const { functions, bitsPerFunction = 1, features = defaultTextFeatures, entries = "presence", weights = "equal" } =
    options;
  const total = features.reduce((sum, { share = 1 }) => sum + share, 0);
  let before = 0, given = 0;
  const partitions = features.map(({ kind, from, to, share = 1 }): TextPartition => {
    before += share;
    const end = Math.round(functions * before / total);
    const partition = { kind, from, to, functions: end - given };
    given = end;
    return partition;
  });
  const shape = { family: "text", seed, functions, bitsPerFunction, entries, weights, partitions } as const;
  const spec: TextSpec = entries === "presence" ? { ...shape, touches: options.touches ?? 1 } : shape;
  try {
    checkText(spec);
  } catch (error) {
    throw new TrainingError((error as Error).message);
  }
  return spec;
}

/** Reads features such as `words1-2:2,skips1-3,characters3-4`: kind, smallest and largest n, and the kind's share. Undefined when it says none. */
export function parseTextFeatures(text: string): TextFeatureOptions[] | undefined {
  const features: TextFeatureOptions[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*([a-z]+)(\d{1,2})(?:-(\d{1,2}))?(?::(\d{1,3}))?\s*$/.exec(part);
    const kind = TEXT_KINDS.find((name) => name === match?.[1]);
    if (match === null || kind === undefined) return;
    const from = Number(match[2]);
    features.push({ kind, from, to: Number(match[3] ?? from), share: Number(match[4] ?? 1) });
  }
  return features;
}

/** A projection of texts, and the head on the tape, which reads lists of the bits that are set. */
export class TextNetwork implements Module<TokenLists> {
  /** Number of bits. */
  readonly bits: number;
  /** What regenerates the projection. */
  readonly projection: TextSpec;
  /** How a text is folded. */
  readonly input: TextInput;
  /** What was asked for. */
  readonly options: TextProjectionOptions;

  readonly #first: SparseDense;
  readonly #second: Dense | undefined;
  /** For each bit the root of the number of texts that set it. */
  readonly #spread: Float32Array;
  #divisor = 1;
  #rejection: number | undefined;

  /** A projection network with fresh weights in the current region. */
  constructor(options: TextProjectionOptions & { classes: number; seed: number }) {
    const { classes, seed, hidden, head = "int4", dropout = 0.2 } = options;
    this.options = options;
    this.projection = textSpec(options, seed);
    this.bits = bitsOf(this.projection);
    this.#spread = new Float32Array(this.bits).fill(1);
    this.input = { kind: "text", ...defaultNormalization, ...options.normalization };
    const kinds = headLayers(head, hidden === undefined ? 1 : 2);
    if (kinds.some(({ tables }) => tables)) {
      throw new TrainingError("head: tables, and a text's bits are read one by one");
    }
    const seeds = [0, 1].map((layer) => hash32(seed, seedPurpose, layer));
    this.#first = new SparseDense({
      inputs: this.bits,
      outputs: hidden ?? classes,
      relu: hidden !== undefined,
      precision: kinds[0].precision,
      dropout,
      seed: seeds[0],
      name: "projection.0",
    });
    if (hidden === undefined) return;
    const { precision } = kinds[1];
    this.#second = new Dense({ inputs: hidden, outputs: classes, precision, seed: seeds[1], name: "projection.1" });
  }

  /** The head's weights and biases. */
  get parameters(): readonly Tensor[] {
    return [...this.#first.parameters, ...(this.#second?.parameters ?? [])];
  }

  /** Number of trained values that are stored: those that are not pruned. */
  get parameterCount(): number {
    const zeros = this.options.maxBytes === undefined ? 0 : countZeros(this.#first.weights.data);
    return this.parameters.reduce((sum, { size }) => sum + size, 0) - zeros;
  }

  /** Logits [rows, classes] from lists of bits that are set. */
  forward(lists: TokenLists, context: ForwardContext = inference): Tensor {
    const first = this.#first.forward(lists, context);
    return this.#second === undefined ? first : this.#second.forward(first);
  }

  /** The bits that are set for each text. */
  encode(texts: readonly string[]): TokenLists {
    return encodeTexts(texts, this.projection, this.input);
  }

  /** Learns from the codes of texts how often each bit is set: pruning then spares the weights of frequent ones. */
  observe({ ids, offsets }: TokenLists): void {
    const counts = new Uint32Array(this.bits);
    for (let i = 0; i < offsets[offsets.length - 1]; i++) counts[ids[i]]++;
    counts.forEach((count, k) => this.#spread[k] = Math.sqrt(count));
  }

  /**
   * Prunes weights of the first layer for good, those first whose absence is felt least (the square of the weight times the number of texts that it takes part in:
   * "Optimal Brain Damage", LeCun et al. 1989), as many as are needed for a file of at most so many bytes.
   *
   * @param bytes the most bytes of the file
   * @param labels names of the classes
   * @param options `tolerance`: part of the bytes that may be left unused, 0…1, 0.001 when left out; more is faster
   * @throws {TrainingError} when even a file without a weight is larger
   */
  pruneTo(bytes: number, labels: readonly string[], options: { tolerance?: number } = {}): void {
    const { tolerance = 0.001 } = options;
    const size = (): number => encodePnet(this.pack(labels)).length;
    if (size() <= bytes) return;
    const { data } = this.#first.weights;
    const kept = data.slice(), scores = data.map(Math.abs), width = data.length / this.bits;
    for (let i = 0, at = 0; i < this.bits; i++) for (let j = 0; j < width; j++, at++) scores[at] *= this.#spread[i];
    const sorted = scores.filter((score) => score > 0).sort();
    const sizeWithout = (count: number): number => {
      data.set(kept);
      this.#first.prune(scores, sorted[count - 1] ?? 0);
      return size();
    };
    let few = { count: 0, size: sizeWithout(0) };
    if (few.size <= bytes) return;
    let enough = { count: sorted.length, size: sizeWithout(sorted.length) };
    if (enough.size > bytes) {
      throw new TrainingError(
        `maxBytes: a file of ${bytes} bytes was wanted, and without any weight it has ${enough.size}`,
      );
    }
    // Halves in turn with guesses along a line: sizes fall unevenly, and not strictly, with the number of pruned weights.
    for (let turn = 0; enough.size < bytes * (1 - tolerance) && enough.count - few.count > 1; turn++) {
      const part = turn % 3 === 2 ? 0.5 : (few.size - bytes * (1 - tolerance / 2)) / (few.size - enough.size);
      const step = Math.round((enough.count - few.count) * part);
      const count = few.count + Math.min(Math.max(step, 1), enough.count - few.count - 1);
      const tried = { count, size: sizeWithout(count) };
      if (tried.size <= bytes) enough = tried;
      else few = tried;
    }
    sizeWithout(enough.count);
  }

  /** Divides the stored logits by a number from now on, so that probabilities tell how often answers are right. */
  calibrate(divisor: number): void {
    this.#divisor = divisor;
  }

  /** Rejects answers whose probability is below q / 256. */
  reject(q: number | undefined): void {
    this.#rejection = q;
  }

  /** The network as it is stored. */
  pack(labels: readonly string[]): TextModel {
    const layers = this.#second === undefined ? [this.#first] : [this.#first, this.#second];
    return {
      input: this.input,
      projection: this.projection,
      thresholds: new Int32Array(this.bits),
      head: layers.map((layer, i) =>
        packLayer(layer, { ...same, divisor: i === layers.length - 1 ? this.#divisor : 1 })
      ),
      labels: [...labels],
      ...(this.#rejection !== undefined && { rejection: this.#rejection }),
    };
  }
}

function countZeros(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Number(value === 0), 0);
}

/** The bits that are set for each text. */
export function encodeTexts(texts: readonly string[], spec: TextSpec, normalization: TextNormalization): TokenLists {
  const projection = prepareTextProjection(spec, normalization);
  const offsets = new Int32Array(texts.length + 1);
  const values = new Int32Array(projection.bits), thresholds = new Int32Array(projection.bits);
  const packed = new Uint8Array((projection.bits + 7) >> 3);
  let ids = new Int32Array(64 * texts.length);
  texts.forEach((text, row) => {
    let set: ArrayLike<number>;
    if (spec.entries === "presence") set = projection.present(text);
    else {
      projection.project(text, values);
      packBits(values, thresholds, packed);
      set = Array.from(values.keys()).filter((k) => packed[k >> 3] >> (k & 7) & 1);
    }
    const end = offsets[row] + set.length;
    if (end > ids.length) {
      const grown = new Int32Array(2 * end);
      grown.set(ids);
      ids = grown;
    }
    ids.set(set, offsets[row]);
    offsets[row + 1] = end;
  });
  return { offsets, ids: ids.slice(0, offsets[texts.length]) };
}
