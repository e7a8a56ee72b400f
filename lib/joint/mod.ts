/**
 * Joint training: trainer networks, projection networks, the objective that ties them, and the fitting loop (Ravi 2017, arXiv 1708.00630).
 *
 * @module
 */
export { describeProjection, type Recipe, startingRecipes } from "./budget/recipes.ts";
export {
  type BudgetOptions,
  type BudgetPoint,
  type BudgetProgress,
  type BudgetResult,
  type BudgetStage,
  trainWithinBudget,
} from "./budget/train_within_budget.ts";
export { describeInput, quantizeRows } from "./describe_input.ts";
export { encodeCounts, encodeRows, prepareRowProjector, type RowEncoder, type RowProjector } from "./encode_rows.ts";
export { TrainingError } from "./errors.ts";
export { type FeatureRows, standardize } from "./features.ts";
export {
  fit,
  type FitData,
  type FitNetwork,
  type FitOptions,
  type FitOutcome,
  type FitProgress,
  type FitResult,
  measureTrainer,
  type TrainingData,
} from "./fit.ts";
export { type HeadKind, headKinds, maxTableBits } from "./head_kind.ts";
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
export { type ByteRows, defaultThresholds, ProjectionNetwork } from "./projection_network.ts";
export type {
  ConvOptions,
  ProjectionInput,
  ProjectionOptions,
  QuantileRange,
  SelectionOptions,
} from "./projection_options.ts";
export {
  train,
  type TrainedParameter,
  type TrainedProjection,
  type TrainedTrainer,
  type TrainOptions,
  type TrainResult,
} from "./train.ts";
export { type LabelledRows } from "./select/candidate_pool.ts";
export { selectCandidates, type SelectOptions, type SelectProgress } from "./select/select.ts";
