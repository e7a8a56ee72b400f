/** A training that cannot go on: a loss that is not a finite number, or options that do not fit the data. */
export class TrainingError extends Error {
  /** The error's name, `"TrainingError"`. */
  override readonly name = "TrainingError";
}
