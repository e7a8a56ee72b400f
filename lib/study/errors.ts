/** A study that cannot go on: options that do not fit together, a folder that holds another study, parts that do not belong to each other. */
export class StudyError extends Error {
  /** The error's name, `"StudyError"`. */
  override readonly name = "StudyError";
}
