/**
 * A graph from the features of any data: every row joined with its nearest ones.
 *
 * @module
 */
import { type Dataset, type Graph, makeGraph, type TextDataset } from "../../data/mod.ts";
import { Region } from "../../kernels/mod.ts";
import { checkCount } from "../check_fit.ts";
import { checkSeed } from "../check_train.ts";
import { TrainingError } from "../errors.ts";
import { ProjectionNetwork } from "../projection_network.ts";
import { prepareTextEncoder, textSpec } from "../text_network.ts";
import { defaultNormalization, type TextFeatureOptions } from "../text_options.ts";
import { denseMetric, type MetricRows, sparseMetric } from "./metric_rows.ts";
import { measureRecall, nearestNeighbours, type Neighbours } from "./nearest.ts";

/** Options of {@linkcode buildGraph}. */
export interface BuildGraphOptions {
  /** Nearest rows that each row is joined with; 10 when left out. */
  readonly neighbours?: number;
  /** Hashes of the index; 10 when left out. More find more of the true neighbours and take longer. */
  readonly hashes?: number;
  /** Most rows in a bucket of a hash; 512 when left out. */
  readonly bucket?: number;
  /**
   * For images: `filters` compares how often random filters respond in each part of them (the projection family conv), `values` pixel by pixel. `filters` when left
   * out: of MNIST's first 5,000 images, labels spread from 100 over the graph were right for 93.6 % against 87.0 % (reach 0.99, two draws).
   */
  readonly compare?: "filters" | "values";
  /** For texts: the kinds of features that are compared; those of a projection network when left out. */
  readonly features?: readonly TextFeatureOptions[];
  /** Rows on which the part of the true neighbours found is measured; 200 when left out, 0 for none. */
  readonly recallRows?: number;
  /** Seed of the index, an unsigned 32-bit integer; 1 when left out. */
  readonly seed?: number;
  /** Called a few times a second with the part that is done, 0...1. */
  readonly onProgress?: (done: number) => void;
  /** Aborts with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What {@linkcode buildGraph} made. */
export interface BuiltGraph {
  /** The graph, a node for each row. */
  readonly graph: Graph;
  /** Part of the true nearest neighbours that were found, 0...1, on a sample; null when it was not measured. */
  readonly recall: number | null;
}

/** Number of different features that texts are compared by: bits set by hash, so many that few share one. */
const textFeatures = 1 << 18;

/** What `buildGraph` of on_demand.ts runs. */
export async function buildGraph(data: Dataset | TextDataset, options: BuildGraphOptions = {}): Promise<BuiltGraph> {
  const { neighbours = 10, hashes = 10, bucket = 512, recallRows = 200, seed = 1, onProgress, signal } = options;
  for (const [name, value] of Object.entries({ neighbours, hashes, bucket })) checkCount(name, value);
  if (recallRows !== 0) checkCount("recallRows", recallRows);
  checkSeed(seed);
  if (data.count < 2) throw new TrainingError(`buildGraph: at least 2 rows were wanted, ${data.count} found`);
  using region = new Region();
  const rows = region.run(() => "texts" in data ? textMetric(data, options) : denseMetric(comparedRows(data, options)));
  const found = await nearestNeighbours(rows, { neighbours, hashes, bucket, seed, onProgress, signal });
  const recall = recallRows === 0 ? null : await measureRecall(rows, found, { sample: recallRows, signal });
  return { graph: joinNearest(found), recall };
}

function textMetric({ texts }: TextDataset, { features, seed = 1 }: BuildGraphOptions): MetricRows {
  const encode = prepareTextEncoder(textSpec({ functions: textFeatures, features }, seed), defaultNormalization);
  return sparseMetric(encode(texts), textFeatures);
}

/** Random filters that images are compared by. */
const filters = 32;

function comparedRows(data: Dataset, { compare = "filters", seed = 1 }: BuildGraphOptions): Dataset {
  const { input, count, featureLength, features } = data;
  if (compare === "values" || input.kind !== "image" || !(features instanceof Uint8Array)) return data;
  using region = new Region();
  const network = region.run(() =>
    new ProjectionNetwork({
      family: "conv",
      functions: filters,
      reads: "counts",
      features: featureLength,
      image: input,
      classes: data.labelNames.length,
      seed,
    })
  );
  network.fitFilters({ features, count });
  const counts = network.encode({ features, count });
  return { ...data, input: { kind: "table", columns: [] }, features: counts, featureLength: network.bits };
}

/** A neighbour that is far for what its own neighbours are keeps so much. */
const leastWeight = 1e-6;

/**
 * Joins every row with its nearest ones. The weight of an edge is exp(-d^2 / (s_u * s_v)), s being a row's distance to its last neighbour ("Self-Tuning Spectral
 * Clustering", Zelnik-Manor & Perona 2004): it depends on no scale, 1 for equal rows, about 0.37 between a row and its last neighbour.
 */
export function joinNearest({ count, width, ids, distances }: Neighbours): Graph {
  const ends = count * width, scales = new Float64Array(count);
  for (let row = 0; row < count; row++) scales[row] = Math.sqrt(distances[(row + 1) * width - 1]);
  const from = new Uint32Array(ends), weights = new Float32Array(ends);
  for (let at = 0; at < ends; at++) {
    const row = from[at] = Math.floor(at / width), scale = scales[row] * scales[ids[at]];
    weights[at] = distances[at] === 0 ? 1 : Math.max(Math.exp(-distances[at] / scale), leastWeight);
  }
  // A pair of rows that are near each other is found from both.
  return { ...makeGraph({ nodes: count, from, to: ids, weights }), notes: [] };
}
