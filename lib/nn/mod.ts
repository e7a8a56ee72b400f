/**
 * Networks: layers, initialisers, optimisers and schedules.
 *
 * @module
 */
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { BatchNorm, type BatchNormLayerOptions } from "./batch_norm.ts";
export { clipGradients } from "./clip_gradients.ts";
export { Dense, type DenseOptions, Dropout } from "./dense.ts";
export { Embedding, EmbeddingBag, type EmbeddingOptions } from "./embedding.ts";
export {
  AveragePool,
  Conv2d,
  type Conv2dLayerOptions,
  Flatten,
  GlobalAveragePool,
  MaxPool,
  ToImages,
} from "./images.ts";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  zerosInitializer,
} from "./initializers.ts";
export { LookupTables, type LookupTablesOptions } from "./lookup_tables.ts";
export { Lstm, type LstmLayerOptions } from "./lstm.ts";
export { countParameters, type ForwardContext, inference, type Module, Sequential, stateOf } from "./module.ts";
export type { Optimizer } from "./optimizer.ts";
export { constantSchedule, cosineSchedule, oneCycleSchedule, type Schedule, stepSchedule } from "./schedules.ts";
export { packSequences, SequenceLayout, type Sequences, type TokenLists } from "./sequences.ts";
export { SparseDense, type SparseDenseOptions } from "./sparse_dense.ts";
export { type Stage, StagedNetwork } from "./staged.ts";
export { Sgd, type SgdOptions } from "./sgd.ts";
