/**
 * The command line: finds the command, runs it, and turns its outcome into an exit code.
 *
 * 0: done. 1: failed. 2: bad usage. 130: stopped by Ctrl-C.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import type { Command } from "./command.ts";
import { InterruptedError, UsageError } from "./errors.ts";
import { PROGRAM, twoColumns } from "./help.ts";
import { type CliIo, systemIo, type Terminal } from "./io.ts";
import { namePermission } from "./permissions.ts";
import { suggestion } from "./suggest.ts";

export { type CliIo, InterruptedError, systemIo, type Terminal, UsageError };

/** A command in the list; its module is loaded when it is called. */
interface CommandEntry {
  summary: string;
  load(): Promise<{ command: Command }>;
}

const COMMANDS: Record<string, CommandEntry> = {
  train: {
    summary: "train a full network and projection networks jointly, write the packed model",
    load: () => import("./train.ts"),
  },
  eval: { summary: "evaluate a packed model on a data set", load: () => import("./eval.ts") },
  predict: { summary: "classify JSON lines with a packed model", load: () => import("./predict.ts") },
  inspect: { summary: "show every section of a model with its bytes", load: () => import("./inspect.ts") },
  export: { summary: "write a packed model as ONNX", load: () => import("./export.ts") },
  serve: {
    summary: "answer over HTTP with packed models, and show a page to try them",
    load: () => import("./serve.ts"),
  },
  page: { summary: "write a page to try a packed model, in one file", load: () => import("./page.ts") },
  embed: { summary: "write a module that holds a packed model, ready to classify", load: () => import("./embed.ts") },
  "build-graph": {
    summary: "join every example with its nearest ones, for training with few labels",
    load: () => import("./build_graph.ts"),
  },
  study: {
    summary: "find out how many bits a task needs: accuracy against bits and bytes",
    load: () => import("./study.ts"),
  },
  data: { summary: "list or fetch the known data sets", load: () => import("./data.ts") },
  demo: { summary: "train, pack and try a model on MNIST", load: () => import("./demo.ts") },
};

function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return [
    `${PROGRAM} ${config.version}: joint training of a full network and a tiny projection network`,
    "",
    "Usage:",
    `  ${PROGRAM} COMMAND [options]`,
    "",
    "Commands:",
    twoColumns([...commands, ["help", "show this, or the help of a command"]]),
    "",
    "Every command has --help with an example, and --json. In the repository a command is a task:",
    "  deno task demo",
    "",
  ].join("\n");
}

function findCommand(name: string): CommandEntry {
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new UsageError(`unknown command "${name}"${suggestion(name, Object.keys(COMMANDS))}`);
  }
  return COMMANDS[name];
}

async function dispatch(args: readonly string[], io: CliIo): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) throw new UsageError("a command is missing");
  if (name === "--version" || name === "-V") {
    await io.writeOut(`${config.version}\n`);
    return 0;
  }
  if (name === "help" || name === "--help" || name === "-h") {
    if (rest.length > 1) throw new UsageError(`unexpected argument "${rest[1]}"`);
    await io.writeOut(rest.length === 0 ? overview() : (await findCommand(rest[0]).load()).command.help);
    return 0;
  }
  if (name.startsWith("-")) throw new UsageError(`unknown option ${name} before the command`);
  const { command } = await findCommand(name).load();
  return await command.run(rest, io);
}

/** Errors that are a fault of the program, so that where they come from is worth showing. */
const FAULTS = [TypeError, ReferenceError, SyntaxError];

/**
 * Runs a command line and resolves to its exit code; never rejects for bad input.
 *
 * ```ts
 * import { runCli } from "@neuralbits/projectionnet/cli";
 *
 * const code = await runCli(["help", "inspect"]);
 * if (code !== 0) throw new Error("help is always there");
 * ```
 *
 * @param args the arguments, the command's name first
 * @param io the streams, by default those of this process
 */
export async function runCli(args: readonly string[], io: CliIo = systemIo()): Promise<number> {
  const isCommand = Object.hasOwn(COMMANDS, args[0] ?? "");
  const speaker = isCommand ? `${PROGRAM} ${args[0]}` : PROGRAM;
  try {
    return await dispatch(args, io);
  } catch (error) {
    // The reader of our output has left, as "head" does: nobody is there to be told.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    if (error instanceof UsageError) {
      const help = isCommand ? `${speaker} --help` : `${PROGRAM} help`;
      io.writeError(`${speaker}: ${error.message}\nTry "${help}".\n`);
      return 2;
    }
    if (error instanceof InterruptedError) {
      io.writeError(`${speaker}: ${error.message}\n`);
      return 130;
    }
    const missing = namePermission(error instanceof Error ? error.message : String(error));
    if (missing !== undefined) {
      io.writeError(`${speaker}: ${missing}\n"${speaker} --help" lists the permissions that it needs.\n`);
      return 1;
    }
    const isFault = FAULTS.some((kind) => error instanceof kind);
    const message = error instanceof Error ? (isFault && error.stack) || error.message : String(error);
    io.writeError(`${speaker}: ${message}\n`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await runCli(Deno.args));
