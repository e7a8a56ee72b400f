/**
 * Joint training: trainer networks, projection networks, the objective that ties them, and the fitting loop (Ravi 2017, arXiv 1708.00630).
 *
 * @module
 */
export { type CnnOptions, cnnTrainer } from "./cnn_trainer.ts";
export { createTrainer, type TrainerOptions } from "./create_trainer.ts";
export { describeInput, quantizeRows } from "./describe_input.ts";
export { encodeCounts, encodeRows, prepareRowProjector, type RowProjector } from "./encode_rows.ts";
export { type EmbeddingBagOptions, embeddingBagTrainer } from "./embedding_bag_trainer.ts";
export { TrainingError } from "./errors.ts";
export { type FeatureRows, standardize, tokenRows } from "./features.ts";
export {
  fit,
  type FitData,
  type FitNetwork,
  type FitOptions,
  type FitOutcome,
  type FitProgress,
  type FitResult,
  measureTrainer,
} from "./fit.ts";
export { type HeadKind, headKinds, maxTableBits } from "./head_kind.ts";
export { type ClassReport, evaluate, type Evaluation } from "./metrics.ts";
export { lstmTrainer, type LstmTrainerOptions, tokenLstmTrainer } from "./lstm_trainer.ts";
export { type MlpOptions, mlpTrainer } from "./mlp_trainer.ts";
export {
  distillation,
  type DistillationOptions,
  type Lambda,
  paperLambda,
  type ProjectionLambda,
  projectionObjective,
} from "./objective.ts";
export { type ByteRows, defaultThresholds, ProjectionNetwork } from "./projection_network.ts";
export type { ConvOptions, ProjectionInput, ProjectionOptions, SelectionOptions } from "./projection_options.ts";
export {
  train,
  type TrainedParameter,
  type TrainedProjection,
  type TrainedTrainer,
  type TrainOptions,
  type TrainResult,
} from "./train.ts";
export { type TextTrainerOptions, textTrainers } from "./text_trainer.ts";
export {
  defaultNormalization,
  defaultTextFeatures,
  parseTextFeatures,
  type TextFeatureOptions,
  TextNetwork,
  type TextProjectionOptions,
} from "./text_network.ts";
export { type TrainTextOptions, trainTexts } from "./train_texts.ts";
export { type LabelledRows } from "./select/candidate_pool.ts";
export { selectCandidates, type SelectOptions, type SelectProgress } from "./select/select.ts";
