/**
 * A command of the command line: a table of options, a few positional arguments, and a function that does the work. What all commands
 * have in common (help, `--json`, checking the arguments) is added here.
 */
import { UsageError } from "./errors.ts";
import { commandHelp } from "./help.ts";
import type { CliIo } from "./io.ts";
import type { Permission } from "./permissions.ts";
import { flag, type FlagOption, type OptionTable, type OptionValues, readOptions } from "./options.ts";
import { Output } from "./output.ts";

/** An argument that is known by its place. */
export interface Positional {
  /** How help names it, such as `MODEL`. */
  readonly name: string;
  /** One line for help. */
  readonly help: string;
  /** Whether it can be left out. */
  readonly optional?: boolean;
  /** Whether any number of them can be given; for the last. */
  readonly many?: boolean;
}

/** What a command's function gets. */
export interface Invocation<T extends OptionTable> {
  /** The value of every option. */
  readonly options: OptionValues<T>;
  /** Names of the options that were given. */
  readonly given: ReadonlySet<string>;
  /** The positional arguments. */
  readonly positionals: readonly string[];
  /** All arguments as they were written, after the command's name. */
  readonly args: readonly string[];
  /** The streams. */
  readonly io: CliIo;
  /** Where results and messages go. */
  readonly output: Output;
}

/** The declaration of a command. */
export interface CommandDefinition<T extends OptionTable> {
  /** The word on the command line. */
  readonly name: string;
  /** What it does, in a sentence or a few. */
  readonly description: string;
  /** Arguments known by their place. */
  readonly positionals: readonly Positional[];
  /** Its options, without `--json` and `--help`. */
  readonly options: T;
  /** Command lines that show its use, with % for the program's name. */
  readonly examples: readonly string[];
  /** Command lines for a purpose of their own, by heading. */
  readonly moreExamples?: Readonly<Record<string, readonly string[]>>;
  /** All permissions that it can need, with what for. */
  readonly permissions: readonly Permission[];
  /** Does the work; resolves to the exit code. */
  run(invocation: Invocation<T>): Promise<number>;
}

/** A command that can be called with its arguments. */
export interface Command {
  /** Its help text. */
  readonly help: string;
  /** All permissions that it can need, with what for. */
  readonly permissions: readonly Permission[];
  /** Runs it with the arguments after its name; resolves to the exit code. */
  run(args: readonly string[], io: CliIo): Promise<number>;
}

const COMMON: { json: FlagOption; help: FlagOption } = {
  json: flag("put one JSON object on the last line of standard output"),
  help: flag("show this help"),
};

/** Makes a command from its declaration. */
export function defineCommand<T extends OptionTable>(definition: CommandDefinition<T>): Command {
  const table = { ...definition.options, ...COMMON };
  const help = commandHelp({ ...definition, options: table });
  return {
    help,
    permissions: definition.permissions,
    async run(args: readonly string[], io: CliIo): Promise<number> {
      const { values, given, positionals } = readOptions(args, table);
      if (given.has("help")) {
        await io.writeOut(help);
        return 0;
      }
      checkPositionals(positionals, definition.positionals);
      const output = new Output(io, given.has("json"));
      return await definition.run({ options: values, given, positionals, args, io, output });
    },
  };
}

function checkPositionals(given: readonly string[], wanted: readonly Positional[]): void {
  const missing = wanted.find((positional, i) => i >= given.length && positional.optional !== true);
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing: ${missing.help}`);
  if (given.length > wanted.length && wanted.at(-1)?.many !== true) {
    throw new UsageError(`unexpected argument "${given[wanted.length]}"`);
  }
}
