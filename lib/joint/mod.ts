/**
 * Joint training: trainer networks, projection networks, the objective that ties them, and the fitting loop (Ravi 2017, arXiv 1708.00630).
 *
 * @module
 */
export type { Recipe } from "./budget/recipes.ts";
export {
  type BudgetOptions,
  type BudgetPoint,
  type BudgetProgress,
  type BudgetResult,
  type BudgetStage,
  trainWithinBudget,
} from "./budget/train_within_budget.ts";
export { type Checkpoint, type CheckpointNetwork, readCheckpoint } from "./checkpoint/read_checkpoint.ts";
export type { CheckpointEvent, CheckpointOptions } from "./checkpoint/run_checkpoints.ts";
export { canonicalValue, type DataFacts, dataFacts, firstDifference, sha256 } from "./checkpoint/run_identity.ts";
export type { TrainerOptions, TrainerShape } from "./create_trainer.ts";
export { describeInput, quantizeRows } from "./describe_input.ts";
export type { RowEncoder } from "./encode_rows.ts";
export { CheckpointError, type CheckpointProblem, NonFiniteError, TrainingError } from "./errors.ts";
export {
  type FeatureRows,
  measureStandardization,
  type Standardization,
  standardize,
  standardizeBy,
  tokenRows,
} from "./features.ts";
export type { RecurrentTrainer } from "./lstm_trainer.ts";
export type { SavedTrainer, Teacher, TrainerDescription } from "./saved_trainer.ts";
export { BoundedRegion } from "./bounded_region.ts";
export { createTrainer, restoreTrainer } from "./on_demand.ts";
export { buildGraph, type BuildGraphOptions, type BuiltGraph } from "./graph/build_graph.ts";
export type { EdgeKindWeights, GraphTermOptions } from "./graph/companions.ts";
export type { GraphDistance } from "./graph/edge_distance.ts";
export type { AverageOptions, PropagationOptions } from "./graph/propagate.ts";
export { trainNodes, type TrainNodesOptions } from "./graph/train_nodes.ts";
export type { UnlabelledOptions } from "./graph/unlabelled.ts";
export {
  type Companions,
  fit,
  type FitData,
  type FitNetwork,
  type FitOptions,
  type FitOutcome,
  type FitProgress,
  type FitResult,
} from "./fit.ts";
export { type HeadKind, headKinds, maxTableBits, type TrunkPrecision, trunkPrecisions } from "./head_kind.ts";
export { type ClassReport, evaluate, type Evaluation } from "./metrics.ts";
export { type MlpOptions, mlpTrainer } from "./mlp_trainer.ts";
export {
  distillation,
  type DistillationOptions,
  type Lambda,
  paperLambda,
  type ProjectionLambda,
  projectionObjective,
} from "./objective.ts";
export { ProjectionLayer, type ProjectionLayerOptions } from "./projection_layer.ts";
export { type ByteRows, type ByteSource, type ProjectionCode, ProjectionNetwork } from "./projection_network.ts";
export type { TrunkOptions } from "./trunk_network.ts";
export {
  type ConvOptions,
  describeProjection,
  type ProjectionInput,
  type ProjectionOptions,
  projectionSpec,
  type QuantileRange,
  type SelectionOptions,
} from "./projection_options.ts";
export { parseTextFeatures } from "./parse_text_features.ts";
export {
  defaultNormalization,
  defaultTextFeatures,
  type TextFeatureOptions,
  type TextProjectionOptions,
  type TextTrainerOptions,
  textTrainers,
} from "./text_options.ts";
export { type TrainTextOptions, trainTexts } from "./train_texts.ts";
export {
  train,
  type TrainedParameter,
  type TrainedProjection,
  type TrainedTrainer,
  type TrainerReads,
  type TrainOptions,
  type TrainResult,
} from "./train.ts";
export type { LabelledRows } from "./select/row_candidates.ts";
export { selectCandidates, type SelectionWay, type SelectOptions, type SelectProgress } from "./select/select.ts";
