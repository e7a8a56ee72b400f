/**
 * What stands beside the labelled rows in every step: rows of any kind, labelled or not, with some neighbours of each. On them the projection networks learn from
 * the trainer network, both from labels that were spread over the graph, and neighbours are drawn together.
 *
 * @module
 */
import { add, scale, slice, softCrossEntropy, type Tensor, zeros } from "../../autodiff/mod.ts";
import { epochOrder, type Graph } from "../../data/mod.ts";
import { currentRegion } from "../../kernels/mod.ts";
import { hash32 } from "../../projection/mod.ts";
import type { Companions, FitData, FitNetwork } from "../fit.ts";
import { distillation } from "../objective.ts";
import type { PropagatedLabels } from "./propagate.ts";
import { type BatchEdges, edgeDistance, type GraphDistance } from "./edge_distance.ts";

/** Weights of the edges between two labelled rows, a labelled and an unlabelled one, and two unlabelled ones. */
export type EdgeKindWeights = readonly [bothLabelled: number, oneLabelled: number, noneLabelled: number];

/** The graph term: alpha * sum of w_uv * dist(h_u, h_v) for each row. */
export interface GraphTermOptions {
  /** Alpha, the term's weight beside the others; 0 when left out. */
  readonly alpha?: number;
  /** Distance of two outputs; `squared` when left out. */
  readonly distance?: GraphDistance;
  /** What the distances `squared` and `cosine` are measured between; `probabilities` when left out. */
  readonly of?: "logits" | "probabilities";
  /** Whose outputs are drawn together; `both` when left out. */
  readonly on?: "trainer" | "projection" | "both";
  /** Weights of the three kinds of edges; 1 each when left out. */
  readonly kinds?: EdgeKindWeights;
  /** Most neighbours of a row in a step, drawn anew each time; 5 when left out. */
  readonly neighbours?: number;
}

/** What {@linkcode prepareCompanions} works on. */
export interface CompanionOptions<Input> extends GraphTermOptions {
  /** All rows, as the networks read them. */
  readonly rows: Omit<FitData<Input>, "labels">;
  /** The networks, in the order of the codes. */
  readonly networks: readonly FitNetwork<unknown, unknown>[];
  /** Lambda1. */
  readonly trainerLambda: number;
  /** Which of the rows are labelled. */
  readonly labelled: ArrayLike<number>;
  /** Edges between the rows; without, there is no graph term. */
  readonly graph?: Graph;
  /** A label of each row and how certain it is, which both networks learn. */
  readonly spread?: PropagatedLabels;
  /** Number of classes. */
  readonly classes: number;
  /** Weight of all that is learnt on rows without looking at their labels, but for the graph term. */
  readonly weight: number;
  /** Rows in a step, their neighbours not counted. */
  readonly batchSize: number;
  /** Seed of the rows' order and of the neighbours. */
  readonly seed: number;
}

/** Keeps the random numbers apart from others of the same seed; 'comp' in ASCII. */
const seedPurpose = 0x636f6d70;

/** Prepares the companions; undefined when nothing would be learnt on them. Memory beside the rows: a number for each, and a step's batch. */
export function prepareCompanions<Input>(options: CompanionOptions<Input>): Companions<Input> | undefined {
  const { rows, networks, spread, classes, graph, weight, alpha = 0, on = "both", trainerLambda } = options;
  const hasGraph = graph !== undefined && alpha > 0;
  const isTaught = weight > 0 && (spread !== undefined || networks.some(({ lambda }) => lambda[0] > 0));
  if (!hasGraph && !isTaught) return;
  const draw = prepareDraw(options, hasGraph ? graph : undefined);
  return {
    batchSize: Math.min(options.batchSize, rows.count),
    gather(step) {
      const { chosen, anchors, edges } = draw(step);
      const taught = spread === undefined || !isTaught
        ? null
        : targetsOf(spread, { rows: chosen.subarray(0, anchors), classes });
      const ofAnchors = (logits: Tensor): Tensor =>
        logits.shape[0] === anchors ? logits : slice(logits, { start: 0, end: anchors });
      return {
        features: rows.features.gather(chosen),
        codes: networks.map((network, index) =>
          network.tap === undefined ? network.gather(rows.codes[index], chosen) : undefined
        ),
        objective(trainerLogits, logits) {
          const terms: Tensor[] = [];
          const take = (term: Tensor, factor: number): void => {
            if (factor > 0) terms.push(scale(term, factor));
          };
          if (isTaught) {
            if (taught !== null) take(softCrossEntropy(ofAnchors(trainerLogits), taught), weight * trainerLambda);
            networks.forEach((network, index) => {
              const [soft, hard] = network.lambda, own = ofAnchors(logits[index]);
              if (soft > 0) take(distillation(own, ofAnchors(trainerLogits), network), weight * soft);
              if (taught !== null) take(softCrossEntropy(own, taught), weight * hard);
            });
          }
          if (hasGraph && edges.weights.length > 0) {
            if (on !== "projection") take(edgeDistance(trainerLogits, edges, options), alpha);
            if (on !== "trainer") { for (const each of logits) take(edgeDistance(each, edges, options), alpha); }
          }
          return terms.length === 0 ? null : terms.reduce((total, term) => add(total, term));
        },
      };
    },
  };
}

/** A step's rows: first those whose turn it is, then neighbours that are not among them. */
interface Draw {
  readonly chosen: Uint32Array;
  readonly anchors: number;
  readonly edges: BatchEdges;
}

/**
 * Draws the rows of a step and at most `neighbours` neighbours of each. An edge's weight is multiplied by its row's degree over the number of neighbours drawn, and
 * divided by the number of rows: the expected term is the mean over all rows of the sum over all edges.
 */
function prepareDraw<Input>(
  { rows: { count }, labelled, kinds = [1, 1, 1], neighbours: most = 5, batchSize, seed }: CompanionOptions<Input>,
  graph: Graph | undefined,
): (step: number) => Draw {
  const orderSeed = hash32(seed, seedPurpose, 0), neighbourSeed = hash32(seed, seedPurpose, 1);
  const size = Math.min(batchSize, count), batches = Math.ceil(count / size);
  const isLabelled = new Uint8Array(count);
  for (let i = 0; i < labelled.length; i++) isLabelled[labelled[i]] = 1;
  const places = new Int32Array(graph === undefined ? 0 : count).fill(-1);
  let order: Uint32Array = new Uint32Array(0), epoch = -1;
  return (step) => {
    const wanted = Math.floor((step - 1) / batches), batch = (step - 1) % batches;
    if (wanted !== epoch) order = epochOrder(count, { seed: orderSeed, epoch: epoch = wanted });
    const turn = order.subarray(batch * size, Math.min((batch + 1) * size, count));
    const region = currentRegion();
    if (graph === undefined) {
      const none = { from: region.int32(0), to: region.int32(0), weights: region.float32(0) };
      return { chosen: turn, anchors: turn.length, edges: none };
    }
    const room = turn.length * most, chosen = new Uint32Array(turn.length + room), picked = new Uint32Array(most);
    const from = region.int32(room), to = region.int32(room), weights = region.float32(room);
    chosen.set(turn);
    turn.forEach((row, place) => places[row] = place);
    let length = turn.length, edges = 0;
    turn.forEach((row, place) => {
      const first = graph.offsets[row], degree = graph.offsets[row + 1] - first, drawn = Math.min(degree, most);
      pickPlaces(picked, { drawn, degree, seed: neighbourSeed, step, row });
      for (let i = 0; i < drawn; i++) {
        const at = first + picked[i], other = graph.neighbours[at];
        if (places[other] < 0) {
          places[other] = length;
          chosen[length++] = other;
        }
        from[edges] = place;
        to[edges] = places[other];
        const kind = kinds[2 - isLabelled[row] - isLabelled[other]];
        weights[edges++] = kind * graph.weights[at] * degree / (drawn * turn.length);
      }
    });
    for (let i = 0; i < length; i++) places[chosen[i]] = -1;
    return {
      chosen: chosen.subarray(0, length),
      anchors: turn.length,
      edges: {
        from: from.subarray(0, edges),
        to: to.subarray(0, edges),
        weights: weights.subarray(0, edges),
      },
    };
  };
}

/** Writes `drawn` different numbers below `degree`, each as probable as any (Floyd's algorithm: Bentley & Floyd 1987). */
function pickPlaces(
  picked: Uint32Array,
  { drawn, degree, seed, step, row }: { drawn: number; degree: number; seed: number; step: number; row: number },
): void {
  for (let i = 0; i < drawn; i++) {
    const last = degree - drawn + i;
    const number = Math.floor(hash32(hash32(seed, step, row), i, 0) / 2 ** 32 * (last + 1));
    picked[i] = picked.subarray(0, i).includes(number) ? last : number;
  }
}

/** The certainty of each row's label in the column of its class, zeros elsewhere. */
function targetsOf(
  { labels, certainties }: PropagatedLabels,
  { rows, classes }: { rows: Uint32Array; classes: number },
): Tensor {
  const targets = zeros([rows.length, classes]);
  rows.forEach((row, i) => targets.data[i * classes + labels[row]] = certainties[row]);
  return targets;
}
