/**
 * Progress of long work on standard error: on a terminal a bar that is redrawn, otherwise plain lines at a modest pace.
 */
import { count, duration } from "./format.ts";
import type { CliIo } from "./io.ts";

/** How far the work is. */
export interface ProgressState {
  /** What is being done, such as "epoch 3/10". */
  label: string;
  /** Share that is done, in 0…1. */
  fraction: number;
  /** Units a second, or undefined while it is unknown. */
  rate?: number;
  /** What the rate counts, such as "examples". */
  unit: string;
  /** Expected seconds until the end, or undefined while they are unknown. */
  secondsLeft?: number;
  /** Figures worth showing, such as "loss 0.031". */
  detail?: string;
  /** Whether a stage has ended, which plain output tells sooner. */
  milestone?: boolean;
}

/** When something is shown again, in milliseconds. */
const PACE = { redraw: 100, milestone: 1000, line: 10_000 };

const BAR_WIDTH = 24;

/** Shows progress until {@linkcode Progress.end}. */
export class Progress {
  readonly #io: CliIo;
  readonly #now: () => number;
  #shownAt = -Infinity;
  #drawn = false;
  #last: ProgressState | undefined;

  /** Takes the streams, whose terminal gets a bar, and a clock in milliseconds. */
  constructor(io: CliIo, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#now = now;
  }

  /** Takes the newest state; shows it when it is time. */
  update(state: ProgressState): void {
    this.#last = state;
    const terminal = this.#io.terminal;
    const pace = terminal !== undefined ? PACE.redraw : state.milestone ? PACE.milestone : PACE.line;
    const now = this.#now();
    if (now - this.#shownAt < pace) return;
    this.#shownAt = now;
    this.#last = undefined;
    if (terminal === undefined) {
      this.#io.writeError(`${describe(state)}\n`);
    } else {
      const line = bar(state, { color: terminal.color, columns: terminal.columns() });
      this.#io.writeError(`\r\x1b[K${line}`);
      this.#drawn = true;
    }
  }

  /** Shows the last state if it has not been shown (plain output only), removes the bar. */
  end(): void {
    if (this.#drawn) this.#io.writeError("\r\x1b[K");
    else if (this.#io.terminal === undefined && this.#last?.milestone) this.#io.writeError(`${describe(this.#last)}\n`);
    this.#drawn = false;
    this.#last = undefined;
  }
}

function facts(state: ProgressState): string[] {
  const parts: string[] = [];
  if (state.rate !== undefined && Number.isFinite(state.rate)) parts.push(`${count(state.rate)} ${state.unit}/s`);
  if (state.secondsLeft !== undefined && Number.isFinite(state.secondsLeft) && state.fraction < 1) {
    parts.push(`${duration(state.secondsLeft)} left`);
  }
  if (state.detail !== undefined && state.detail !== "") parts.push(state.detail);
  return parts;
}

/** The fraction within 0…1; 0 for NaN. */
function share(fraction: number): number {
  return fraction > 0 ? Math.min(1, fraction) : 0;
}

function wholePercent(fraction: number): string {
  return `${Math.floor(100 * share(fraction))}%`;
}

function describe(state: ProgressState): string {
  return [`${state.label}: ${wholePercent(state.fraction)}`, ...facts(state)].join(", ");
}

function bar(state: ProgressState, { color, columns }: { color: boolean; columns: number }): string {
  const filled = Math.round(BAR_WIDTH * share(state.fraction));
  const tail = [wholePercent(state.fraction).padStart(4), ...facts(state)].join("  ");
  const room = Math.max(0, columns - 1);
  const head = `${state.label} [`;
  if (head.length + BAR_WIDTH + 2 + tail.length > room) return `${state.label} ${tail.trimStart()}`.slice(0, room);
  const done = "#".repeat(filled);
  return `${head}${color ? `\x1b[32m${done}\x1b[0m` : done}${"-".repeat(BAR_WIDTH - filled)}] ${tail}`;
}
