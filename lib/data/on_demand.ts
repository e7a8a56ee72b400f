/**
 * The entrances to data. What finds, fetches, verifies, unpacks, parses and distorts them is loaded when one of these is first called, in
 * the way that joint/on_demand.ts tells.
 */

import type { ImageShape } from "../projection/mod.ts";
import type { Augmentation } from "./augment.ts";
import type { Dataset, StoredDataset } from "./dataset.ts";
import type { Distortions } from "./distortions.ts";
import type { FetchOptions, FetchResult } from "./fetch.ts";
import type { EdgeList, EdgeOptions, Graph } from "./graph.ts";
import type { IdxImagesOptions } from "./idx_images.ts";
import type { NodeData, NodeOptions } from "./nodes.ts";
import type { OpenOptions } from "./open.ts";
import type { KnownDataset } from "./registry.ts";
import type { SparseOptions, SparseRows } from "./sparse.ts";
import type { TableOptions } from "./table.ts";
import type { StoredTextDataset, TextDataset } from "./text_dataset.ts";
import type { ParseTextOptions, TextOptions } from "./text.ts";

/**
 * Opens a data set.
 *
 * - A known name (`mnist`, `fashion-mnist`): taken from `<data folder>/<name>/` or from the data folder itself, fetched when
 *   it is in neither; always verified.
 * - A folder with IDX files under MNIST's names, compressed or not.
 * - The official binary archive of CIFAR-10 or CIFAR-100 (`.tar.gz`), the folder of its files, or one of them (`.bin`).
 * - A folder of PNG images, one folder a class, beside each other or in folders `train` and `test`.
 * - Any other file: a CSV or TSV table.
 *
 * A known name goes before a path of the same name (`./mnist` is the path). Damaged data are a DataFormatError; what is
 * neither a name nor a path is a {@link DatasetNotFoundError}.
 */
export async function openDataset(source: string, options: OpenOptions & { loadLimit?: undefined }): Promise<Dataset>;
/** The same with `loadLimit`: what is larger stays in its files. */
export async function openDataset(source: string, options: OpenOptions): Promise<Dataset | StoredDataset>;
export async function openDataset(source: string, options: OpenOptions): Promise<Dataset | StoredDataset> {
  const open: typeof import("./open.ts") = await import("./open.ts" as string);
  return await open.openDataset(source, options);
}

/** The data sets that are known by name. */
export async function knownDatasets(): Promise<readonly KnownDataset[]> {
  const registry: typeof import("./registry.ts") = await import("./registry.ts" as string);
  return registry.KNOWN_DATASETS;
}

/**
 * Fetches a known data set into `<data folder>/<name>/` and verifies every file. An unknown name is a
 * {@link DatasetNotFoundError}; a file that no origin delivers is a {@link DatasetFetchError} with each origin's reason.
 */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<FetchResult> {
  const fetching: typeof import("./fetch.ts") = await import("./fetch.ts" as string);
  return await fetching.fetchDataset(name, options);
}

/**
 * Loads images and their labels from two IDX files, plain or gzip. Images have shape count x height x width or
 * count x height x width x channels. A damaged file, or counts that disagree, are a {@link DataFormatError}.
 */
export async function loadIdxImages(
  imagesPath: string,
  labelsPath: string,
  options: IdxImagesOptions = {},
): Promise<Dataset> {
  const images: typeof import("./idx_images.ts") = await import("./idx_images.ts" as string);
  return await images.loadIdxImages(imagesPath, labelsPath, options);
}

/**
 * Reads a table (UTF-8, with or without byte order mark). Ragged records, empty or non-numeric cells, an empty table: each
 * is a {@link DataFormatError} naming file and row. Class numbers follow the labels' numeric order when all are integers,
 * else their order by code point.
 *
 * ```ts
 * import { parseTable } from "@neuralbits/projectionnet";
 *
 * const text = "length,width,class\n5.1,3.5,setosa\n7.0,3.2,versicolor\n";
 * const flowers = await parseTable(new TextEncoder().encode(text), { file: "flowers.csv" });
 * console.log(flowers.count, flowers.labelNames); // 2 [ "setosa", "versicolor" ]
 * ```
 */
export async function parseTable(bytes: Uint8Array, options: TableOptions): Promise<Dataset> {
  const table: typeof import("./table.ts") = await import("./table.ts" as string);
  return table.parseTable(bytes, options);
}

/** Reads a table from a file; see {@link parseTable}. */
export async function loadTable(path: string, options: Omit<TableOptions, "file"> = {}): Promise<Dataset> {
  const table: typeof import("./table.ts") = await import("./table.ts" as string);
  return await table.loadTable(path, options);
}

/**
 * Reads labelled texts from the bytes of a file: JSON lines (the first character is a brace, or the name ends in `.jsonl` or `.ndjson`), TREC's question
 * files (ISO-8859-1 when they are no UTF-8, as the official ones), else a table.
 *
 * ```ts
 * import { parseTexts } from "@neuralbits/projectionnet";
 *
 * const lines = '{"text":"wake me at six","label":"alarm"}\n{"text":"play some jazz","label":"music"}\n';
 * const { texts, labelNames } = await parseTexts(new TextEncoder().encode(lines), { file: "intents.jsonl" });
 * console.log(texts.length, labelNames); // 2 [ "alarm", "music" ]
 * ```
 *
 * @throws {DataFormatError} naming file and row
 */
export async function parseTexts(bytes: Uint8Array, options: ParseTextOptions): Promise<TextDataset> {
  const text: typeof import("./text.ts") = await import("./text.ts" as string);
  return text.parseTexts(bytes, options);
}

/**
 * Reads labelled texts from a file ({@linkcode parseTexts}) or a folder. In a folder, `NAME.txt` holds a text of the class NAME on each line, and every file
 * of a folder `NAME/` is one text of that class.
 */
export async function loadTexts(path: string, options?: TextOptions & { loadLimit?: undefined }): Promise<TextDataset>;
/** The same with `loadLimit`: what is larger stays in its file. */
export async function loadTexts(path: string, options: TextOptions): Promise<TextDataset | StoredTextDataset>;
export async function loadTexts(path: string, options: TextOptions = {}): Promise<TextDataset | StoredTextDataset> {
  const texts: typeof import("./text.ts") = await import("./text.ts" as string);
  return await texts.loadTexts(path, options);
}

/**
 * Prepares random distortions of images of one size. The result is a function of seed, epoch and number of the row alone; it allocates nothing. Throws a
 * RangeError for a size or a strength out of range.
 *
 * @example
 * ```ts
 * import { prepareAugmentation } from "@neuralbits/projectionnet";
 *
 * const augment = await prepareAugmentation({ width: 28, height: 28, channels: 1 }, { shift: 2, rotate: 10, elastic: 1, seed: 1 });
 * const images = new Uint8Array(100 * 784), batch = new Uint8Array(3 * 784);
 * augment(images, batch, { rows: [5, 17, 3], epoch: 0 });
 * ```
 */
export async function prepareAugmentation(
  image: ImageShape,
  distortions: Distortions & { readonly seed: number },
): Promise<Augmentation> {
  const augmentation: typeof import("./augment.ts") = await import("./augment.ts" as string);
  return augmentation.prepareAugmentation(image, distortions);
}

/** Builds a graph from edges in arrays, by the rules of {@link parseEdges}; what it refuses is a `RangeError`. */
export async function makeGraph(edges: EdgeList): Promise<Graph> {
  const graph: typeof import("./graph.ts") = await import("./graph.ts" as string);
  return graph.makeGraph(edges);
}

/**
 * Reads an edge list: two nodes a line, and the weight of their edge or none, between tabs, commas, semicolons or spaces; comments begin with `#` or `%`. Edges have no direction. Self-loops and edges of weight 0 are left out, and an edge that is listed again counts once, with the larger weight: the
 * graph's `notes` tell of these. An unknown node, a weight that is negative or no number, and another form, are a {@link DataFormatError} naming file and row.
 *
 * ```ts
 * import { parseEdges } from "@neuralbits/projectionnet";
 *
 * const { edges, notes } = await parseEdges(new TextEncoder().encode("0 1\n2 2\n"), { file: "edges.txt", nodes: 3 });
 * console.log(edges, notes); // 1 [ { kind: "self-loop", count: 1, row: 2 } ]
 * ```
 */
export async function parseEdges(bytes: Uint8Array, options: EdgeOptions): Promise<Graph> {
  const graph: typeof import("./graph.ts") = await import("./graph.ts" as string);
  return graph.parseEdges(bytes, options);
}

/** Reads an edge list from a file; see {@link parseEdges}. */
export async function loadEdges(path: string, options: Omit<EdgeOptions, "file">): Promise<Graph> {
  const graph: typeof import("./graph.ts") = await import("./graph.ts" as string);
  return await graph.loadEdges(path, options);
}

/** The graph as an edge list: a line for each edge, its two nodes and its weight between tabs, in ascending order. */
export async function formatEdges(graph: Graph): Promise<Uint8Array> {
  const graphs: typeof import("./graph.ts") = await import("./graph.ts" as string);
  return graphs.formatEdges(graph);
}

/**
 * Reads rows that are mostly zero: SVMlight's form (`LABEL INDEX:VALUE ...`), with or without labels, or only the indices of features that are 1. Feature i
 * stands in column i; without labels an empty line is a row without features. Another form is a {@link DataFormatError} naming file and row.
 */
export async function parseSparse(bytes: Uint8Array, options: SparseOptions): Promise<SparseRows> {
  const sparse: typeof import("./sparse.ts") = await import("./sparse.ts" as string);
  return sparse.parseSparse(bytes, options);
}

/**
 * Loads the nodes of a graph, called by their row in the features from 0: a folder with features (`features.svm`), edges (`edges.tsv`), labels (`labels.tsv`) and
 * a Planetoid split (`*split*.json`), or a file of features, sparse or a table, with `edges` named. Damage is a {@link DataFormatError} naming file and row.
 */
export async function loadNodes(path: string, options: NodeOptions = {}): Promise<NodeData> {
  const nodes: typeof import("./nodes.ts") = await import("./nodes.ts" as string);
  return await nodes.loadNodes(path, options);
}
