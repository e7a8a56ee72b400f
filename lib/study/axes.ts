/**
 * Axes of a plot: which numbers stand at them, and where.
 *
 * @module
 */

/** An axis: its numbers, and the place of any number on it. */
export interface Axis {
  /** The numbers that are written at it, ascending. */
  readonly ticks: readonly number[];
  /** First and last number on it. */
  readonly domain: readonly [number, number];
  /** Where a number stands, in 0...1. */
  place(value: number): number;
}

/** Multiples of powers of ten at which a logarithmic axis can have numbers, the densest first. */
const logSteps: readonly (readonly number[])[] = [[1, 2, 5], [1, 3], [1]];

/**
 * A logarithmic axis that holds all values, all above 0, with a little room at its ends.
 *
 * @param values what stands on it
 * @param options the most numbers that there is room for
 */
export function logAxis(values: readonly number[], { most }: { most: number }): Axis {
  const [low, high] = widen(Math.log10(Math.min(...values)), Math.log10(Math.max(...values)), {
    room: 0.04,
    least: 0.1,
  });
  const candidates = logSteps.map((multiples) => {
    const ticks: number[] = [];
    for (let power = Math.floor(low); power <= high; power++) {
      for (const multiple of multiples) {
        const tick = multiple * 10 ** power;
        if (Math.log10(tick) >= low && Math.log10(tick) <= high) ticks.push(tick);
      }
    }
    return ticks;
  });
  const ticks = candidates.find(({ length }) => length <= most) ?? everyFew(candidates[candidates.length - 1], most);
  return {
    ticks,
    domain: [10 ** low, 10 ** high],
    place: (value) => (Math.log10(value) - low) / (high - low),
  };
}

/**
 * A linear axis that holds all values, from tick to tick.
 *
 * @param values what stands on it
 * @param options about how many numbers there is room for, and the number that is the end of all
 */
export function linearAxis(values: readonly number[], { most, end }: { most: number; end: number }): Axis {
  const wide = widen(Math.min(...values), Math.max(...values), { room: 0.03, least: 1e-3 * end });
  const [low, high] = wide.map((value) => Math.min(Math.max(value, 0), end));
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((multiple) => multiple * power).find((step) => step >= rough * 0.999999) ?? rough;
  const first = Math.floor(low / step), last = Math.ceil(high / step - 1e-9);
  const ticks = Array.from(
    { length: last - first + 1 },
    (_, index) => Number(((first + index) * step).toPrecision(12)),
  );
  const domain = [ticks[0], ticks[ticks.length - 1]] as const;
  return { ticks, domain, place: (value) => (value - domain[0]) / (domain[1] - domain[0]) };
}

function widen(low: number, high: number, { room, least }: { room: number; least: number }): [number, number] {
  const margin = Math.max((high - low) * room, least);
  return [low - margin, high + margin];
}

function everyFew(ticks: readonly number[], most: number): number[] {
  const few = Math.ceil(ticks.length / Math.max(1, most));
  return ticks.filter((_, index) => index % few === 0);
}

/** A number at an axis: `800`, `1k`, `2.5k`, `1M`. */
export function shortNumber(value: number): string {
  for (const [unit, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (value >= unit) return `${Number((value / unit).toPrecision(3))}${name}`;
  }
  return `${Number(value.toPrecision(3))}`;
}

/** Items of given widths in as few rows as hold them, in their order; an item wider than a row has one of its own. */
export function inRows(widths: readonly number[], room: number): number[][] {
  const rows: number[][] = [];
  let left = -1;
  widths.forEach((width, index) => {
    if (width > left) {
      rows.push([]);
      left = room;
    }
    rows[rows.length - 1].push(index);
    left -= width;
  });
  return rows;
}
