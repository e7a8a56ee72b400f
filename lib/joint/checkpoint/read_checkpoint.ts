/**
 * A checkpoint outside its run: how far that was, and its networks without the data.
 *
 * @module
 */
import type { AnyModel, NumericInput } from "../../packed/mod.ts";
import { BoundedRegion } from "../bounded_region.ts";
import { CheckpointError, TrainingError } from "../errors.ts";
import { type ProjectionCode, ProjectionNetwork } from "../projection_network.ts";
import type { ProjectionInput, ProjectionOptions } from "../projection_options.ts";
import type { SavedTrainer, TrainerDescription } from "../saved_trainer.ts";
import { type TextCode, TextNetwork } from "../text_network.ts";
import type { TextProjectionOptions } from "../text_options.ts";
import type { KeptLayers } from "../trunk_network.ts";
import { readNewestCheckpoint } from "./checkpoint_folder.ts";
import { type FitState, type SavedModule, trainedTensors } from "./fit_state.ts";
import { checkDocument } from "./run_checkpoints.ts";

/** A network in a checkpoint, in words. */
export interface CheckpointNetwork {
  /** `trainer`, `projection 1` and so on. */
  readonly name: string;
  /** Its trained values, then what it keeps beside them. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Its best epoch so far; 0 before there is one. */
  readonly bestEpoch: number;
  /** Accuracy on validation data then; null without. */
  readonly validationAccuracy: number | null;
}

/** A checkpoint that was read. */
export interface Checkpoint {
  /** The file. */
  readonly path: string;
  /** Its bytes. */
  readonly bytes: number;
  /** Newer files of the folder that are damaged, and why. */
  readonly damaged: readonly string[];
  /** What the run follows from: its kind, options, and digests of its data. */
  readonly run: Readonly<Record<string, unknown>>;
  /** Time that the run has taken. */
  readonly seconds: number;
  /** What is done and is not done again: names of codes and of trainings. */
  readonly kept: readonly string[];
  /** The training at work; undefined before its first step. */
  readonly fitting?: {
    /** Its name in a run of several trainings; empty when it is the only one. */
    readonly name: string;
    /** Steps that are done. */
    readonly step: number;
    /** Steps in all. */
    readonly steps: number;
    /** Epochs that are done. */
    readonly epoch: number;
    /** Epochs in all. */
    readonly epochs: number;
    /** The trainer, then the projection networks. */
    readonly networks: readonly CheckpointNetwork[];
  };
  /** The trainer network at its best epoch so far, or as it is when the last epoch is kept in any case. Throws {@linkcode CheckpointError} when it has no form outside. */
  trainer(): SavedTrainer;
  /** A projection network at its best epoch so far as it would be packed; `index` counts from 0. Throws {@linkcode CheckpointError} when there is none. */
  model(index: number): AnyModel;
}

/** What a training says of its networks; see FORMAT.md. */
interface About {
  readonly trainer: TrainerDescription | null;
  readonly networks: readonly (
    & (ProjectionOptions & ProjectionInput | TextProjectionOptions & { readonly seed: number })
    & { readonly classes: number }
  )[];
  /** For each network the one whose code it has. */
  readonly codes: readonly number[];
  /** Left out for texts. */
  readonly input?: NumericInput;
  readonly labels: readonly string[];
}

/** What `readCheckpoint` of on_demand.ts runs. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const found = await readNewestCheckpoint(path);
  if (found === undefined) throw new CheckpointError("storage", `${path} holds no checkpoint`);
  const { run, seconds, kept, fitting } = checkDocument(found.document, found.path);
  const facts = { path: found.path, bytes: found.bytes, damaged: found.damaged, seconds, kept: Object.keys(kept) };
  const reading = <T>(read: () => T): T => readingPart(found.path, read);
  const state = fitting as typeof fitting & FitState | undefined;
  const saved = (): { state: FitState & { readonly name: string }; about: About } => {
    if (state === undefined) {
      throw new CheckpointError("run", `the checkpoint ${found.path} is of before the first step of a training`);
    }
    return { state, about: (state.about ?? { trainer: null, networks: [], codes: [], labels: [] }) as About };
  };
  return {
    ...facts,
    run: run as Record<string, unknown>,
    fitting: state && reading(() => describeFitting(state)),
    trainer: () =>
      reading(() => {
        const { state: { modules: [module] }, about } = saved();
        if (about.trainer === null) {
          throw new CheckpointError(
            "run",
            `the trainer network of ${found.path} has no form outside: a teacher's, one that reads texts or neighbours, or one under --project-from`,
          );
        }
        const values = bestValues(module);
        return {
          ...about.trainer,
          state: module.tensors.map(({ name, shape }, index) => ({ name, shape, data: values[index] })),
        };
      }),
    model: (index) =>
      reading(() => {
        const { state, about } = saved();
        if (about.networks[index] === undefined) {
          throw new CheckpointError(
            "run",
            `${found.path} has ${about.networks.length} projection networks to make, number ${index + 1} was asked for`,
          );
        }
        const prefix = state.name === "" ? "" : `${state.name}/`;
        return packSaved(state, { about, index, code: kept[`${prefix}code-${about.codes[index]}`] });
      }),
  };
}

/** Whatever a file of a right checksum may hold, nothing but typed errors come of it. */
function readingPart<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CheckpointError || error instanceof TrainingError) throw error;
    throw new CheckpointError("damaged", `the checkpoint ${path} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function describeFitting({ name, step, steps, epoch, epochs, modules }: FitState & { readonly name: string }) {
  return {
    ...{ name, step, steps, epoch, epochs },
    networks: modules.map(({ tensors, best }, index): CheckpointNetwork => ({
      name: index === 0 ? "trainer" : `projection ${index}`,
      tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })),
      bestEpoch: best.epoch,
      validationAccuracy: best.accuracy,
    })),
  };
}

/** The values of the epoch that is kept, or the newest. */
function bestValues({ tensors, best }: SavedModule): readonly Float32Array[] {
  return best.values.length > 0 ? best.values : tensors.map(({ data }) => data);
}

function packSaved(
  { modules, networks }: FitState,
  { about, index, code }: { about: About; index: number; code: unknown },
): AnyModel {
  const { input } = about, labels = [...about.labels], options = about.networks[index];
  const values = bestValues(modules[index + 1]), extra = networks[index];
  const size = values.reduce((sum, { length }) => sum + length, 0);
  // What a code reads counts by is in the region too.
  using region = new BoundedRegion(size + ((code as Partial<ProjectionCode> | undefined)?.shifts?.length ?? 0));
  return region.run(() => {
    if (input === undefined) {
      const network = new TextNetwork(options as ConstructorParameters<typeof TextNetwork>[0]);
      putBack(network, values);
      network.takeCode(code as TextCode);
      return network.pack(labels);
    }
    const network = new ProjectionNetwork(options as ConstructorParameters<typeof ProjectionNetwork>[0]);
    putBack(network, values);
    if (code !== undefined) network.takeCode(code as ProjectionCode);
    if (extra === null) return network.pack({ input, labels });
    const { trunk, thresholds } = extra as KeptLayers;
    network.thresholds = thresholds;
    return { ...network.pack({ input, labels }), trunk };
  });
}

function putBack(network: ProjectionNetwork | TextNetwork, values: readonly Float32Array[]): void {
  trainedTensors(network as ProjectionNetwork).forEach(({ name, data }, index) => {
    if (values[index]?.length !== data.length) {
      throw new CheckpointError(
        "damaged",
        `${name}: ${data.length} values were wanted, ${values[index]?.length ?? "none"} found`,
      );
    }
    data.set(values[index]);
  });
}
