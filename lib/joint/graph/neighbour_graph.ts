/**
 * A graph from the nearest neighbours of every row.
 *
 * @module
 */
import { type Graph, makeGraph } from "../../data/mod.ts";
import type { Neighbours } from "./nearest.ts";

/**
 * Joins every row with its nearest ones. The weight of an edge is exp(-d^2 / (s_u * s_v)), s being a row's distance to its last neighbour ("Self-Tuning Spectral
 * Clustering", Zelnik-Manor & Perona 2004): it depends on no scale, 1 for equal rows, about 0.37 between a row and its last neighbour.
 */
export async function neighbourGraph({ count, width, ids, distances }: Neighbours): Promise<Graph> {
  const ends = count * width;
  const scales = Float64Array.from(
    { length: count },
    (_, row) => width === 0 ? 0 : Math.sqrt(distances[(row + 1) * width - 1]),
  );
  const from = new Uint32Array(ends), weights = new Float32Array(ends);
  for (let at = 0; at < ends; at++) {
    const row = from[at] = Math.floor(at / width);
    const scale = scales[row] * scales[ids[at]];
    weights[at] = distances[at] === 0 ? 1 : Math.max(Math.exp(-distances[at] / scale), leastWeight);
  }
  return { ...await makeGraph({ nodes: count, from, to: ids, weights }), notes: [] };
}

/** A neighbour that is far for what its own neighbours are keeps so much. */
const leastWeight = 1e-6;
