/**
 * The nodes of a graph as they lie in files: features of each node, labels of some of them, and which are there to train on, to choose by and to report on.
 *
 * @module
 */

import type { Dataset } from "./dataset.ts";
import { isMarked } from "./decode_text.ts";
import { DataFormatError, DatasetNotFoundError } from "./errors.ts";
import { fieldDelimiter, type Graph, isComment, parseEdges } from "./graph.ts";
import { isAbsence } from "./known_file.ts";
import { orderLabels } from "./labels.ts";
import { parseDecimal, RecordReader } from "./records.ts";
import { parseSparse } from "./sparse.ts";
import { loadTable } from "./table.ts";
import type { TableLayoutOptions } from "./table_layout.ts";

/** Nodes by what they are there for; they have no node in common, and a node may be in none. */
export interface NodeSplit {
  /** Nodes whose labels are learnt. */
  train: Uint32Array;
  /** Nodes on whose labels everything is chosen. */
  validation: Uint32Array;
  /** Nodes whose labels are looked at once, to report. */
  test: Uint32Array;
}

/** The nodes of a graph, and the graph. */
export interface NodeData {
  /** A row for each node; the label of one without is 0. */
  data: Dataset;
  /** The nodes whose labels are known, in ascending order. */
  labelled: Uint32Array;
  /** The edges between them. */
  graph: Graph;
  /** The split that the files name; undefined when they name none. */
  split: NodeSplit | undefined;
  /** Rows of the features' file, counted from 1, in which no feature is named: nodes that only their neighbours tell about. */
  empty: readonly number[];
}

/** Settings of {@linkcode loadNodes}. */
export interface NodeOptions extends Omit<TableLayoutOptions, "file"> {
  /** The edge list; found in the folder when left out. */
  edges?: string;
  /** Lines of a node and its label; found in the folder when left out, and not needed for a table, or for rows that begin with their label. */
  labels?: string;
  /** A Planetoid split; the folder's when left out. */
  split?: string;
}

/** Names in a folder that each kind of file is looked for under. */
const patterns = {
  features: /^(?:features|nodes|.*\.features)\.(?:svm|svmlight|libsvm|txt)$|\.(?:svm|svmlight|libsvm)$/i,
  edges: /^(?:edges|edgelist|graph)\.(?:tsv|csv|txt|edges)$|\.edges$/i,
  labels: /^labels\.(?:tsv|csv|txt)$/i,
  split: /split.*\.json$/i,
};

/** What `loadNodes` of on_demand.ts runs. */
export async function loadNodes(path: string, options: NodeOptions = {}): Promise<NodeData> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    throw new DatasetNotFoundError(path, "is no file or folder of nodes");
  }
  const files = info.isDirectory ? await findFiles(path) : { features: path };
  const edges = options.edges ?? files.edges;
  if (files.features === undefined || edges === undefined) {
    const missing = edges === undefined ? "an edge list such as edges.tsv" : "features such as features.svm";
    throw new DatasetNotFoundError(path, `has not all of a graph: ${missing} was wanted beside it`);
  }
  const labels = options.labels ?? files.labels, split = options.split ?? files.split;
  const { data, labelled, empty } = await loadFeatures(files.features, { ...options, name: path, labels });
  return {
    data,
    labelled,
    empty,
    graph: parseEdges(await Deno.readFile(edges), { file: edges, nodes: data.count }),
    split: split === undefined
      ? undefined
      : parseNodeSplit(await Deno.readTextFile(split), { file: split, nodes: data.count }),
  };
}

async function findFiles(folder: string): Promise<Partial<Record<keyof typeof patterns, string>>> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  const found = Object.entries(patterns).map(([kind, pattern]) => [kind, names.filter((name) => pattern.test(name))]);
  for (const [kind, [first, second]] of found) {
    if (second === undefined) continue;
    throw new DatasetNotFoundError(
      folder,
      `has two files of ${kind}: ${first} and ${second}; name the one that counts`,
    );
  }
  return Object.fromEntries(found.filter(([, [name]]) => name).map(([kind, [name]]) => [kind, `${folder}/${name}`]));
}

async function loadFeatures(
  file: string,
  options: NodeOptions & { name: string },
): Promise<Pick<NodeData, "data" | "labelled" | "empty">> {
  if (/\.(?:csv|tsv)$/i.test(file)) {
    if (options.labels !== undefined) {
      throw new DataFormatError("is a table, which has a column of labels, and a file of labels was given", { file });
    }
    const data = await loadTable(file, options);
    return { data, labelled: Uint32Array.from({ length: data.count }, (_, node) => node), empty: [] };
  }
  const { labels: ownLabels, empty, ...rows } = parseSparse(await Deno.readFile(file), { file });
  const labels = options.labels === undefined
    ? ownLabels
    : parseNodeLabels(await Deno.readFile(options.labels), { file: options.labels, nodes: rows.count });
  if (labels === undefined) {
    throw new DataFormatError("has no labels, and no file of labels was found or given", { file });
  }
  const labelled = Uint32Array.from(Array.from(labels.keys()).filter((node) => labels[node] !== undefined));
  const { labelNames, positions } = orderLabels(Array.from(labelled, (node) => labels[node] as string));
  const numbers = new Uint16Array(rows.count);
  labelled.forEach((node, i) => numbers[node] = positions[i]);
  const columns = Array.from({ length: rows.featureLength }, (_, column) => `${column}`);
  return {
    data: { name: options.name, input: { kind: "table", columns }, ...rows, labels: numbers, labelNames },
    labelled,
    empty,
  };
}

/** Settings of {@linkcode parseNodeLabels} and {@linkcode parseNodeSplit}. */
export interface NodeFileOptions {
  /** Path or name of the file, for errors. */
  file: string;
  /** Number of nodes, called 0, 1 and so on. */
  nodes: number;
}

/** Reads lines of a node and its label; the label of a node that is in no line, or whose label is empty, is undefined. */
export function parseNodeLabels(bytes: Uint8Array, { file, nodes }: NodeFileOptions): (string | undefined)[] {
  const text = bytes.subarray(isMarked(bytes) ? 3 : 0);
  const labels = new Array<string | undefined>(nodes).fill(undefined);
  const reader = new RecordReader(text, { file, delimiter: fieldDelimiter(text) });
  const refuse = (problem: string): DataFormatError => new DataFormatError(problem, { file, row: reader.row });
  for (let isFirst = true; reader.next(); isFirst = false) {
    if (isComment(text, reader)) continue;
    if (reader.cells !== 2) throw refuse(`has ${reader.cells} cells, wanted a node and its label`);
    const node = parseDecimal(text, reader.starts[0], reader.ends[0]);
    if (isFirst && Number.isNaN(node)) continue;
    if (!Number.isInteger(node) || node < 0 || node >= nodes) {
      throw refuse(`no row of features stands for the node ${JSON.stringify(reader.text(0))}, wanted 0...${nodes - 1}`);
    }
    if (labels[node] !== undefined) throw refuse(`labels the node ${node} again, wanted once`);
    labels[node] = reader.text(1) || undefined;
  }
  return labels;
}

/** Names of the three parts in a split's file. */
const partNames = {
  train: ["train"],
  validation: ["validation", "val", "valid", "dev"],
  test: ["test"],
} as const;

/** Reads a Planetoid split as JSON: an object with the nodes of `train`, `val` (or `validation`) and `test`; other keys are not looked at. */
export function parseNodeSplit(text: string, { file, nodes }: NodeFileOptions): NodeSplit {
  let content: Record<string, unknown>;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new DataFormatError(`is no JSON: ${(cause as Error).message}`, { file, cause });
  }
  const owner = new Map<number, string>();
  const read = (part: keyof typeof partNames): Uint32Array => {
    const name = partNames[part].find((name) => Array.isArray(content?.[name]));
    if (name === undefined) {
      if (part === "train") throw new DataFormatError(`has no list "train" of nodes`, { file });
      return new Uint32Array(0);
    }
    return Uint32Array.from(content[name] as unknown[], (node, i) => {
      if (typeof node !== "number" || !Number.isInteger(node) || node < 0 || node >= nodes) {
        const found = JSON.stringify(node);
        throw new DataFormatError(`"${name}" holds ${found} in place ${i}, wanted a node of 0...${nodes - 1}`, {
          file,
        });
      }
      const other = owner.get(node);
      if (other !== undefined) throw new DataFormatError(`has node ${node} in "${other}" and in "${name}"`, { file });
      owner.set(node, name);
      return node;
    });
  };
  return { train: read("train"), validation: read("validation"), test: read("test") };
}
