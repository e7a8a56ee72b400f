/**
 * Data sets: IDX image files, CIFAR's binary archives, CSV and TSV tables, labelled texts, the sets known by name with their checksums, the folder they are kept in,
 * and the splitting, choosing and ordering of rows for training.
 *
 * @module
 */

export type { Dataset, TableColumns } from "./dataset.ts";
export {
  DataFormatError,
  type DataLocation,
  DatasetFetchError,
  DatasetNotFoundError,
  type FailedOrigin,
} from "./errors.ts";
export type { IdxImagesOptions } from "./idx_images.ts";
export type { Delimiter } from "./records.ts";
export type { TableLayoutOptions } from "./table_layout.ts";
export type { TableOptions } from "./table.ts";
export {
  type DataOrigin,
  findKnownDataset,
  type Fingerprint,
  KNOWN_DATASETS,
  type KnownDataset,
  type KnownFile,
  type KnownSplit,
} from "./registry.ts";
export { type Platform, resolveDataDir, writeFileWhole } from "./cache.ts";
export {
  fetchDataset,
  formatEdges,
  loadEdges,
  loadIdxImages,
  loadNodes,
  loadTable,
  loadTexts,
  makeGraph,
  openDataset,
  parseEdges,
  parseSparse,
  parseTable,
  parseTexts,
} from "./on_demand.ts";
export type { EdgeList, EdgeNote, EdgeOptions, Graph } from "./graph.ts";
export type { NodeData, NodeOptions, NodeSplit } from "./nodes.ts";
export type { SparseOptions, SparseRows } from "./sparse.ts";
export type { FetchedFile, FetchOptions, FetchProgress, FetchResult } from "./fetch.ts";
export type { OpenOptions } from "./open.ts";
export type { TextEncoding } from "./decode_text.ts";
export type { TextDataset } from "./text_dataset.ts";
export type { TextRecordOptions } from "./text_records.ts";
export type { ParseTextOptions, TextOptions } from "./text.ts";
export {
  chooseLabelled,
  type DatasetSplit,
  type FewLabelsOptions,
  selectRows,
  splitDataset,
  type SplitOptions,
  splitRows,
} from "./split.ts";
export { bucketedOrder, type BucketedOrderOptions, epochOrder, type EpochOrderOptions } from "./shuffle.ts";
export { distortText, type DistortTextOptions } from "./distort_text.ts";
export {
  checkDistortions,
  type Distortions,
  type DistortionStrength,
  distortionStrengths,
  type EdgeRule,
  edgeRules,
} from "./distortions.ts";
export { type Augmentation, type AugmentedRows, prepareAugmentation } from "./augment.ts";
