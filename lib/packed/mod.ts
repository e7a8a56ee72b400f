/**
 * The `.pnet` format and its runtime: a file of some hundred bytes that holds everything from the raw sample to the label. FORMAT.md specifies it.
 *
 * @module
 */

export {
  type Classification,
  type Classifier,
  type ImageInput,
  type InputDescription,
  InputError,
  type InputPosition,
  loadPnet,
  PnetFormatError,
  type Quantization,
  type TableInput,
} from "./runtime.ts";
export { countsProblem, type HeadLayer, type HeadPrecision, type PnetModel } from "./model.ts";
export { decodePnet } from "./decode.ts";
export { encodePnet } from "./encode.ts";
export { estimatePnetBytes, type PnetPlan } from "./estimate.ts";
export { inspectPnet, type PnetPart } from "./inspect.ts";
export { prepareQuantizer, type Quantizer } from "./quantize.ts";
