/**
 * Graphs between the rows of a data set: undirected, weighted, in memory that grows with the edges only (compressed sparse rows).
 *
 * What an edge list may hold, and what becomes of it:
 *
 * | found                                     | rule                                                  |
 * |-------------------------------------------|-------------------------------------------------------|
 * | a node that no row of features stands for | refused                                               |
 * | a weight that is negative or no number    | refused                                               |
 * | an edge from a node to itself             | left out and noted: a node is no neighbour of its own |
 * | an edge of weight 0                       | left out and noted                                    |
 * | the same two nodes again, in either order | one edge with the larger weight, noted                |
 *
 * @module
 */

import { isMarked } from "./decode_text.ts";
import { DataFormatError } from "./errors.ts";
import { countLines, type FieldDelimiter, parseDecimal, RecordReader } from "./records.ts";

/** Edges of a list that were left out or merged. */
export interface EdgeNote {
  /** What they were. */
  readonly kind: "self-loop" | "zero weight" | "duplicate";
  /** How many there are. */
  readonly count: number;
  /** Row of the first one: of the file counted from 1, of arrays from 0. */
  readonly row: number;
}

/** An undirected graph. The neighbours of node u are `neighbours[offsets[u]]` to before `neighbours[offsets[u + 1]]`, in ascending order. */
export interface Graph {
  /** Number of nodes. */
  readonly nodes: number;
  /** Number of edges, each counted once. */
  readonly edges: number;
  /** [nodes + 1], from 0 to twice the number of edges. */
  readonly offsets: Uint32Array;
  /** The other end of each edge, seen from both ends. */
  readonly neighbours: Uint32Array;
  /** The weight of each edge, greater than 0, seen from both ends. */
  readonly weights: Float32Array;
  /** What the list held beside edges. */
  readonly notes: readonly EdgeNote[];
}

/** Edges as arrays. */
export interface EdgeList {
  /** Number of nodes. */
  readonly nodes: number;
  /** One end of each edge. */
  readonly from: ArrayLike<number>;
  /** The other end. */
  readonly to: ArrayLike<number>;
  /** The weights, 1 for all when left out. */
  readonly weights?: ArrayLike<number>;
  /** Row of each edge, for notes; its place when left out. */
  readonly rows?: ArrayLike<number>;
}

/** Most ends of edges that a graph can hold: positions are unsigned 32-bit integers. */
const maxEnds = 2 ** 32 - 1;

/** Builds a graph. Throws `RangeError` for an end that is no node and for a weight that is no number of at least 0. */
export function makeGraph({ nodes, from, to, weights, rows }: EdgeList): Graph {
  const notes = new Map<EdgeNote["kind"], { count: number; row: number }>();
  const note = (kind: EdgeNote["kind"], edge: number): void => {
    const row = rows?.[edge] ?? edge, before = notes.get(kind);
    notes.set(kind, { count: (before?.count ?? 0) + 1, row: Math.min(before?.row ?? row, row) });
  };
  const weightOf = (edge: number): number => weights === undefined ? 1 : Math.fround(weights[edge]);
  const { offsets, edges } = sortEnds({ nodes, from, to }, (edge) => {
    for (const end of [from[edge], to[edge]]) {
      if (!Number.isInteger(end) || end < 0 || end >= nodes) {
        throw new RangeError(`edge ${edge} has an end ${end}, wanted a node of 0...${nodes - 1}`);
      }
    }
    const weight = weightOf(edge);
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`edge ${edge} has the weight ${weight}, wanted a number of at least 0`);
    }
    if (from[edge] === to[edge]) note("self-loop", edge);
    else if (weight === 0) note("zero weight", edge);
    return from[edge] !== to[edge] && weight > 0;
  });
  const neighbours = new Uint32Array(edges.length), kept = new Float32Array(edges.length);
  let end = 0;
  for (let node = 0, at = 0; node < nodes; node++) {
    const start = end;
    for (; at < offsets[node + 1]; at++) {
      const edge = edges[at], other = from[edge] === node ? to[edge] : from[edge], weight = weightOf(edge);
      if (end > start && neighbours[end - 1] === other) {
        kept[end - 1] = Math.max(kept[end - 1], weight);
        if (node < other) note("duplicate", edge);
      } else {
        neighbours[end] = other;
        kept[end++] = weight;
      }
    }
    offsets[node] = start;
  }
  offsets[nodes] = end;
  return {
    nodes,
    edges: end / 2,
    offsets,
    neighbours: neighbours.slice(0, end),
    weights: kept.slice(0, end),
    notes: Array.from(notes, ([kind, { count, row }]) => ({ kind, count, row })),
  };
}

/**
 * The numbers of the edges that count, seen from both ends: those of node u from `offsets[u]` on, ordered by their other end and then as they are listed. Two
 * counting sorts, so that the time grows with the edges only.
 */
function sortEnds(
  { nodes, from, to }: EdgeList,
  counts: (edge: number) => boolean,
): { offsets: Uint32Array; edges: Uint32Array } {
  const offsets = new Uint32Array(nodes + 1);
  const listed = new Uint32Array(from.length);
  let length = 0;
  for (let edge = 0; edge < from.length; edge++) {
    if (!counts(edge)) continue;
    listed[length++] = edge;
    offsets[from[edge] + 1]++;
    offsets[to[edge] + 1]++;
  }
  if (2 * length > maxEnds) throw new RangeError(`the graph has ${length} edges, wanted at most ${maxEnds >> 1}`);
  for (let node = 0; node < nodes; node++) offsets[node + 1] += offsets[node];
  // First by the far end: which of the two it is, is told by the lowest bit.
  const far = new Float64Array(2 * length), next = offsets.slice(0, nodes);
  for (let i = 0; i < length; i++) {
    const edge = listed[i];
    far[next[to[edge]]++] = 2 * edge;
    far[next[from[edge]]++] = 2 * edge + 1;
  }
  next.set(offsets.subarray(0, nodes));
  const edges = new Uint32Array(2 * length);
  for (let i = 0; i < far.length; i++) {
    const edge = Math.floor(far[i] / 2);
    edges[next[far[i] % 2 === 0 ? from[edge] : to[edge]]++] = edge;
  }
  return { offsets, edges };
}

/** Settings of {@linkcode parseEdges}. */
export interface EdgeOptions {
  /** Path or name of the file, for errors. */
  file: string;
  /** Number of nodes, which are then called 0, 1 and so on; or the name of each. */
  nodes: number | readonly string[];
}

/** What `parseEdges` of on_demand.ts runs. */
export function parseEdges(marked: Uint8Array, { file, nodes }: EdgeOptions): Graph {
  const bytes = marked.subarray(isMarked(marked) ? 3 : 0);
  const capacity = countLines(bytes);
  const from = new Uint32Array(capacity), to = new Uint32Array(capacity), weights = new Float32Array(capacity);
  const rows = new Uint32Array(capacity);
  const nodeOf = prepareNodes(nodes);
  let count = 0, isFirst = true;
  const reader = new RecordReader(bytes, { file, delimiter: fieldDelimiter(bytes) });
  const refuse = (problem: string): DataFormatError => new DataFormatError(problem, { file, row: reader.row });
  while (reader.next()) {
    if (isComment(bytes, reader)) continue;
    if (reader.cells !== 2 && reader.cells !== 3) {
      throw refuse(`an edge has ${reader.cells} cells, wanted two nodes, and a weight or none`);
    }
    const ends = [nodeOf(bytes, reader, 0), nodeOf(bytes, reader, 1)];
    const weight = reader.cells === 2 ? 1 : parseDecimal(bytes, reader.starts[2], reader.ends[2]);
    // The first line may name the columns.
    const isHeader = isFirst && (ends[0] === undefined && ends[1] === undefined) &&
      (reader.cells === 2 ? !startsWithDigit(bytes, reader) : Number.isNaN(weight));
    isFirst = false;
    if (isHeader) continue;
    ends.forEach((end, cell) => {
      if (end === undefined) {
        const wanted = typeof nodes === "number" ? `a row of features, 0...${nodes - 1}` : "the name of a row";
        throw refuse(`no row of features stands for the node ${JSON.stringify(reader.text(cell))}, wanted ${wanted}`);
      }
    });
    if (!(weight >= 0 && Math.fround(weight) < Infinity)) {
      throw refuse(`the weight is ${JSON.stringify(reader.text(2))}, wanted a number of at least 0`);
    }
    [from[count], to[count]] = ends as [number, number];
    weights[count] = weight;
    rows[count++] = reader.row;
  }
  const used = <T extends { subarray(start: number, end: number): T }>(array: T): T => array.subarray(0, count);
  return makeGraph({
    nodes: typeof nodes === "number" ? nodes : nodes.length,
    from: used(from),
    to: used(to),
    weights: used(weights),
    rows: used(rows),
  });
}

/** What `loadEdges` of on_demand.ts runs. */
export async function loadEdges(path: string, { nodes }: Omit<EdgeOptions, "file">): Promise<Graph> {
  return parseEdges(await Deno.readFile(path), { file: path, nodes });
}

/** Finds the node that a cell names; undefined when there is none. */
function prepareNodes(
  nodes: EdgeOptions["nodes"],
): (bytes: Uint8Array, reader: RecordReader, cell: number) => number | undefined {
  if (typeof nodes !== "number") {
    const numbers = new Map(nodes.map((name, node) => [name, node]));
    return (_bytes, reader, cell) => numbers.get(reader.text(cell));
  }
  return (bytes, { starts, ends }, cell) => {
    const node = parseDecimal(bytes, starts[cell], ends[cell]);
    return Number.isInteger(node) && node >= 0 && node < nodes ? node : undefined;
  };
}

/** What stands between the cells of the first line that is no comment: a tab, a comma, a semicolon, or else spaces. */
export function fieldDelimiter(bytes: Uint8Array): FieldDelimiter {
  let start = 0;
  while (start < bytes.length && isCommentMark(bytes[start])) {
    const end = bytes.indexOf(0x0a, start);
    start = end < 0 ? bytes.length : end + 1;
  }
  const end = bytes.indexOf(0x0a, start);
  const line = bytes.subarray(start, end < 0 ? bytes.length : end);
  return (["\t", ",", ";"] as const).find((delimiter) => line.includes(delimiter.charCodeAt(0))) ?? " ";
}

/** Whether the current record begins with `#` or `%`. */
export function isComment(bytes: Uint8Array, reader: RecordReader): boolean {
  return isCommentMark(bytes[reader.starts[0]]);
}

function isCommentMark(byte: number): boolean {
  return byte === 0x23 || byte === 0x25;
}

function startsWithDigit(bytes: Uint8Array, reader: RecordReader): boolean {
  return bytes[reader.starts[0]] >= 0x30 && bytes[reader.starts[0]] <= 0x39;
}

/** What `formatEdges` of on_demand.ts runs. */
export function formatEdges({ nodes, offsets, neighbours, weights }: Graph): Uint8Array {
  const encoder = new TextEncoder(), lines: string[] = [];
  let bytes = new Uint8Array(1 << 16), length = 0;
  const flush = (): void => {
    const block = encoder.encode(lines.join(""));
    lines.length = 0;
    if (length + block.length > bytes.length) {
      const grown = new Uint8Array(2 * (length + block.length));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(block, length);
    length += block.length;
  };
  for (let node = 0; node < nodes; node++) {
    for (let at = offsets[node]; at < offsets[node + 1]; at++) {
      if (neighbours[at] > node) lines.push(`${node}\t${neighbours[at]}\t${Number(weights[at].toPrecision(6))}\n`);
    }
    if (lines.length > 4096) flush();
  }
  flush();
  return bytes.slice(0, length);
}
