/**
 * The `.pnet` format and its runtime: a file of some hundred bytes that holds everything from the raw sample to the label. FORMAT.md specifies it.
 *
 * @module
 */

export {
  type Classification,
  type Classifier,
  decodePnet,
  type ImageInput,
  type InputDescription,
  InputError,
  type InputPosition,
  loadPnet,
  type NumericInput,
  PnetFormatError,
  type Quantization,
  type Samples,
  type TableInput,
  type TextInput,
} from "./runtime_text.ts";
export {
  type AnyModel,
  type HeadLayer,
  type HeadPrecision,
  isTextModel,
  type PnetModel,
  type TextModel,
} from "./model.ts";
export { encodePnet } from "./encode.ts";
export { estimatePnetBytes, type PnetPlan } from "./estimate.ts";
export { inspectPnet, type PnetPart } from "./inspect.ts";
export { countsProblem } from "./read_projection.ts";
export { prepareQuantizer, type Quantizer } from "./quantize.ts";
