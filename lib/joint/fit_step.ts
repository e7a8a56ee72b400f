/**
 * One step of the fitting loop, and what it says of numbers that are not finite.
 *
 * @module
 */
import { add, crossEntropy, scale, Tape, type Tensor } from "../autodiff/mod.ts";
import { currentRegion } from "../kernels/mod.ts";
import { clipGradients, type Module, type Optimizer, StagedNetwork } from "../nn/mod.ts";
import { NonFiniteError } from "./errors.ts";
import type { FitOptions } from "./fit.ts";
import { projectionObjective } from "./objective.ts";

/** Where a step stands in a training. */
export interface StepPlace {
  /** Its number, from 1. */
  readonly step: number;
  /** Number of its epoch, from 1. */
  readonly epoch: number;
  /** The newest checkpoint. */
  readonly checkpoint?: string;
}

/**
 * One step: forward, objective, backward, update. Returns the objective. Throws {@linkcode NonFiniteError} when that is not finite; the parameters are then those of
 * before.
 */
export function trainStep<Input>(
  trainer: Module<Input>,
  options: FitOptions<Input>,
  { rows, ...place }: StepPlace & { readonly rows: Uint32Array },
): number {
  const { training, networks, optimizers, clipNorm } = options;
  const { step, epoch } = place;
  const context = { training: true, step };
  const labels = currentRegion().int32(rows.length);
  for (let i = 0; i < rows.length; i++) labels[i] = training.labels[rows[i]];
  const made = training.make?.(rows, epoch - 1) ?? rows;
  const features = training.features.gather(made);
  const codes = networks.map((network, index) =>
    network.tap === undefined ? network.gather(training.codes[index], made) : undefined
  );
  const beside = options.companions?.gather(step);
  const isTapped = networks.some(({ tap }) => tap !== undefined);
  const forward = (features: Input, codes: readonly unknown[]): { trainerLogits: Tensor; logits: Tensor[] } => {
    const activations = isTapped && trainer instanceof StagedNetwork
      ? trainer.activations(features as Tensor, context)
      : [trainer.forward(features, context)];
    const logits = networks.map(({ head, tap }, index) =>
      head.forward(tap?.read(activations[tap.stage], context) ?? codes[index], context)
    );
    return { trainerLogits: activations[activations.length - 1], logits };
  };
  const tape = new Tape();
  const loss = tape.record(() => {
    const { trainerLogits, logits } = forward(features, codes);
    let total = scale(crossEntropy(trainerLogits, labels), options.trainerLambda ?? 1);
    networks.forEach((network, index) => {
      const term = projectionObjective(logits[index], { ...network, trainerLogits, labels });
      if (term !== null) total = add(total, term);
    });
    if (beside === undefined) return total;
    const outputs = forward(beside.features, beside.codes);
    const term = beside.objective(outputs.trainerLogits, outputs.logits);
    if (term !== null) total = add(total, term);
    return total;
  });
  const value = loss.item();
  if (!Number.isFinite(value)) throw lossError(value, { tape, optimizers, place });
  tape.backward(loss);
  for (const optimizer of optimizers) {
    if (clipNorm !== undefined && !Number.isFinite(clipGradients(optimizer.parameters, clipNorm))) {
      throw gradientError(optimizer, place);
    }
    optimizer.step();
  }
  return value;
}

/** Where the tape sees the first number that is not finite: what an operation read, or what it gave. */
function lossError(
  loss: number,
  { tape, optimizers, place }: { tape: Tape; optimizers: readonly Optimizer[]; place: StepPlace },
): NonFiniteError {
  const made = new Set<Tensor>();
  for (const { op, inputs, output } of tape.entries) {
    for (const input of inputs) {
      if (made.has(input)) continue;
      const found = describeNonFinite(input);
      if (found === undefined) continue;
      const why = ofUpdate(input, optimizers, place.step - 1);
      return new NonFiniteError(`the loss became ${loss}, first in ${found}${why},`, { ...place, tensor: input.name });
    }
    made.add(output);
    const found = describeNonFinite(output);
    if (found === undefined) continue;
    const of = inputs.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(" and ");
    return new NonFiniteError(`the loss became ${loss}, first in the output of ${op} of ${of}: ${found},`, {
      ...place,
      tensor: op,
    });
  }
  return new NonFiniteError(`the loss became ${loss}`, { ...place, tensor: "loss" });
}

/** What the optimiser knows of a parameter that its last update made not finite; empty for other tensors. */
function ofUpdate(tensor: Tensor, optimizers: readonly Optimizer[], step: number): string {
  const owner = optimizers.find(({ parameters }) => parameters.includes(tensor));
  if (owner === undefined) return "";
  const isGradient = owner.state?.moments.some((moments) =>
    moments.length === tensor.size && firstNonFinite(moments) >= 0
  );
  return `, by the update of step ${step}${isGradient ? ", whose gradient was not finite" : ""}`;
}

/** The first number that is not finite; -1 when all are. */
function firstNonFinite(values: Float32Array): number {
  // What is not finite is not zero when it is taken from itself.
  for (let i = 0; i < values.length; i++) if (values[i] - values[i] !== 0) return i;
  return -1;
}

/** The name of a tensor and its first number that is not finite; undefined when all are. */
function describeNonFinite({ name, shape, data }: Tensor): string | undefined {
  const at = firstNonFinite(data);
  return at < 0 ? undefined : `${name} [${shape.join(", ")}], ${data[at]} at ${at}`;
}

function gradientError({ parameters }: Optimizer, place: StepPlace): NonFiniteError {
  const bad = parameters.find(({ gradient }) => gradient !== null && firstNonFinite(gradient) >= 0);
  const tensor = bad?.name ?? "gradients";
  return new NonFiniteError(`the gradient of ${tensor} is not finite`, { ...place, tensor });
}

/** Throws {@linkcode NonFiniteError} naming the first parameter that holds a number which is not finite. */
export function checkFinite(modules: readonly Pick<Module, "parameters">[], place: StepPlace): void {
  for (const { parameters } of modules) {
    for (const parameter of parameters) {
      const found = describeNonFinite(parameter);
      if (found === undefined) continue;
      throw new NonFiniteError(`a parameter is not finite, ${found},`, { ...place, tensor: parameter.name });
    }
  }
}
