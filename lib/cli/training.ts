/**
 * A training run as the commands show it: progress, Ctrl-C, and the report in words and as JSON.
 */
import type { FitProgress, SelectProgress, TrainOptions, TrainResult } from "../joint/mod.ts";
import type { AnyModel } from "../packed/mod.ts";
import { count, duration, percent, table } from "./format.ts";
import type { CliIo } from "./io.ts";
import { Progress, type ProgressState } from "./progress.ts";

/** A training as progress. */
export function trainState(
  { epoch, epochs, step, steps, loss, validation, endOfEpoch, ...pace }: FitProgress,
): ProgressState {
  const accuracies = validation && `validation: trainer ${validation.map(percent).join(", projection ")}`;
  return {
    label: `epoch ${epoch}/${epochs}`,
    fraction: step / steps,
    rate: pace.examplesPerSecond,
    unit: "examples",
    secondsLeft: pace.secondsLeft,
    detail: [`loss ${loss.toFixed(4)}`, accuracies].filter(Boolean).join(", "),
    milestone: endOfEpoch,
  };
}

function selectState({ chosen, wanted, pool, generated, accuracy }: SelectProgress): ProgressState {
  return {
    label: generated < 1 ? `looking at ${count(pool)} candidates` : `selecting ${count(wanted)} of ${count(pool)}`,
    fraction: generated < 1 ? generated : Math.min(chosen / wanted, wanted / chosen),
    unit: "candidates",
    detail: accuracy === undefined ? "" : `${count(chosen)} chosen, linear head ${percent(accuracy)}`,
  };
}

/** Trains and shows the progress on standard error. */
export async function trainWithProgress<
  T extends Pick<TrainOptions, "onProgress" | "onSelect">,
  Model extends AnyModel,
>(
  train: (options: T) => Promise<TrainResult<Model>>,
  options: T,
  io: CliIo,
): Promise<TrainResult<Model>> {
  const progress = new Progress(io);
  try {
    return await train({
      ...options,
      onSelect: (event) => progress.update(selectState(event)),
      onProgress: (event) => progress.update(trainState(event)),
    });
  } finally {
    progress.end();
  }
}

/** Bytes of the trainer's parameters as float32. */
function trainerBytes(result: TrainResult<AnyModel>): number {
  return 4 * result.trainer.parameters;
}

function networkFacts(result: TrainResult<AnyModel>, index: number, out: string | null): Record<string, unknown> {
  const network = result.networks[index];
  return {
    projectionAccuracy: network.test?.accuracy ?? null,
    validationAccuracy: network.validationAccuracy,
    bits: network.bits,
    modelBytes: network.bytes.length,
    projectionParameters: network.parameters,
    compressionRatio: result.trainer.parameters / network.parameters,
    byteRatio: trainerBytes(result) / network.bytes.length,
    out,
  };
}

/** Index of the network with the best validation accuracy; of equals, and without validation data, the smallest file. */
export function bestNetwork(result: TrainResult<AnyModel>): number {
  let best = 0;
  result.networks.forEach((network, i) => {
    const leader = result.networks[best];
    const gain = (network.validationAccuracy ?? 0) - (leader.validationAccuracy ?? 0);
    if (gain > 0 || (gain === 0 && network.bytes.length < leader.bytes.length)) best = i;
  });
  return best;
}

/**
 * The JSON object of `train` and `demo`. Accuracies are shares of one on the test data, null without test data. With several networks
 * the top level tells of the one that is best on validation, `networks` of all.
 *
 * @param outs the file of each network, null when it was not written
 */
export function trainingJson(result: TrainResult<AnyModel>, outs: readonly (string | null)[]): Record<string, unknown> {
  const best = bestNetwork(result);
  const several = result.networks.length > 1;
  return {
    trainerAccuracy: result.trainer.testAccuracy,
    trainerValidationAccuracy: result.trainer.validationAccuracy,
    trainerParameters: result.trainer.parameters,
    ...networkFacts(result, best, outs[best]),
    seconds: result.seconds,
    examplesPerSecond: result.examplesPerSecond,
    seed: result.seed,
    ...(several ? { networks: result.networks.map((_, i) => networkFacts(result, i, outs[i])) } : {}),
  };
}

/** The report in words. */
export function trainingReport(result: TrainResult<AnyModel>, outs: readonly (string | null)[]): string {
  const share = (value: number | null): string => value === null ? "-" : percent(value);
  const { trainer, networks } = result;
  const rows = [
    ["network", "bits", "parameters", "bytes", "validation", "test", "ratio of parameters", "of bytes", "file"],
    [
      "trainer",
      "",
      count(trainer.parameters),
      count(trainerBytes(result)),
      share(trainer.validationAccuracy),
      share(trainer.testAccuracy),
      "1",
      "1",
      "",
    ],
    ...networks.map((network, i) => [
      "projection",
      count(network.bits),
      count(network.parameters),
      count(network.bytes.length),
      share(network.validationAccuracy),
      share(network.test?.accuracy ?? null),
      (trainer.parameters / network.parameters).toFixed(1),
      (trainerBytes(result) / network.bytes.length).toFixed(1),
      outs[i] ?? "",
    ]),
  ];
  const pace = `${duration(result.seconds)}, ${count(result.examplesPerSecond)} examples/s, seed ${result.seed}`;
  return `${table(rows)}\n${pace}`;
}
