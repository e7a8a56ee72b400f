/**
 * Stand-in for `parseArgs` of `jsr:@std/cli/parse-args`, for machines that cannot reach the registry: only the options and the
 * forms of arguments that the command line uses (`string`, `boolean`, `collect`, `alias`, `unknown`; `--name value`,
 * `--name=value`, `--flag`, `-x`, `--`). Every option has to be declared as a string or a boolean and collected.
 */

/** What {@linkcode parseArgs} understands. */
export interface ParseOptions {
  string?: readonly string[];
  boolean?: readonly string[];
  collect?: readonly string[];
  alias?: Readonly<Record<string, string>>;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The parsed options by name, the rest under `_`. */
export interface Args extends Record<string, unknown> {
  _: string[];
}

/** Parses arguments as the package does; a string option without a value gets the empty string. */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { string = [], boolean = [], collect = [], alias = {}, unknown = () => true } = options;
  const result: Args = { _: [] };
  for (const name of collect) result[name] = [];
  const end = args.indexOf("--");
  const parsed = end < 0 ? args : args.slice(0, end);

  const set = (key: string, value: string | boolean, arg: string): void => {
    const name = alias[key] ?? key;
    if (!string.includes(name) && !boolean.includes(name)) {
      if (unknown(arg, key, value) === false) return;
    }
    if (collect.includes(name)) (result[name] as unknown[]).push(value);
    else result[name] = value;
  };

  for (let i = 0; i < parsed.length; i++) {
    const arg = parsed[i];
    const match = /^(--?)(.+?)(?:=(.+))?$/s.exec(arg);
    if (match === null) {
      if (unknown(arg) !== false) result._.push(arg);
      continue;
    }
    const [, , key, value] = match;
    const isBoolean = boolean.includes(alias[key] ?? key);
    const next = parsed[i + 1];
    if (value !== undefined) {
      set(key, isBoolean ? value !== "false" : value, arg);
    } else if (!isBoolean && next && !next.startsWith("-")) {
      set(key, next, arg);
      i++;
    } else if (next === "true" || next === "false") {
      set(key, next === "true", arg);
      i++;
    } else {
      set(key, string.includes(alias[key] ?? key) ? "" : true, arg);
    }
  }
  result._.push(...(end < 0 ? [] : args.slice(end + 1)));
  return result;
}
