/**
 * What {@linkcode fit} refuses before it begins.
 *
 * @module
 */
import type { Tensor } from "../autodiff/mod.ts";
import { type Module, StagedNetwork } from "../nn/mod.ts";
import { TrainingError } from "./errors.ts";
import type { FitOptions, TrainingData } from "./fit.ts";

type Parameterized = Pick<Module, "parameters">;

/** Throws {@linkcode TrainingError} unless `value` is a whole number of at least 1. */
export function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new TrainingError(`${name}: a whole number of at least 1 was wanted, ${value} found`);
  }
}

/** Throws {@linkcode TrainingError} unless `value` is a finite number of at least 0. */
export function checkWeight(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) {
    throw new TrainingError(`${name}: a number of at least 0 was wanted, ${value} found`);
  }
}

/** Throws {@linkcode TrainingError} naming the first option that does not fit. */
export function checkFitOptions(trainer: Parameterized, options: FitOptions<unknown>): void {
  const { networks, optimizers, patience, trainerLambda = 1, clipNorm } = options;
  checkCount("epochs", options.epochs);
  checkCount("batchSize", options.batchSize);
  checkCount("repeats", options.repeats ?? 1);
  if (patience !== undefined) {
    checkCount("patience", patience);
    if (options.validation === undefined) throw new TrainingError("patience: needs validation data, none was given");
  }
  if (clipNorm !== undefined && !(clipNorm > 0)) {
    throw new TrainingError(`clipNorm: a number above 0 was wanted, ${clipNorm} found`);
  }
  checkWeight("trainerLambda", trainerLambda);
  networks.forEach(({ lambda, temperature = 1 }, index) => {
    lambda.forEach((weight) => checkWeight(`lambda of projection network ${index}`, weight));
    if (!(temperature > 0 && temperature < Infinity)) {
      throw new TrainingError(`temperature: a number above 0 was wanted, ${temperature} found`);
    }
  });
  const stages = trainer instanceof StagedNetwork ? trainer.stages.length : 0;
  for (const { tap } of networks) {
    if (tap === undefined || tap.stage >= 0 && tap.stage < stages) continue;
    throw new TrainingError(
      `networks: one reads the activation of stage ${tap.stage}, and the trainer network has ${stages || "no"} stages`,
    );
  }
  checkData("training", options.training, networks);
  if (options.validation !== undefined) checkData("validation", options.validation, networks);
  const changed = new Set<Tensor>();
  for (const { parameters } of optimizers) for (const parameter of parameters) changed.add(parameter);
  for (const { parameters } of [trainer, ...networks.map(({ head }) => head)]) {
    const missing = parameters.find((parameter) => !changed.has(parameter));
    if (missing !== undefined) {
      throw new TrainingError(`optimizers: none of them changes the parameter ${missing.name}`);
    }
  }
}

function checkData(name: string, data: TrainingData<unknown>, networks: FitOptions["networks"]): void {
  const { count, labels, codes, features: { lengths } } = data;
  if (count === 0) throw new TrainingError(`${name}: at least one row was wanted, none found`);
  if (labels.length !== count) throw new TrainingError(`${name}: ${count} labels were wanted, ${labels.length} found`);
  if (lengths !== undefined && lengths.length !== count) {
    throw new TrainingError(`${name}: ${count} lengths were wanted, ${lengths.length} found`);
  }
  if (codes.length !== networks.length) {
    throw new TrainingError(
      `${name}: codes for ${networks.length} projection networks were wanted, for ${codes.length} found`,
    );
  }
  if (data.make !== undefined) return;
  networks.forEach(({ codeBytes }, index) => {
    if (codeBytes === undefined) return;
    const wanted = count * codeBytes, found = (codes[index] as Uint8Array).length;
    if (found !== wanted) {
      throw new TrainingError(
        `${name}: ${wanted} bytes of codes were wanted for projection network ${index}, ${found} found`,
      );
    }
  });
}
