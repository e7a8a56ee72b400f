/**
 * ONNX in and out: trainer and projection networks as ONNX files, trainer networks back from them, and any ONNX classifier as a teacher.
 *
 * Nothing of it is loaded by the rest of the library, and onnxruntime-web only when a teacher is run.
 *
 * @module
 */
export { decodeOnnx } from "./decode.ts";
export { OnnxFormatError, OnnxModelError } from "./errors.ts";
export type { AttributeValue, Dimension, ElementType, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";
export { exportTrainer, importTrainer } from "./trainer.ts";
export { inspectOnnx, type OnnxPart, type OnnxReport } from "./inspect.ts";
export { exportProjection } from "./projection.ts";
export { type OnnxTeacher, onnxTeacher, type OnnxTeacherOptions } from "./teacher.ts";
export {
  type FeatureScaling,
  featureScalings,
  type PixelMoments,
  type TeacherLayout,
  teacherLayouts,
} from "./teacher_input.ts";
