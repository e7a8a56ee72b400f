/**
 * Networks: layers, initialisers, optimisers and schedules.
 *
 * @module
 */
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { BatchNorm, type BatchNormLayerOptions } from "./batch_norm.ts";
export { clipGradients } from "./clip_gradients.ts";
export { Dense, type DenseOptions, Dropout } from "./dense.ts";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  zerosInitializer,
} from "./initializers.ts";
export { LookupTables, type LookupTablesOptions } from "./lookup_tables.ts";
export { countParameters, type ForwardContext, inference, type Module, Sequential } from "./module.ts";
export type { Optimizer } from "./optimizer.ts";
export { constantSchedule, cosineSchedule, oneCycleSchedule, type Schedule, stepSchedule } from "./schedules.ts";
export { Sgd, type SgdOptions } from "./sgd.ts";
