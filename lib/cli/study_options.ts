/**
 * The options of `study`, and the projection networks that they ask for: every size with every family, hidden layer and head.
 */
import {
  headKinds,
  type ProjectionOptions,
  projectionSpec,
  type TextProjectionOptions,
  type TrainOptions,
} from "../joint/mod.ts";
import type { Shard } from "../study/mod.ts";
import { CHECKPOINT_OPTIONS } from "./checkpoint_options.ts";
import { checkFamilies, CODE_OPTIONS, valuesOfFamily } from "./code_options.ts";
import type { Invocation } from "./command.ts";
import { UsageError } from "./errors.ts";
import { GRAPH_OPTIONS } from "./graph_options.ts";
import { type BitSize, bitSizes, choice, integer, list, type ParseValue, ValueError } from "./option_values.ts";
import { flag, type OptionValues } from "./options.ts";
import { textTraining } from "./text_options.ts";
import { projections } from "./train.ts";
import {
  checkCombinations,
  checkHead,
  OPTIONS as TRAIN_OPTIONS,
  type Options as TrainValues,
  trainerKinds,
} from "./train_options.ts";
import { TRAINER_FILE_OPTIONS } from "./trainer_file.ts";

const { data, ...CODE_AND_TRAINING } = without(TRAIN_OPTIONS, [
  ...["projection", "bits", "hidden", "head", "seed", "out", "budget", "minutes"] as const,
  ...Object.keys(CHECKPOINT_OPTIONS) as (keyof typeof CHECKPOINT_OPTIONS)[],
  ...Object.keys(GRAPH_OPTIONS) as (keyof typeof GRAPH_OPTIONS)[],
  ...Object.keys(TRAINER_FILE_OPTIONS) as (keyof typeof TRAINER_FILE_OPTIONS)[],
]);

function without<T extends object, const Names extends readonly (keyof T)[]>(
  table: T,
  names: Names,
): Omit<T, Names[number]> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name as keyof T))) as Omit<
    T,
    Names[number]
  >;
}

type Head = TrainValues["head"];

const heads: ParseValue<Head[]> = list((text) => text.split("+").map(choice(headKinds)), { noun: "heads" });

/** `N` alone are the seeds 1…N. */
const seeds: ParseValue<number[]> = (text) => {
  const seed = integer({ min: 0, max: 0xffffffff });
  if (!text.includes(",")) return Array.from({ length: integer({ min: 1, max: 1000 })(text) }, (_, i) => i + 1);
  const found = list(seed, { noun: "seeds" })(text);
  const repeated = found.find((seed, index) => found.indexOf(seed) !== index);
  if (repeated !== undefined) throw new ValueError(`every seed once, and ${repeated} stands there twice`);
  return found;
};

const shard: ParseValue<Shard> = (text) => {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (!(index >= 1 && index <= count)) {
    throw new ValueError('the number of a shard from 1, and how many there are, such as "2/8"');
  }
  return { index, count };
};

/** The options of `study`. */
export const OPTIONS = {
  data: { ...data, required: undefined },
  bits: {
    ...CODE_OPTIONS.bits,
    value: "N,N,…",
    help:
      "sizes of the code in bits (TxD for T functions of D bits, which tables need); --projection conv takes as many filters as come closest " +
      "(otherwise 10,20,40,80,160,320,640,1280, for --task text 256,512,1024,2048,4096,8192)",
  },
  projection: {
    ...CODE_OPTIONS.projection,
    value: "FAMILY,…",
    help: "families to compare, of gaussian, sign, taps, hadamard, patch and conv, which train explains",
    parse: list(CODE_OPTIONS.projection.parse, { noun: "families" }),
  },
  hidden: {
    value: "N,…",
    help: "hidden layers between bits and labels to compare; 0 for none",
    parse: list(integer({ min: 0, max: 65536 }), { noun: "widths" }),
    default: "0",
  },
  head: {
    value: "TYPE,…",
    help: "types of weights to compare, as in train; two joined by + are for the two layers",
    parse: heads,
    default: "float",
  },
  seeds: {
    value: "N|N,N,…",
    help: "how many seeds each network is trained with, or which",
    parse: seeds,
    default: "3",
  },
  group: {
    value: "N",
    help: "most projection networks beside one trainer in one training; fewer make more and shorter trainings",
    parse: integer({ min: 1 }),
    default: "24",
  },
  shard: {
    value: "I/N",
    help: "do only this of N parts of the trainings, I from 1; every part is told the same other options",
    parse: shard,
  },
  merge: flag("join the folders DIR… of all shards instead of training; with --out alone"),
  ...CODE_AND_TRAINING,
  trainer: { value: "KIND", help: "the full network, as in train", parse: choice(trainerKinds) },
  threads: {
    ...TRAIN_OPTIONS.threads,
    help:
      "processors to use (otherwise all): so many trainings at once, or as memory allows; the files are the same for any number",
  },
  out: {
    value: "DIR",
    help: "folder of the study; one that was stopped goes on where it was",
    parse: (text: string): string => text,
    required: true,
  },
} as const;

/** Their values. */
export type Options = OptionValues<typeof OPTIONS>;

/** A study learns every label. */
const noGraph = Object.fromEntries(Object.keys(GRAPH_OPTIONS).map((name) => [name, undefined])) as Record<
  keyof typeof GRAPH_OPTIONS,
  undefined
>;

/**
 * The options as `train` has them, for each family, hidden layer and head.
 *
 * @throws {UsageError} for options that do not go together
 */
function kindsOf(options: Options, given: ReadonlySet<string>): TrainValues[] {
  const isText = options.task === "text";
  const families = isText && !given.has("projection") ? ["text" as const] : options.projection;
  checkOnce("projection", families);
  checkOnce("hidden", options.hidden);
  checkOnce("head", options.head.map((kinds) => kinds.join("+")));
  if (!isText) checkFamilies(options, families);
  const isTernary = (head: Head): boolean => head.some((kind) => kind.includes("ternary"));
  const anyTernary = options.head.some(isTernary);
  const common = {
    ...options,
    data: dataOf(options),
    bits: options.bits ?? bitSizes(isText ? "256,512,1024,2048,4096,8192" : "10,20,40,80,160,320,640,1280"),
    seed: options.seeds[0],
    budget: undefined,
    minutes: undefined,
    ...noGraph,
    // A study keeps each training that is done.
    checkpoint: undefined,
    "checkpoint-seconds": undefined,
    resume: false,
    // A study makes its trainers itself.
    "fine-tune": false,
    "teacher-layout": undefined,
    "teacher-scaling": undefined,
    "teacher-output": undefined,
    "save-trainer": undefined,
  };
  return families.flatMap((projection) =>
    options.hidden.flatMap((hidden) =>
      options.head.map((head): TrainValues =>
        valuesOfFamily({
          ...common,
          projection,
          hidden: hidden === 0 ? undefined : hidden,
          head,
          // An option for some of the heads is left out for the others, and refused when it is for none.
          "ternary-threshold": anyTernary && !isTernary(head) ? undefined : options["ternary-threshold"],
        }, projection)
      )
    )
  );
}

function checkOnce(name: string, values: readonly (string | number)[]): void {
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated !== undefined) throw new UsageError(`--${name}: every value once was wanted, ${repeated} found twice`);
}

/** `--data`, which only a merge can do without. */
function dataOf({ data }: Pick<Options, "data">): string {
  if (data === undefined) throw new UsageError(`--data ${OPTIONS.data.value} is missing`);
  return data;
}

/** Options of a study, as far as they can be known before the data are read. */
export interface AskedStudy {
  /** What a training of any of the networks is asked for. */
  readonly training: Pick<Invocation<typeof TRAIN_OPTIONS>, "options" | "given">;
  /** The networks for data of numbers; sizes of the family conv depend on the images. */
  networks(input: TrainOptions["data"]): ProjectionOptions[];
  /** The networks for texts. */
  readonly texts: TextProjectionOptions[];
}

/**
 * Reads and checks what a study is asked for.
 *
 * @throws {UsageError} for options that do not go together
 */
export function readStudy(options: Options, given: ReadonlySet<string>): AskedStudy {
  if (options.validation === 0) {
    throw new UsageError("a study chooses on validation data, and --validation 0 leaves none");
  }
  if (options.task === "graph") throw new UsageError("--task graph is for train");
  const kinds = kindsOf(options, given);
  const isText = options.task === "text";
  for (const values of kinds) {
    checkCombinations({ options: values, given });
    checkHead(values);
    // The number of filters is not known yet; whatever else does not go together is.
    if (!isText) projections({ ...values, bits: values.projection === "conv" ? bitSizes("1") : values.bits });
  }
  return {
    training: { options: kinds[0], given },
    texts: isText ? bySize(kinds.map((values) => [...textTraining(values, given).projections])) : [],
    networks: (input) => bySize(kinds.map((values) => projections({ ...values, bits: sizesFor(values, input) }))),
  };
}

/** Networks with the same code beside each other: what is chosen for it is chosen once for all heads in a training. */
function bySize<T extends { functions: number }>(kinds: readonly T[][]): T[] {
  const keyOf = (network: T): string => {
    const { hidden: _hidden, head: _head, ternaryThreshold: _threshold, ...code } = network as Record<string, unknown>;
    return JSON.stringify(code);
  };
  return [...Map.groupBy(kinds.flat(), keyOf).values()].flat();
}

/** As many filters as come closest to the bits that were asked for, each number once; for other families the sizes as they are. */
function sizesFor(values: TrainValues, { featureLength, input }: TrainOptions["data"]): BitSize[] {
  const { bits = [], projection } = values;
  if (projection !== "conv") return bits;
  const image = input.kind === "image" ? input : undefined;
  const [filter] = projections({ ...values, bits: bitSizes("1"), select: undefined, "select-by": undefined });
  const { bitsPerFunction } = projectionSpec(filter, { features: featureLength, image, seed: 1 });
  const filters = bits.map((size) => Math.max(1, Math.round(size.functions * size.bitsPerFunction / bitsPerFunction)));
  return [...new Set(filters)].map((functions) => ({ functions, bitsPerFunction: 1 }));
}
