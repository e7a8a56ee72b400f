/**
 * Networks: layers, initialisers, optimisers and schedules.
 *
 * @module
 */
export {
  Adam,
  type AdamOptions,
  AdamW,
  clipGradients,
  constantSchedule,
  cosineSchedule,
  oneCycleSchedule,
  type Optimizer,
  type OptimizerState,
  type Schedule,
  Sgd,
  type SgdOptions,
  stepSchedule,
} from "./optimizers.ts";
export { BatchNorm, type BatchNormLayerOptions } from "./batch_norm.ts";
export { Dense, type DenseOptions, Dropout } from "./dense.ts";
export {
  Embedding,
  EmbeddingBag,
  type EmbeddingOptions,
  LookupTables,
  type LookupTablesOptions,
  SparseDense,
  type SparseDenseOptions,
} from "./embedding.ts";
export {
  AveragePool,
  Conv2d,
  type Conv2dLayerOptions,
  Flatten,
  GlobalAveragePool,
  MaxPool,
  Residual,
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
export { Lstm, type LstmDirection, type LstmLayerOptions } from "./lstm.ts";
export { countParameters, type ForwardContext, inference, type Module, Sequential, stateOf } from "./module.ts";
export { packSequences, SequenceLayout, type Sequences, type TokenLists } from "./sequences.ts";
export { type Stage, StagedNetwork } from "./staged.ts";
