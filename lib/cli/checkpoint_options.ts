/**
 * `train --checkpoint DIR`: what is told of checkpoints, and how to go on after Ctrl-C.
 */
import type { CheckpointEvent, CheckpointOptions } from "../joint/mod.ts";
import { InterruptedError, UsageError } from "./errors.ts";
import { count } from "./format.ts";
import { PROGRAM } from "./help.ts";
import { untilInterrupted } from "./interrupt.ts";
import type { CliIo } from "./io.ts";
import { number, text } from "./option_values.ts";
import { flag, type OptionValues } from "./options.ts";

/** Options of checkpoints. */
export const CHECKPOINT_OPTIONS = {
  checkpoint: {
    value: "DIR",
    help:
      "keep the state of the training in this folder, at the end of epochs and every --checkpoint-seconds; a training that was stopped in any way goes on with " +
      "--resume, and ends with the same files",
    parse: text,
  },
  "checkpoint-seconds": {
    value: "S",
    help: "seconds from one checkpoint to the next, 0 for one after each step (otherwise 60)",
    parse: number({ min: 0 }),
  },
  resume: flag("go on with the newest checkpoint in --checkpoint DIR; begin when there is none"),
} as const;

/** Milliseconds that saving may take after Ctrl-C. */
const savingGrace = 20_000;

/** The checkpoints of one command. */
export class CommandCheckpoints {
  readonly #options: OptionValues<typeof CHECKPOINT_OPTIONS>;
  readonly #io: CliIo;
  #saved: { path: string; step: number; epoch: number } | undefined;
  #isFailing = false;

  /**
   * Takes the options.
   *
   * @throws {UsageError} when they need --checkpoint
   */
  constructor(options: OptionValues<typeof CHECKPOINT_OPTIONS>, io: CliIo) {
    this.#options = options;
    this.#io = io;
    if (options.checkpoint !== undefined) return;
    if (options.resume) throw new UsageError("--resume goes on with a checkpoint; --checkpoint DIR says where it is");
    if (options["checkpoint-seconds"] !== undefined) {
      throw new UsageError("--checkpoint-seconds is for --checkpoint DIR");
    }
  }

  /** What a training is given; undefined without --checkpoint. `context` is what it depends on beside its own options. */
  options(context?: unknown): CheckpointOptions | undefined {
    const { checkpoint: folder, "checkpoint-seconds": seconds, resume } = this.#options;
    if (folder === undefined) return undefined;
    return { folder, seconds, resume, context, onEvent: (event) => this.#tell(event) };
  }

  /**
   * Runs `work` until it ends or Ctrl-C is pressed, and says then with which command line it goes on.
   *
   * @param work gets a signal that is aborted at Ctrl-C
   * @param args the arguments of the command
   * @param keep writes what is there of the result after Ctrl-C, and says what that is
   */
  async untilInterrupted<T>(
    work: (signal: AbortSignal) => Promise<T>,
    args: readonly string[],
    keep: () => Promise<string | undefined> = () => Promise.resolve(undefined),
  ): Promise<T> {
    const isKeeping = this.#options.checkpoint !== undefined;
    try {
      return await untilInterrupted(work, {
        io: this.#io,
        message: "stopped by Ctrl-C",
        grace: isKeeping ? savingGrace : undefined,
      });
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      const written = await keep();
      const stopped = [error.message, ...(written === undefined ? [] : [written])].join("; ");
      if (!isKeeping) throw new InterruptedError(written === undefined ? `${stopped}; nothing was written` : stopped);
      const saved = this.#saved === undefined
        ? "there is no checkpoint yet; this begins again"
        : `${progressOf(this.#saved)} are saved in ${this.#saved.path}; this goes on`;
      throw new InterruptedError(`${stopped}; ${saved}:\n  ${resumingLine(args)}`);
    }
  }

  #tell(event: CheckpointEvent): void {
    if (event.kind === "written") {
      this.#saved = event;
      if (this.#isFailing) this.#io.writeError(`checkpoints can be written again: ${event.path}\n`);
      this.#isFailing = false;
    } else if (event.kind === "resumed") {
      this.#saved = event;
      for (const damaged of event.damaged) this.#io.writeError(`${damaged}; the one before it is used\n`);
      this.#io.writeError(`resuming from ${event.path}: ${progressOf(event)} are done\n`);
    } else if (event.kind === "begun") {
      this.#io.writeError(`${event.folder} holds no checkpoint yet: starting from the beginning\n`);
    } else {
      if (!this.#isFailing) {
        this.#io.writeError(`${event.error.message}; the training goes on, and the checkpoints before stay\n`);
      }
      this.#isFailing = true;
    }
  }
}

function progressOf({ step, epoch }: { step: number; epoch: number }): string {
  return `${count(step)} steps (${count(epoch)} epochs)`;
}

/** Whether a path is a checkpoint's, or a folder of them: by the ending, so that a damaged one is called so. */
export async function isCheckpoint(path: string): Promise<boolean> {
  return path.endsWith(".pnck") || await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

/** The command line that goes on. */
function resumingLine(args: readonly string[]): string {
  const quoted = args.map((arg) => /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`);
  return [PROGRAM, "train", ...quoted, ...(args.includes("--resume") ? [] : ["--resume"])].join(" ");
}
