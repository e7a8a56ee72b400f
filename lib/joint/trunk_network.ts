/**
 * Projection networks that read a hidden activation of the trainer network (Ravi 2017, "intermediate representations"). In training the bits are taken of the
 * activations on the tape, so that the projection networks' losses reach the layers below. What is measured and packed are those layers in whole numbers.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";
import type { Dataset } from "../data/mod.ts";
import { countParameters, type ForwardContext, type Module, StagedNetwork } from "../nn/mod.ts";
import {
  encodePnet,
  imageOf,
  loadPnet,
  type NumericInput,
  type PnetModel,
  type Trunk,
  TrunkChecker,
} from "../packed/mod.ts";
import type { ImageShape } from "../projection/mod.ts";
import { compileTrunk, roundTrunk } from "./compile_trunk.ts";
import { TrainingError } from "./errors.ts";
import type { TrunkPrecision } from "./head_kind.ts";
import { evaluate, type Evaluation } from "./metrics.ts";
import { ProjectionLayer } from "./projection_layer.ts";
import { type ByteRows, ProjectionNetwork } from "./projection_network.ts";
import type { ProjectionOptions } from "./projection_options.ts";
import { runTrunkRows } from "./trunk_rows.ts";

/** From which activation of the trainer network bits are projected. */
export interface TrunkOptions {
  /** Name of the stage whose output is projected; `"hidden"` is the last one before the logits. */
  readonly stage: string;
  /** How the weights of the layers up to there are trained and stored; `"int4"` when left out. */
  readonly precision?: TrunkPrecision;
}

/** Training rows from which ranges and thresholds are taken. */
const sampleRows = { ranges: 256, thresholds: 2048 };

/** The layers of the trainer network up to an activation, on the tape and in whole numbers. */
export class SharedTrunk {
  /** Number of the stage whose output is projected. */
  readonly stage: number;
  /** Layout of that output for one row. */
  readonly output: ImageShape;
  /** Number of trained values. */
  readonly parameterCount: number;

  readonly #modules: readonly Module[];
  readonly #input: { image: ImageShape; zeroPoint: number; unit: number };
  readonly #ranges: ByteRows;
  #compiled: Trunk;
  #last?: { features: Uint8Array; rows: Uint32Array; trunk: Trunk; bytes: Uint8Array };

  /**
   * Finds the stage and sets how the layers up to it are rounded in training.
   *
   * @param trainer the trainer network
   * @param options the stage; how the trainer network sees bytes, and training rows
   * @throws {TrainingError} when there is no such stage, or a trunk cannot have one of its layers
   */
  constructor(
    trainer: Module,
    options: TrunkOptions & { input: { image: ImageShape; zeroPoint: number; unit: number }; training: ByteRows },
  ) {
    if (!(trainer instanceof StagedNetwork)) {
      throw new TrainingError("projectFrom: a trainer network with stages was wanted (mlp or cnn)");
    }
    const hidden = trainer.stages.slice(0, -1);
    const names = hidden.map(({ name }) => name);
    this.stage = options.stage === "hidden" ? names.length - 1 : names.indexOf(options.stage);
    if (this.stage < 0) {
      throw new TrainingError(
        `projectFrom: hidden or one of the stages ${names.join(", ") || "(none)"} was wanted, ${options.stage} found`,
      );
    }
    this.#modules = hidden.slice(0, this.stage + 1).map(({ module }) => module);
    this.#input = options.input;
    this.parameterCount = this.#modules.reduce((sum, module) => sum + countParameters(module), 0);
    roundTrunk(this.#modules, options.precision ?? "int4");
    this.#ranges = sampleOf(options.training, sampleRows.ranges);
    this.#compiled = this.compile();
    const checker = new TrunkChecker(this.#input.image);
    for (const layer of this.#compiled.layers) checker.add(layer);
    this.output = checker.output;
  }

  /** The layers in whole numbers as they were when they were last compiled. */
  get compiled(): Trunk {
    return this.#compiled;
  }

  /** Puts the layers as they are now into whole numbers. */
  compile(): Trunk {
    return this.#compiled = compileTrunk(this.#modules, { ...this.#input, ...this.#ranges });
  }

  /** The bytes that the projection reads of some rows. Networks that ask for the same rows one after the other share them. */
  run(features: Uint8Array, rows: Uint32Array): Uint8Array {
    const trunk = this.#compiled, last = this.#last;
    if (last?.features === features && last.rows === rows && last.trunk === trunk) return last.bytes;
    const width = this.#input.image.width * this.#input.image.height * this.#input.image.channels;
    const gathered = new Uint8Array(rows.length * width);
    rows.forEach((row, i) => gathered.set(features.subarray(row * width, (row + 1) * width), i * width));
    const bytes = runTrunkRows(trunk, { image: this.#input.image, features: gathered, count: rows.length });
    this.#last = { features, rows, trunk, bytes };
    return bytes;
  }
}

/** What is packed of a projection network beside its head. */
export interface KeptLayers {
  /** The layers below. */
  readonly trunk: Trunk;
  /** Where each bit is cut. */
  readonly thresholds: Int32Array;
}

/** A projection network on a {@linkcode SharedTrunk}. */
export class TrunkNetwork {
  /** The head, and the projection in whole numbers. */
  readonly head: ProjectionNetwork;
  /** Layers and thresholds that are to be packed. */
  kept: KeptLayers;
  readonly #layer: ProjectionLayer;
  readonly #trunk: SharedTrunk;
  readonly #sample: ByteRows;

  /**
   * A network with fresh weights in the current region.
   *
   * @param trunk the layers below
   * @param options the projection and its head, training rows
   */
  constructor(
    trunk: SharedTrunk,
    options: ProjectionOptions & { classes: number; seed: number; training: ByteRows },
  ) {
    checkOptions(options);
    const { training, ...rest } = options;
    const { output } = trunk;
    const shape = { ...rest, features: output.width * output.height * output.channels, image: output };
    const thresholds = options.thresholds === "zero" ? "zero" : "mean";
    this.head = new ProjectionNetwork({ ...shape, thresholds });
    this.#layer = new ProjectionLayer({ ...shape, thresholds });
    this.#trunk = trunk;
    this.#sample = sampleOf(training, sampleRows.thresholds);
    this.kept = { trunk: trunk.compiled, thresholds: this.head.thresholds };
  }

  /** Number of the trainer's stage whose output {@linkcode TrunkNetwork.read} takes. */
  get stage(): number {
    return this.#trunk.stage;
  }

  /** Number of trained values that are stored. */
  get parameterCount(): number {
    return this.head.parameterCount + this.#trunk.parameterCount;
  }

  /** What the head reads of an activation in training, [rows, bits]. */
  read(activation: Tensor, context: ForwardContext): Tensor {
    return this.#layer.forward(activation, context);
  }

  /** Takes the layers below as the trunk was last compiled, with thresholds that suit them. */
  prepare(): void {
    const { features, count } = this.#sample;
    const rows = Uint32Array.from({ length: count }, (_, row) => row);
    this.head.fitThresholds({ features: this.#trunk.run(features, rows), count });
  }

  /** What the head reads of some rows of bytes in the packed file, [rows, bits]. */
  gather(features: Uint8Array, rows: Uint32Array): Tensor {
    const codes = this.head.encode({ features: this.#trunk.run(features, rows), count: rows.length });
    return this.head.gather(codes, Uint32Array.from(rows, (_, i) => i));
  }

  /** Remembers layers and thresholds as those to be packed. */
  keep(): void {
    this.kept = { trunk: this.#trunk.compiled, thresholds: this.head.thresholds };
  }

  /** The network as it is stored. */
  pack(options: { input: NumericInput; labels: readonly string[] }): PnetModel {
    const { trunk, thresholds } = this.kept;
    this.head.thresholds = thresholds;
    return { ...this.head.pack(options), trunk };
  }
}

/**
 * What a packed model with a trunk does on a data set: the bytes behind the trunk for many rows at once, the rest as the runtime does it.
 *
 * @param model the model
 * @param data the rows, and their bytes
 * @returns the same as of the file as a whole, but for the time
 */
export function evaluateTrunk(
  { input, trunk, ...rest }: PnetModel,
  { data, features }: { data: Dataset; features: Uint8Array },
): Evaluation {
  const bytes = runTrunkRows(trunk!, { image: imageOf(input), features, count: data.count });
  const projected = rest.projection.features;
  const image = "image" in rest.projection ? rest.projection.image : { width: projected, height: 1, channels: 1 };
  const inner = { kind: "image" as const, ...image };
  const classifier = loadPnet(encodePnet({ ...rest, input: inner }));
  return evaluate(classifier, { ...data, input: inner, features: bytes, featureLength: projected });
}

function checkOptions(options: ProjectionOptions): void {
  if (options.select !== undefined) {
    throw new TrainingError("select: rows are chosen before the training, and activations change in it");
  }
  if (options.family === "conv") {
    throw new TrainingError("the family conv counts, and has no gradient for the layers below");
  }
  const { thresholds = "mean" } = options;
  if (thresholds !== "mean" && thresholds !== "zero") {
    throw new TrainingError(`thresholds: mean or zero was wanted for activations, ${thresholds} found`);
  }
}

/** Some rows, spread evenly. */
function sampleOf({ features, count }: ByteRows, most: number): ByteRows {
  if (count <= most) return { features, count };
  const width = features.length / count, sample = new Uint8Array(most * width);
  for (let i = 0; i < most; i++) {
    const row = Math.floor(i * count / most);
    sample.set(features.subarray(row * width, (row + 1) * width), i * width);
  }
  return { features: sample, count: most };
}
