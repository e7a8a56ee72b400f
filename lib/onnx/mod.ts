/**
 * ONNX in and out: trainer and projection networks as ONNX files, trainer networks back from them, and any ONNX classifier as a teacher.
 *
 * Nothing of it is loaded by the rest of the library, and onnxruntime-web only when a teacher is run.
 *
 * @example A trainer network goes to a file and comes back; its projection network becomes a graph for other engines
 * ```ts
 * import { parseTable, train } from "@neuralbits/projectionnet";
 * import { exportProjection, exportTrainer, importTrainer, inspectOnnx } from "@neuralbits/projectionnet/onnx";
 * import { assertEquals } from "@std/assert";
 *
 * const csv = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 5},${i % 7 > i % 5 ? "more" : "less"}`).join("\n");
 * const data = await parseTable(new TextEncoder().encode(csv), { file: "pairs.csv" });
 * const { trainer: { description, state }, networks: [network] } = await train({
 *   data,
 *   trainer: { hidden: [8] },
 *   projections: [{ functions: 16 }],
 *   epochs: 2,
 * });
 *
 * const file = await exportTrainer({ ...description!, state }); // for onnxruntime, for another training, for `onnxTeacher`
 * const again = await train({ data, continueFrom: await importTrainer(file), projections: [{ functions: 16 }], epochs: 1 });
 * assertEquals(again.trainer.parameters, 2 * 8 + 8 + 8 * 2 + 2);
 *
 * assertEquals(inspectOnnx(exportProjection(network.model)).inputs, ["input [batch, 2] float32"]);
 * ```
 *
 * @module
 */
export { decodeOnnx } from "./decode.ts";
export { OnnxFormatError, OnnxModelError } from "./errors.ts";
export type { AttributeValue, Dimension, ElementType, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";
export { exportTrainer, importTrainer } from "./trainer.ts";
export { inspectOnnx, type OnnxPart, type OnnxReport } from "./inspect.ts";
export { exportProjection } from "./projection.ts";
export { type OnnxTeacher, onnxTeacher, type OnnxTeacherOptions, type TeacherProgress } from "./teacher.ts";
export {
  type FeatureScaling,
  featureScalings,
  type PixelMoments,
  type TeacherLayout,
  teacherLayouts,
} from "./teacher_input.ts";
