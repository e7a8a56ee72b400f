/**
 * The projection networks beside a trainer network, on the input or on a hidden activation, as the fitting loop wants them.
 *
 * @module
 */
import type { Dataset } from "../data/mod.ts";
import type { Region } from "../kernels/mod.ts";
import { imageOf, loadPnet, type NumericInput, type PnetModel } from "../packed/mod.ts";
import type { CheckpointPart } from "./checkpoint/run_checkpoints.ts";
import { centreBytes, type FeatureRows } from "./features.ts";
import type { FitNetwork } from "./fit.ts";
import { fitCode } from "./fit_code.ts";
import { evaluate, type Evaluation } from "./metrics.ts";
import { type ByteRows, type ProjectionCode, ProjectionNetwork } from "./projection_network.ts";
import type { PreparedTrainer } from "./saved_trainer.ts";
import type { LabelledRows } from "./select/row_candidates.ts";
import type { TrainOptions } from "./train.ts";
import { evaluateTrunk, type KeptLayers, SharedTrunk, TrunkNetwork } from "./trunk_network.ts";

/** What the fitting loop does with a network, and what is packed of it. */
export interface NetworkBeside
  extends
    Pick<FitNetwork<Uint8Array>, "codeBytes" | "gather" | "tap" | "prepareMeasure" | "keep" | "save" | "restore"> {
  /** The head. */
  readonly head: ProjectionNetwork;
  /** Number of trained values that are stored. */
  readonly parameterCount: number;
  /** The network as it is stored. */
  pack(options: { input: NumericInput; labels: readonly string[] }): PnetModel;
}

/** All networks of a training. */
export interface NetworksBeside {
  /** In the order of the options. */
  readonly networks: readonly NetworkBeside[];
  /** For each network the first one with the same code. */
  readonly sources: readonly number[];
  /** What the trainer network sees of rows whose bytes are known. */
  features(data: Dataset, bytes: Uint8Array): FeatureRows;
  /** What the networks gather from. */
  codes(rows: ByteRows): Uint8Array[];
  /** What the packed file of a network does on a data set. */
  evaluate(packed: { model: PnetModel; bytes: Uint8Array }, test: { data: Dataset; bytes: Uint8Array }): Evaluation;
}

/** What the networks are made for. */
export interface BesideOptions {
  /** The trainer network, and what it reads. */
  readonly trainer: Pick<PreparedTrainer, "network" | "rows">;
  /** Rows that is chosen on what takes no labels. */
  readonly rows: Dataset;
  /** Rows with the labels that the rest is chosen on. */
  readonly labelled: LabelledRows;
  /** Rows to choose by. */
  readonly validation?: Dataset;
  /** How rows become bytes. */
  readonly input: NumericInput;
  /** Bytes of a data set. */
  readonly quantized: (data: Dataset) => Uint8Array;
  /** Where the networks live. */
  readonly region: Region;
  /** Where chosen codes are kept. */
  readonly checkpoints?: CheckpointPart;
}

/** Networks as the options ask for, with everything of their codes chosen that is chosen before the training. */
export async function networksBeside(options: TrainOptions, beside: BesideOptions): Promise<NetworksBeside> {
  if (options.projectFrom !== undefined) return beside.region.run(() => networksOnTrunk(options, beside));
  return await networksOnInput(options, beside);
}

async function networksOnInput(
  { projections, seed = 1, onSelect, signal }: TrainOptions,
  { trainer, rows, labelled, validation, input, quantized, region, checkpoints }: BesideOptions,
): Promise<NetworksBeside> {
  const classes = rows.labelNames.length;
  const image = input.kind === "image" ? input : undefined;
  const shape = { features: rows.featureLength, image, classes, seed };
  const networks = region.run(() => projections.map((options) => new ProjectionNetwork({ ...options, ...shape })));
  const bytes = { features: quantized(rows), count: rows.count };
  const held = validation && { features: quantized(validation), count: validation.count, labels: validation.labels };
  const sources = codeSources(projections);
  for (const [index, network] of networks.entries()) {
    if (sources[index] < index) network.takeCode(networks[sources[index]].code);
    else {
      const shared = { validation: held, seed, onProgress: onSelect, signal };
      const choose = async (): Promise<ProjectionCode> => {
        await fitCode(network, { training: labelled, rows: bytes, ...shared });
        return network.code;
      };
      network.takeCode(await (checkpoints?.once(`code-${index}`, choose) ?? choose()));
    }
  }
  return {
    networks: networks.map((network) => ({
      head: network,
      codeBytes: network.codeBytes,
      gather: (codes, rows) => network.gather(codes, rows),
      parameterCount: network.parameterCount,
      pack: (options) => network.pack(options),
    })),
    sources,
    features: (data) => trainer.rows(data),
    codes(rows) {
      const codes: Uint8Array[] = [];
      networks.forEach((network, index) => codes.push(codes[sources[index]] ?? network.encode(rows)));
      return codes;
    },
    evaluate: ({ bytes }, { data }) => evaluate(loadPnet(bytes), data),
  };
}

/** For each network the first one with the same code: what was chosen for that one holds for all, whatever heads they have. */
function codeSources(projections: TrainOptions["projections"]): number[] {
  const ofHead = new Set<string>(["hidden", "head", "normalize", "dropout", "ternaryThreshold", "lambda"]);
  const keys = projections.map((options) =>
    JSON.stringify(Object.entries(options).filter(([name]) => !ofHead.has(name)).sort())
  );
  return keys.map((key) => keys.indexOf(key));
}

function networksOnTrunk(
  { projections, projectFrom, seed = 1 }: TrainOptions,
  { trainer, rows: all, input, quantized }: BesideOptions,
): NetworksBeside {
  const bytes = { features: quantized(all), count: all.count };
  const { rows, ...scaling } = centreBytes(bytes.features);
  const trunk = new SharedTrunk(trainer.network, {
    ...projectFrom!,
    training: bytes,
    input: { image: imageOf(input), ...scaling },
  });
  const classes = all.labelNames.length;
  const networks = projections.map((options) =>
    new TrunkNetwork(trunk, { ...options, classes, seed, training: bytes })
  );
  return {
    networks: networks.map((network, index) => ({
      head: network.head,
      gather: (features, rows) => network.gather(features, rows),
      tap: { stage: trunk.stage, read: (activation, context) => network.read(activation, context) },
      prepareMeasure() {
        // All networks stand on the same layers.
        if (index === 0) trunk.compile();
        network.prepare();
      },
      keep: () => network.keep(),
      save: () => network.kept,
      restore: (kept) => network.kept = kept as KeptLayers,
      parameterCount: network.parameterCount,
      pack: (options) => network.pack(options),
    })),
    sources: networks.map((_, index) => index),
    features: (data, features) => rows({ ...data, features }),
    codes: ({ features }) => networks.map(() => features),
    evaluate: ({ model }, { data, bytes }) => evaluateTrunk(model, { data, features: bytes }),
  };
}
