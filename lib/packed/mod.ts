/**
 * The `.pnet` format and its runtime: a file of some hundred bytes that holds everything from the raw sample to the label. FORMAT.md specifies it.
 *
 * @module
 */

export type { Classification, Classifier, LoadOptions } from "./classifier.ts";
export { InputError, type InputPosition, PnetFormatError } from "./errors.ts";
export { decodePnet, loadPnet } from "./load.ts";
export {
  type AnyModel,
  type HeadLayer,
  type HeadPrecision,
  type ImageInput,
  imageOf,
  type InputDescription,
  isTextModel,
  type NumericInput,
  type PnetModel,
  type Quantization,
  type Samples,
  type TableInput,
  type TextInput,
  type TextModel,
} from "./model.ts";
export { type ConvolutionInput, finishSums, preparePool } from "./trunk_engine.ts";
export {
  type Trunk,
  TrunkChecker,
  type TrunkConvolution,
  type TrunkFlatten,
  type TrunkLayer,
  trunkOutput,
  type TrunkPool,
  trunkWindows,
} from "./trunk.ts";
export { encodePnet } from "./encode.ts";
export { estimatePnetBytes, type PnetPlan } from "./estimate.ts";
export { inspectPnet, type PnetPart } from "./inspect.ts";
export { countsProblem } from "./read_projection.ts";
export { prepareQuantizer, type Quantizer } from "./quantize.ts";
