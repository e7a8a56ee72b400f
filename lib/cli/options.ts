/**
 * Options as tables: a command declares what it takes, and everything else on the command line is refused by name, so that nothing
 * is ever ignored.
 */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "./errors.ts";
import { type ParseValue, ValueError } from "./option_values.ts";
import { suggestion } from "./suggest.ts";

/** An option that takes a value. */
export interface ValueOption<T> {
  /** How help names the value, such as `N` or `NAME|PATH`. */
  readonly value: string;
  /** One line for help. */
  readonly help: string;
  /** Reads the value. */
  readonly parse: ParseValue<T>;
  /** What holds without the option, as it would be written. */
  readonly default?: string;
  /** Whether the command cannot do without it. */
  readonly required?: boolean;
}

/** An option that is there or not. */
export interface FlagOption {
  /** Marks the option as one without a value. */
  readonly flag: true;
  /** One line for help. */
  readonly help: string;
}

/** The options of a command by name, without the dashes. */
// deno-lint-ignore no-explicit-any
export type OptionTable = Readonly<Record<string, ValueOption<any> | FlagOption>>;

type OptionValue<O> = O extends FlagOption ? boolean
  : O extends ValueOption<infer T> ? O extends { default: unknown } | { required: true } ? T : T | undefined
  : never;

/** The values of a table's options. */
export type OptionValues<T extends OptionTable> = { [K in keyof T]: OptionValue<T[K]> };

/** A parsed command line. */
export interface ParsedOptions<T extends OptionTable> {
  /** A value for every option of the table. */
  values: OptionValues<T>;
  /** Names of the options that were given. */
  given: Set<string>;
  /** The arguments that are not options, in order. */
  positionals: string[];
}

/** An option without a value. */
export function flag(help: string): FlagOption {
  return { flag: true, help };
}

function isFlag(option: ValueOption<unknown> | FlagOption): option is FlagOption {
  return "flag" in option;
}

function readValue<T>(name: string, given: string, option: ValueOption<T>): T {
  try {
    return option.parse(given);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new UsageError(`--${name} ${given}: wanted ${error.message}`);
  }
}

/**
 * Reads a command's arguments by its table.
 *
 * @throws {UsageError} for an option that is not in the table, one that is repeated, one without its value, and a value out of range
 */
export function readOptions<T extends OptionTable>(args: readonly string[], table: T): ParsedOptions<T> {
  const names = Object.keys(table);
  const flags = names.filter((name) => isFlag(table[name]));
  const unknown: string[] = [];
  const parsed = parseArgs([...args], {
    string: ["_", ...names.filter((name) => !isFlag(table[name]))],
    boolean: flags,
    collect: names,
    alias: { h: "help" },
    unknown: (argument: string): boolean => {
      if (!/^-./.test(argument)) return true;
      unknown.push(argument);
      return false;
    },
  }) as unknown as Record<string, unknown>;

  const found = (name: string): unknown[] => parsed[name] as unknown[];
  for (const name of names) {
    const empty = found(name).includes("") || unknown.includes(`--${name}=`);
    if (empty) {
      throw new UsageError(`--${name} needs a value: --${name} ${(table[name] as ValueOption<unknown>).value}`);
    }
  }
  if (unknown.length > 0) {
    const name = unknown[0].replace(/=.*$/s, "");
    throw new UsageError(`unknown option ${name}${suggestion(name, names, "--")}`);
  }
  const repeated = names.find((name) => found(name).length > 1);
  if (repeated !== undefined) throw new UsageError(`--${repeated} is given ${found(repeated).length} times`);

  const given = new Set(names.filter((name) => found(name).length > 0));
  const missing = names.find((name) => !given.has(name) && (table[name] as ValueOption<unknown>).required === true);
  if (missing !== undefined && !given.has("help")) {
    throw new UsageError(`--${missing} ${(table[missing] as ValueOption<unknown>).value} is missing`);
  }

  const values = Object.fromEntries(names.map((name) => {
    const option = table[name];
    if (isFlag(option)) return [name, found(name)[0] === true];
    const written = given.has(name) ? String(found(name)[0]) : option.default;
    return [name, written === undefined ? undefined : readValue(name, written, option)];
  })) as OptionValues<T>;
  return { values, given, positionals: (parsed._ as unknown[]).map(String) };
}
