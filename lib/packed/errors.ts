/**
 * Typed errors of the packed room: a file that is no valid model, and a sample that does not fit the model.
 *
 * @module
 */

/** Bytes that are no canonical `.pnet` file, or a model that no such file can hold. */
export class PnetFormatError extends Error {
  /** Name of the class. */
  override name = "PnetFormatError";
  /** Offset in the file where the fault was noticed; `undefined` when a model could not be encoded. */
  readonly byte?: number;

  /**
   * Makes the error.
   *
   * @param message what was done, what was found and what was wanted
   * @param byte offset in the file
   */
  constructor(message: string, byte?: number) {
    super(message);
    this.byte = byte;
  }
}

/** Where in the input an {@linkcode InputError} was noticed. */
export interface InputPosition {
  /** Index of the sample within a batch. */
  sample?: number;
  /** Index of the feature within the sample. */
  feature?: number;
}

/** A sample that the model cannot take: wrong length, no finite number, or out of range. */
export class InputError extends Error {
  /** Name of the class. */
  override name = "InputError";
  /** Index of the sample within a batch; `undefined` when the input as a whole has a wrong length. */
  readonly sample?: number;
  /** Index of the feature within the sample; `undefined` when the length is wrong. */
  readonly feature?: number;

  /**
   * Makes the error.
   *
   * @param message what was done, what was found and what was wanted
   * @param position where
   */
  constructor(message: string, position: InputPosition = {}) {
    super(message);
    this.sample = position.sample;
    this.feature = position.feature;
  }
}
