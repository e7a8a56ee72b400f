/**
 * Networks: layers, initialisers, optimisers and schedules.
 *
 * @module
 */
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { BatchNorm, type BatchNormLayerOptions } from "./batch_norm_layer.ts";
export { clipGradients } from "./clip_gradients.ts";
export { Conv2d, type Conv2dLayerOptions } from "./conv2d_layer.ts";
export { Dense, type DenseOptions } from "./dense.ts";
export { Dropout } from "./dropout_layer.ts";
export { Embedding, EmbeddingBag, type EmbeddingOptions } from "./embedding.ts";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  zerosInitializer,
} from "./initializers.ts";
export { LookupTables, type LookupTablesOptions } from "./lookup_tables.ts";
export { AveragePool, Flatten, GlobalAveragePool, MaxPool, ToImages } from "./image_layers.ts";
export { Lstm, type LstmLayerOptions } from "./lstm_layer.ts";
export { countParameters, type ForwardContext, inference, type Module, stateOf } from "./module.ts";
export type { Optimizer } from "./optimizer.ts";
export { constantSchedule, cosineSchedule, oneCycleSchedule, type Schedule, stepSchedule } from "./schedules.ts";
export { packSequences, SequenceLayout, type Sequences, type TokenLists } from "./sequences.ts";
export { SparseDense, type SparseDenseOptions } from "./sparse_dense.ts";
export { Sequential } from "./sequential.ts";
export { Sgd, type SgdOptions } from "./sgd.ts";
