/**
 * Where a command's words go. What it was asked for goes to standard output, everything said on the way to standard error; with
 * `--json` people's words all go to standard error and the last line of standard output is the JSON object.
 */
import type { CliIo } from "./io.ts";

/** The output of one command. */
export class Output {
  readonly #io: CliIo;

  /** Whether `--json` was given. */
  readonly json: boolean;

  /** Takes the streams, and whether `--json` was given. */
  constructor(io: CliIo, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  /** Shows a result to people. */
  async show(text: string): Promise<void> {
    const line = text.endsWith("\n") ? text : `${text}\n`;
    if (this.json) this.#io.writeError(line);
    else await this.#io.writeOut(line);
  }

  /** Says something on the way. */
  note(text: string): void {
    this.#io.writeError(`${text}\n`);
  }

  /** Writes the JSON object when it was asked for. */
  async result(value: object): Promise<void> {
    if (this.json) await this.#io.writeOut(`${JSON.stringify(value)}\n`);
  }
}
