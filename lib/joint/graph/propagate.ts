/**
 * What a graph carries from node to node before anything is trained: features, averaged over neighbours, and labels.
 *
 * @module
 */
import type { Graph } from "../../data/mod.ts";

/** How features are averaged. */
export interface AverageOptions {
  /** Steps from neighbour to neighbour; 10 when left out. */
  readonly hops?: number;
  /** Part of the node's own features that stays in each step, 0...1; 0.1 when left out. 0 averages over walks of exactly `hops` steps. */
  readonly restart?: number;
}

/**
 * Features averaged over neighbours: H <- (1 - restart)*S*H + restart*X, with S = D^(-1/2)*(A + I)*D^(-1/2), the adjacency with self-loops normalised by degrees
 * ("Simplifying Graph Convolutional Networks", Wu et al. 2019; with a restart "Predict then Propagate", Gasteiger et al. 2019, equation 5).
 *
 * @param graph the graph
 * @param features [nodes x width]
 * @returns [nodes x width]
 */
export function averageFeatures(
  graph: Graph,
  features: ArrayLike<number>,
  { hops = 10, restart = 0.1 }: AverageOptions = {},
): Float32Array {
  const own = Float32Array.from(features);
  return walk(graph, own, { hops, restart, selfLoops: largestWeights(graph) });
}

/** How labels spread. */
export interface PropagationOptions {
  /** Part of what a node gets from its neighbours in each step, 0...1, the rest being its own label; 0.95 when left out. */
  readonly reach?: number;
  /** Steps; 50 when left out. */
  readonly steps?: number;
}

/** Labels that spread over a graph. */
export interface PropagatedLabels {
  /** The most probable class of each node. */
  readonly labels: Uint16Array;
  /** How certain each is, 0...1: 1 - entropy / log(classes), 1 for labels that were given, 0 where no label arrived. */
  readonly certainties: Float32Array;
}

/**
 * Spreads the labels of some nodes to all: F <- reach*S*F + (1 - reach)*Y, with S = D^(-1/2)*A*D^(-1/2) ("Learning with Local and Global Consistency", Zhou et al.
 * 2004). Rows are normalised, and the most probable class of each is weighted by how certain it is (Iscen et al. 2019, equation 11).
 *
 * @param graph the graph
 * @param labelled nodes and their classes
 * @param options number of classes, reach, steps
 */
export function propagateLabels(
  graph: Graph,
  labelled: { readonly nodes: ArrayLike<number>; readonly labels: ArrayLike<number> },
  { classes, reach = 0.95, steps = 50 }: PropagationOptions & { classes: number },
): PropagatedLabels {
  const { nodes } = graph, own = new Float32Array(nodes * classes);
  for (let i = 0; i < labelled.nodes.length; i++) own[labelled.nodes[i] * classes + labelled.labels[i]] = 1;
  const spread = walk(graph, own, { hops: steps, restart: 1 - reach });
  const labels = new Uint16Array(nodes), certainties = new Float32Array(nodes);
  const row = new Float64Array(classes);
  for (let node = 0; node < nodes; node++) {
    let sum = 0, best = 0, entropy = 0;
    for (let label = 0; label < classes; label++) {
      row[label] = spread[node * classes + label];
      sum += row[label];
      if (row[label] > row[best]) best = label;
    }
    if (!(sum > 0)) continue;
    for (const share of row) if (share > 0) entropy -= share / sum * Math.log(share / sum);
    labels[node] = best;
    certainties[node] = classes > 1 ? Math.max(0, 1 - entropy / Math.log(classes)) : 1;
  }
  for (let i = 0; i < labelled.nodes.length; i++) {
    labels[labelled.nodes[i]] = labelled.labels[i];
    certainties[labelled.nodes[i]] = 1;
  }
  return { labels, certainties };
}

/** The self-loop of each node when there are weights: as heavy as its heaviest edge, 1 without edges. */
function largestWeights({ nodes, offsets, weights }: Graph): Float64Array {
  return Float64Array.from({ length: nodes }, (_, node) => {
    let largest = 0;
    for (let at = offsets[node]; at < offsets[node + 1]; at++) largest = Math.max(largest, weights[at]);
    return largest || 1;
  });
}

/** H <- (1 - restart)*S*H + restart*X, from H = X on. */
function walk(
  { nodes, offsets, neighbours, weights }: Graph,
  own: Float32Array,
  { hops, restart, selfLoops }: { hops: number; restart: number; selfLoops?: Float64Array },
): Float32Array {
  const width = own.length / nodes;
  const scales = Float64Array.from({ length: nodes }, (_, node) => {
    let degree = selfLoops?.[node] ?? 0;
    for (let at = offsets[node]; at < offsets[node + 1]; at++) degree += weights[at];
    return degree > 0 ? 1 / Math.sqrt(degree) : 0;
  });
  let current = own.slice(), next = new Float32Array(own.length);
  for (let hop = 0; hop < hops; hop++) {
    for (let node = 0; node < nodes; node++) {
      const first = node * width, ownFactor = (1 - restart) * scales[node];
      const loop = ownFactor * scales[node] * (selfLoops?.[node] ?? 0);
      for (let j = first; j < first + width; j++) next[j] = loop * current[j] + restart * own[j];
      for (let at = offsets[node]; at < offsets[node + 1]; at++) {
        const factor = ownFactor * scales[neighbours[at]] * weights[at];
        for (let j = first, from = neighbours[at] * width; j < first + width; j++, from++) {
          next[j] += factor * current[from];
        }
      }
    }
    [current, next] = [next, current];
  }
  return current;
}
