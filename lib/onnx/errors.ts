/**
 * Typed errors of this room: bytes that are no ONNX model, and a model that does not serve its purpose.
 *
 * @module
 */

/** Bytes that are no ONNX model, or one that is damaged. */
export class OnnxFormatError extends Error {
  /** The error's name, `"OnnxFormatError"`. */
  override readonly name = "OnnxFormatError";

  /** Takes what was found and what was wanted, and the offset in the file where it was noticed. */
  constructor(message: string, readonly byte?: number) {
    super(byte === undefined ? `ONNX: ${message}` : `ONNX, byte ${byte}: ${message}`);
  }
}

/** A sound ONNX model or network that cannot be used as was asked: a layer without an ONNX form, a tensor of another shape than the data have. */
export class OnnxModelError extends Error {
  /** The error's name, `"OnnxModelError"`. */
  override readonly name = "OnnxModelError";
}
