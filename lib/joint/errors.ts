/** A training that cannot go on: a loss that is not a finite number, or options that do not fit the data. */
export class TrainingError extends Error {
  /** The error's name, `"TrainingError"`; those of its kinds differ. */
  override readonly name: string = "TrainingError";
}

/** Numbers of a training that are not finite any more. The message says where it was seen first, and which checkpoint is from before. */
export class NonFiniteError extends TrainingError {
  /** The error's name, `"NonFiniteError"`. */
  override readonly name: string = "NonFiniteError";
  /** The step in which it was seen, from 1. */
  readonly step: number;
  /** The epoch of that step, from 1. */
  readonly epoch: number;
  /** The first tensor that is not finite: name of a parameter, or of what gave it. */
  readonly tensor: string;
  /** The newest checkpoint from before; undefined without. */
  readonly checkpoint?: string;

  /** Takes what was found, and where. */
  constructor(
    problem: string,
    where: { readonly step: number; readonly epoch: number; readonly tensor: string; readonly checkpoint?: string },
  ) {
    const { step, epoch, tensor, checkpoint } = where;
    const before = checkpoint === undefined ? "" : `; the last checkpoint before it is ${checkpoint}`;
    super(`${problem} in step ${step} (epoch ${epoch}); a smaller learning rate may help${before}`);
    this.step = step;
    this.epoch = epoch;
    this.tensor = tensor;
    this.checkpoint = checkpoint;
  }
}

/**
 * Why a checkpoint is not used: it is `damaged` (not one, cut off, changed), has another `version`, is of another `run` (model, options or data), is there although
 * nothing was said of going on (`present`), or could not be read or written (`storage`).
 */
export type CheckpointProblem = "damaged" | "version" | "run" | "present" | "storage";

/** A checkpoint that cannot be read, written or gone on with. */
export class CheckpointError extends Error {
  /** The error's name, `"CheckpointError"`. */
  override readonly name = "CheckpointError";
  /** Why. */
  readonly problem: CheckpointProblem;

  /** Takes what was found and wanted, and why it matters. */
  constructor(problem: CheckpointProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}
