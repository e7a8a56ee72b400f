/** A shape, length or axis that does not fit the operation. The message names the operation, what was found and what was wanted. */
export class ShapeError extends Error {
  /** The error's name, `"ShapeError"`. */
  override readonly name = "ShapeError";
}

/** An implementation of the kernels that the platform cannot run. The message names what is missing. */
export class KernelsUnavailableError extends Error {
  /** The error's name, `"KernelsUnavailableError"`. */
  override readonly name = "KernelsUnavailableError";
}
