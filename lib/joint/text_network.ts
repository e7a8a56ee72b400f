/**
 * A projection network over texts: hashed features set bits, and a small trained head reads those that are set (Ravi & Kozareva 2018). The weights of the head
 * are pruned so far that the file has the bytes that it may have.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";
import { spreadRows, type StoredTextDataset, takeTexts, type TextDataset } from "../data/mod.ts";
import { Dense, type ForwardContext, inference, type Module, SparseDense, type TokenLists } from "../nn/mod.ts";
import { encodePnet, type TextInput, type TextModel } from "../packed/mod.ts";
import {
  bitsOf,
  fitThresholds,
  hash32,
  packBits,
  type TextNormalization,
  type TextPartition,
  type TextSpec,
} from "../projection/mod.ts";
import { checkText, prepareTextProjection } from "../projection/text.ts";
import { checkCode } from "./checkpoint/check_code.ts";
import { TrainingError } from "./errors.ts";
import { headLayers } from "./head_kind.ts";
import { packLayer, same } from "./projection_network.ts";
import { selectFrom, type SelectionWay } from "./select/select.ts";
import { textCandidates } from "./select/text_candidates.ts";
import { defaultNormalization, defaultTextFeatures, type TextProjectionOptions } from "./text_options.ts";

/** Keeps the head's random numbers apart from others of the same seed; 'text' in ASCII. */
const seedPurpose = 0x74657874;
/** Most texts from which thresholds are estimated. */
const thresholdTexts = 4096;

/** The projection that the options ask for. Throws {@linkcode TrainingError} when there is none. */
export function textSpec(options: TextProjectionOptions, seed: number): TextSpec {
  const { functions, bitsPerFunction = 1, features = defaultTextFeatures, entries = "presence", weights = "equal" } =
    options;
  const { select, thresholds } = options;
  if (entries === "presence" && (select !== undefined || thresholds !== undefined)) {
    throw new TrainingError(
      `${
        select === undefined ? "thresholds" : "select"
      }: is for sums (entries sign or ternary), and the entries are presence`,
    );
  }
  const rows = select?.pool ?? functions, wanted = functions * bitsPerFunction;
  const total = features.reduce((sum, { share = 1 }) => sum + share, 0);
  let before = 0, given = 0;
  const partitions = features.map(({ kind, from, to, share = 1 }): TextPartition => {
    before += share;
    const end = Math.round(rows * before / total);
    const partition = { kind, from, to, functions: end - given };
    given = end;
    return partition;
  });
  const shape = { family: "text", seed, functions, bitsPerFunction, entries, weights, partitions } as const;
  const spec: TextSpec = entries === "presence" ? { ...shape, touches: options.touches ?? 1 } : shape;
  // Until rows are chosen, the first ones stand for them.
  if (select !== undefined) spec.selection = { pool: rows, indices: Uint32Array.from({ length: wanted }, (_, k) => k) };
  try {
    checkText(spec);
  } catch (error) {
    throw new TrainingError((error as Error).message);
  }
  return spec;
}

/** What is chosen of a code on texts. */
export interface TextCode {
  /** With rows that were selected. */
  readonly projection: TextSpec;
  /** Where each bit is cut. */
  readonly thresholds: Int32Array;
}

/** A projection of texts, and the head on the tape, which reads lists of the bits that are set. */
export class TextNetwork implements Module<TokenLists> {
  /** Number of bits. */
  readonly bits: number;
  /** How a text is folded. */
  readonly input: TextInput;
  /** What was asked for. */
  readonly options: TextProjectionOptions;

  #projection: TextSpec;
  #thresholds: Int32Array;
  readonly #first: SparseDense;
  readonly #second: Dense | undefined;
  /** For each bit the root of the number of texts that set it. */
  readonly #spread: Float32Array;
  #divisor = 1;
  #encode: ((texts: readonly string[]) => TokenLists) | undefined;
  #rejection: number | undefined;

  /** A projection network with fresh weights in the current region. */
  constructor(options: TextProjectionOptions & { classes: number; seed: number }) {
    const { classes, seed, hidden, head = "int4", dropout = 0.2 } = options;
    this.options = options;
    this.#projection = textSpec(options, seed);
    this.bits = bitsOf(this.#projection);
    this.#thresholds = new Int32Array(this.bits);
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

  /** What regenerates the projection. */
  get projection(): TextSpec {
    return this.#projection;
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
    this.#encode ??= prepareTextEncoder(this.projection, this.input, this.#thresholds);
    return this.#encode(texts);
  }

  /** Chooses on training texts what the options leave to them: rows from the pool, then thresholds. */
  async fitCode(
    data: TextDataset | StoredTextDataset,
    options: Pick<SelectionWay, "seed" | "onProgress" | "signal">,
  ): Promise<void> {
    const { select, thresholds: rule = "zero" } = this.options;
    if (select !== undefined) {
      const spec = this.#projection;
      const shared = { ...options, ...select, rule, classes: data.labelNames.length, wanted: this.bits };
      const selection = await selectFrom(
        (rows) => textCandidates(spec, { pool: select.pool, normalization: this.input, texts: takeTexts(data, rows) }),
        { ...shared, count: data.count, labels: data.labels },
      );
      this.#projection = { ...spec, selection };
    }
    if (rule !== "zero") {
      const projected = projectSample(this.#projection, this.input, data);
      const numbers = this.#projection.selection?.indices;
      this.#thresholds = fitThresholds(rule, projected, { bits: this.bits, numbers });
    }
    this.#encode = undefined;
  }

  /** Everything of the code that was chosen on training texts. */
  get code(): TextCode {
    return { projection: this.#projection, thresholds: this.#thresholds };
  }

  /** Takes the code of a network with the same options. Throws {@linkcode CheckpointError} for another. */
  takeCode({ projection, thresholds }: TextCode): void {
    checkCode({ projection, thresholds }, this.#projection);
    this.#projection = projection;
    this.#thresholds = thresholds;
    this.#encode = undefined;
  }

  /** Positions of the pruned weights of the first layer. */
  get pruned(): Uint32Array {
    return this.#first.pruned;
  }

  /** Prunes these weights, and no others. */
  prune(positions: Uint32Array): void {
    this.#first.pruneAt(positions);
  }

  /** Learns from the codes of texts, block by block, how often each bit is set: pruning then spares the weights of frequent ones. */
  observe(blocks: Iterable<TokenLists>): void {
    const counts = new Uint32Array(this.bits);
    for (const { ids, offsets } of blocks) {
      for (let i = 0; i < offsets[offsets.length - 1]; i++) counts[ids[i]]++;
    }
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
      thresholds: this.#thresholds.slice(),
      head: layers.map((layer, i) =>
        packLayer({ weights: layer }, { ...same, divisor: i === layers.length - 1 ? this.#divisor : 1 })
      ),
      labels: [...labels],
      ...(this.#rejection !== undefined && { rejection: this.#rejection }),
    };
  }
}

function countZeros(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Number(value === 0), 0);
}

/** Projected values of at most so many texts, spread evenly, [texts x bits]. */
function projectSample(
  spec: TextSpec,
  normalization: TextNormalization,
  data: TextDataset | StoredTextDataset,
): Int32Array {
  const projection = prepareTextProjection(spec, normalization);
  const texts = takeTexts(data, spreadRows(data.count, thresholdTexts));
  const values = new Int32Array(texts.length * projection.bits);
  texts.forEach((text, i) => projection.project(text, values.subarray(i * projection.bits, (i + 1) * projection.bits)));
  return values;
}

/** Finds the bits that are set for each text, those above their thresholds; all thresholds are zero when left out. */
export function prepareTextEncoder(
  spec: TextSpec,
  normalization: TextNormalization,
  thresholds: Int32Array = new Int32Array(bitsOf(spec)),
): (texts: readonly string[]) => TokenLists {
  const projection = prepareTextProjection(spec, normalization);
  const values = new Int32Array(projection.bits);
  const packed = new Uint8Array((projection.bits + 7) >> 3);
  const find = (text: string): ArrayLike<number> => {
    if (spec.entries === "presence") return projection.present(text);
    projection.project(text, values);
    packBits(values, thresholds, packed);
    return Array.from(values.keys()).filter((k) => packed[k >> 3] >> (k & 7) & 1);
  };
  return (texts) => {
    const offsets = new Int32Array(texts.length + 1);
    let ids = new Int32Array(64 * texts.length);
    texts.forEach((text, row) => {
      const set = find(text), end = offsets[row] + set.length;
      if (end > ids.length) {
        const grown = new Int32Array(2 * end);
        grown.set(ids);
        ids = grown;
      }
      ids.set(set, offsets[row]);
      offsets[row + 1] = end;
    });
    return { offsets, ids: ids.slice(0, offsets[texts.length]) };
  };
}
