/**
 * Data sets: IDX image files, CIFAR's binary archives, folders of PNG images, CSV and TSV tables, labelled texts, graphs, the sets known by name with their checksums, the folder they are kept in,
 * and the splitting, choosing and ordering of rows for training.
 *
 * @module
 */

export type { Dataset, StoredDataset, StoredRows, TableColumns } from "./dataset.ts";
export {
  DataFormatError,
  type DataLocation,
  DatasetFetchError,
  DatasetNotFoundError,
  type FailedOrigin,
} from "./errors.ts";
export { type IdxImagesOptions, loadIdxImages } from "./idx_images.ts";
export type { Delimiter } from "./records.ts";
export type { TableLayoutOptions } from "./table_layout.ts";
export { loadTable, type TableOptions } from "./table.ts";
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
export { parseTable, parseTexts } from "./on_demand.ts";
export { fetchDataset, type FetchedFile, type FetchOptions, type FetchProgress, type FetchResult } from "./fetch.ts";
export { openDataset, type OpenOptions } from "./open.ts";
export {
  type EdgeList,
  type EdgeNote,
  type EdgeOptions,
  formatEdges,
  type Graph,
  loadEdges,
  makeGraph,
  parseEdges,
} from "./graph.ts";
export { loadNodes, type NodeData, type NodeOptions, type NodeSplit } from "./nodes.ts";
export { parseSparse, type SparseOptions, type SparseRows } from "./sparse.ts";
export type { ImageSize } from "./png_folder.ts";
export type { TextEncoding } from "./decode_text.ts";
export type { StoredTextDataset, StoredTexts, TextDataset } from "./text_dataset.ts";
export type { TextRecordOptions } from "./text_records.ts";
export { loadTexts, type ParseTextOptions, type TextOptions } from "./text.ts";
export {
  type AnyDataset,
  bucketedOrder,
  type BucketedOrderOptions,
  chooseLabelled,
  type DatasetSplit,
  epochOrder,
  type EpochOrderOptions,
  type FewLabelsOptions,
  selectRows,
  splitDataset,
  type SplitOptions,
  splitRows,
} from "./split.ts";
export { cropText, type CropTextOptions, distortText, type DistortTextOptions } from "./distort_text.ts";
export {
  checkDistortions,
  type Distortions,
  type DistortionStrength,
  distortionStrengths,
  type EdgeRule,
  edgeRules,
} from "./distortions.ts";
export { type Augmentation, type AugmentedRows, prepareAugmentation } from "./augment.ts";
export { isStored, samplesOf, spreadRows, takeRows, takeTexts, textBlocks } from "./take_rows.ts";
