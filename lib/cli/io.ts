/**
 * What a command reads from and writes to. The commands know only this interface, so that they run in a test as they do in a terminal.
 */

import { optionalVariable } from "./permissions.ts";

/** The streams of a command line. */
export interface CliIo {
  /** Standard input as raw bytes. */
  readonly stdin: ReadableStream<Uint8Array>;
  /** The terminal that standard error shows on, or undefined when it is a file or a pipe. */
  readonly terminal: Terminal | undefined;
  /** Writes to standard output; resolves when the text has been taken, so that a slow reader slows the command. */
  writeOut(text: string): Promise<void>;
  /** Writes to standard error. */
  writeError(text: string): void;
  /** Calls `handler` at Ctrl-C until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
}

/** A terminal that a person looks at. */
export interface Terminal {
  /** Whether colours are welcome (the environment variable NO_COLOR is not set). */
  readonly color: boolean;
  /** Width in characters at this moment. */
  columns(): number;
}

function writeAllSync(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += Deno.stderr.writeSync(bytes.subarray(written));
}

async function writeAll(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += await Deno.stdout.write(bytes.subarray(written));
}

function systemTerminal(): Terminal | undefined {
  if (!Deno.stderr.isTerminal() || optionalVariable("TERM") === "dumb") return undefined;
  const color = (optionalVariable("NO_COLOR") ?? "") === "";
  return { color, columns: () => Deno.consoleSize().columns };
}

/** The streams of this process. */
export function systemIo(): CliIo {
  return {
    get stdin(): ReadableStream<Uint8Array> {
      return Deno.stdin.readable;
    },
    terminal: systemTerminal(),
    writeOut: writeAll,
    writeError: writeAllSync,
    onInterrupt(handler: () => void): () => void {
      Deno.addSignalListener("SIGINT", handler);
      return () => Deno.removeSignalListener("SIGINT", handler);
    },
  };
}
