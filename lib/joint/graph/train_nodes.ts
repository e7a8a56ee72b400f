/**
 * Joint training on the nodes of a graph: the trainer network reads features averaged over neighbours, the projection network a node's own.
 *
 * @module
 */
import { type Dataset, type NodeData, type NodeSplit, selectRows } from "../../data/mod.ts";
import { train, type TrainOptions, type TrainResult } from "../train.ts";
import { averageFeatures, type AverageOptions } from "./propagate.ts";
import { chosenRows, plainRows } from "./row_views.ts";

/** Options of {@linkcode trainNodes}. */
export interface TrainNodesOptions
  extends Omit<TrainOptions, "data" | "validation" | "test" | "labelled" | "trainerReads"> {
  /** The nodes and their edges. All nodes take part in the training, those of validation and test without their labels. */
  readonly nodes: Pick<NodeData, "data" | "graph">;
  /** Nodes whose labels are learnt, on which everything is chosen, and that are looked at once; all are labelled. */
  readonly split: NodeSplit;
  /** How the features that the trainer network reads are averaged over neighbours; `null` for a node's own features. */
  readonly average?: AverageOptions | null;
}

/** What `trainNodes` of on_demand.ts runs. */
export async function trainNodes(options: TrainNodesOptions): Promise<TrainResult> {
  const { nodes: { data, graph }, split, average = {}, unlabelled, checkpoint, ...rest } = options;
  const part = (nodes: Uint32Array): Dataset | undefined => nodes.length === 0 ? undefined : selectRows(data, nodes);
  const all = average === null
    ? undefined
    : plainRows(averaged(data, () => averageFeatures(graph, shares(data), average)), data.featureLength);
  return await train({
    ...rest,
    // What the trainer network reads cannot be compared; what it is made with can.
    checkpoint: checkpoint && { ...checkpoint, context: { average, given: checkpoint.context } },
    data,
    labelled: split.train,
    validation: part(split.validation) ?? 0,
    test: part(split.test),
    unlabelled: { graph, ...unlabelled },
    trainerReads: all && {
      width: data.featureLength,
      data: all,
      validation: chosenRows(all, split.validation),
      test: chosenRows(all, split.test),
    },
  });
}

/** Each row divided by the sum of its magnitudes, so that nodes with many features do not outweigh others. */
function shares({ features, featureLength, count }: Dataset): Float32Array {
  const scaled = Float32Array.from(features);
  for (let row = 0; row < count; row++) {
    const values = scaled.subarray(row * featureLength, (row + 1) * featureLength);
    const sum = values.reduce((total, value) => total + Math.abs(value), 0);
    if (sum > 0) values.forEach((value, i) => values[i] = value / sum);
  }
  return scaled;
}

/** Averages, scaled to a mean square of 1. */
function averaged({ count, featureLength }: Dataset, average: () => Float32Array): Float32Array {
  const values = average();
  const squares = values.reduce((sum, value) => sum + value * value, 0) / (count * featureLength);
  if (squares > 0) { for (let i = 0, factor = 1 / Math.sqrt(squares); i < values.length; i++) values[i] *= factor; }
  return values;
}
