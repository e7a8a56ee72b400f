/**
 * What a trainer network's file says beyond its graph, as JSON in the metadata. It is read with suspicion: a file may come from anywhere.
 *
 * @module
 */
import type { SavedTrainer, Standardization, TrainerOptions, TrainerShape } from "../joint/mod.ts";
import { OnnxFormatError, OnnxModelError } from "./errors.ts";

/** The key of the JSON text. */
const key = "projectionnet.trainer";

/** Values that the graph does not hold, by the names of their tensors. */
export type KeptValues = Readonly<Record<string, readonly number[]>>;

/** The entry of a trainer network. */
export function trainerMetadata(
  { options, shape: { name, input, featureLength, bytes }, standardization }: SavedTrainer,
  kept: KeptValues,
): Record<string, string> {
  const shared = standardization.factors.length === 1
    ? { factor: standardization.factors[0], offset: standardization.offsets[0] }
    : undefined;
  return {
    [key]: JSON.stringify({
      options: writeOptions(options),
      name,
      input,
      featureLength,
      bytes,
      standardization: shared,
      kept,
    }),
  };
}

/** What {@linkcode readTrainerMetadata} finds; the standardisation is left out where the graph holds one for each column. */
export interface TrainerMetadata {
  /** What the network was made with, and what it reads. */
  readonly description: {
    readonly options: TrainerOptions;
    readonly shape: TrainerShape;
    readonly standardization?: Standardization;
  };
  /** Values that the graph does not hold. */
  readonly kept: KeptValues;
}

/** Reads the entry of a trainer network. */
export function readTrainerMetadata(metadata: Readonly<Record<string, string>>): TrainerMetadata {
  if (!Object.hasOwn(metadata, key)) {
    throw new OnnxModelError(
      `importing a trainer: the metadata have no entry ${key}, so the model was not written as a trainer network; it can be a teacher`,
    );
  }
  const entry = parse(metadata[key], key);
  const given = entry.field("input");
  const kind = given.choice("kind", ["image", "table"]);
  const input: TrainerShape["input"] = kind === "image"
    ? {
      kind,
      width: given.count("width"),
      height: given.count("height"),
      channels: given.count("channels"),
    }
    : { kind, columns: given.list("columns", (value) => typeof value === "string") };
  const featureLength = entry.count("featureLength");
  const wanted = input.kind === "image" ? input.width * input.height * input.channels : input.columns.length;
  if (wanted !== featureLength) entry.fail("featureLength", `the ${wanted} of the input`, featureLength);
  const labelNames = parse(`{"labels":${Object.hasOwn(metadata, "labels") ? metadata.labels : null}}`, "labels")
    .list<string>("labels", (value) => typeof value === "string");
  if (labelNames.length < 1) entry.fail("labels", "at least one", labelNames);
  const shape = { name: entry.text("name"), input, featureLength, labelNames, bytes: entry.flag("bytes") };
  const standardization = entry.has("standardization") ? readShared(entry.field("standardization")) : undefined;
  const kept = entry.field("kept");
  return {
    description: { options: readOptions(entry.field("options")), shape, standardization },
    kept: Object.fromEntries(kept.keys().map((name) => [name, kept.list(name, Number.isFinite)])),
  };
}

function readShared(entry: Entry): Standardization {
  return { factors: Float64Array.of(entry.number("factor")), offsets: Float64Array.of(entry.number("offset")) };
}

/** How each option is read, in the order in which they are written. */
const optionReaders: { readonly [Name in keyof TrainerOptions]-?: (entry: Entry) => TrainerOptions[Name] } = {
  kind: (entry) => entry.choice("kind", ["mlp", "cnn", "lstm"]),
  hidden: (entry) => entry.list<number>("hidden", isCount),
  dropout: (entry) => entry.number("dropout"),
  elementLength: (entry) => entry.count("elementLength"),
  bidirectional: (entry) => entry.flag("bidirectional"),
  reads: (entry) => entry.choice("reads", ["last", "mean"]),
};

function readOptions(entry: Entry): TrainerOptions {
  const given = Object.entries(optionReaders).filter(([name]) => entry.has(name));
  return Object.fromEntries(given.map(([name, read]) => [name, read(entry)]));
}

/** The options that are given. */
function writeOptions(options: TrainerOptions): TrainerOptions {
  const names = Object.keys(optionReaders) as (keyof TrainerOptions)[];
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 0x7fffffff;
}

function parse(text: string, name: string): Entry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OnnxFormatError(`metadata: ${name} is no JSON`);
  }
  return new Entry(name, value);
}

/** An object of the JSON text, whose fields are checked as they are read. */
class Entry {
  readonly #name: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(name: string, value: unknown) {
    this.#name = name;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new OnnxFormatError(`metadata: ${name} is ${JSON.stringify(value)}, wanted an object`);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  keys(): string[] {
    return Object.keys(this.#fields);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name) && this.#fields[name] !== null;
  }

  field(name: string): Entry {
    return new Entry(`${this.#name}.${name}`, this.#get(name));
  }

  count(name: string): number {
    return this.#check(name, isCount, "a whole number of at least 1") as number;
  }

  number(name: string): number {
    return this.#check(name, Number.isFinite, "a number") as number;
  }

  text(name: string): string {
    return this.#check(name, (value) => typeof value === "string", "a text") as string;
  }

  flag(name: string): boolean {
    return this.#check(name, (value) => typeof value === "boolean", "true or false") as boolean;
  }

  choice<const Word extends string>(name: string, words: readonly Word[]): Word {
    return this.#check(
      name,
      (value) => (words as readonly unknown[]).includes(value),
      `one of ${words.join(", ")}`,
    ) as Word;
  }

  list<Item>(name: string, isItem: (value: unknown) => boolean): Item[] {
    return this.#check(name, (value) => Array.isArray(value) && value.every(isItem), "a list of such values") as Item[];
  }

  fail(name: string, wanted: string, found: unknown): never {
    throw new OnnxFormatError(`metadata: ${this.#name}.${name} is ${JSON.stringify(found)}, wanted ${wanted}`);
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #check(name: string, isRight: (value: unknown) => boolean, wanted: string): unknown {
    const value = this.#get(name);
    return isRight(value) ? value : this.fail(name, wanted, value);
  }
}
