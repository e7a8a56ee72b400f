/**
 * Help texts, laid out from the same tables that the arguments are checked by.
 */
import type { OptionTable } from "./options.ts";
import type { Permission } from "./permissions.ts";

/** The program's name in help and messages. */
export const PROGRAM = "projectionnet";

/** What the help of a command shows. */
export interface HelpSource {
  /** The word on the command line. */
  readonly name: string;
  /** What the command does. */
  readonly description: string;
  /** Arguments known by their place. */
  readonly positionals: readonly {
    readonly name: string;
    readonly help: string;
    readonly optional?: boolean;
    readonly many?: boolean;
  }[];
  /** All options. */
  readonly options: OptionTable;
  /** All permissions that it can need, with what for. */
  readonly permissions: readonly Permission[];
  /** Command lines with % for the program's name. */
  readonly examples: readonly string[];
  /** More of them, by heading. */
  readonly moreExamples?: Readonly<Record<string, readonly string[]>>;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Two columns: names on the left, wrapped explanations on the right. */
export function twoColumns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(28, Math.max(...rows.map(([name]) => name.length)));
  return rows.map(([name, explanation]) => {
    const lines = wrap(explanation, 96 - left);
    const first = name.length > left ? [`  ${name}`] : [];
    const rest = lines.map((line, i) => `  ${(i === 0 && first.length === 0 ? name : "").padEnd(left)}  ${line}`);
    return [...first, ...rest].join("\n");
  }).join("\n");
}

function optionRow(name: string, option: OptionTable[string]): [string, string] {
  if ("flag" in option) return [`--${name}`, option.help];
  const note = option.required ? " (required)" : option.default === undefined ? "" : ` (default: ${option.default})`;
  return [`--${name} ${option.value}`, option.help + note];
}

/** The help text of one command. */
export function commandHelp(source: HelpSource): string {
  const { name, description, positionals, options, examples } = source;
  const places = positionals.map(({ name, optional, many }) => {
    const place = many ? `${name}…` : name;
    return optional ? `[${place}]` : place;
  });
  const sections = [
    ["Usage:", `  ${[PROGRAM, name, ...places, "[options]"].join(" ")}`].join("\n"),
    wrap(description, 100).join("\n"),
  ];
  if (positionals.length > 0) {
    sections.push(["Arguments:", twoColumns(positionals.map(({ name, help }) => [name, help]))].join("\n"));
  }
  sections.push(
    ["Options:", twoColumns(Object.entries(options).map(([name, option]) => optionRow(name, option)))].join("\n"),
  );
  sections.push(["Permissions (of deno run):", twoColumns(source.permissions)].join("\n"));
  const heading = examples.length === 1 ? "Example" : "Examples";
  for (const [title, lines] of Object.entries({ [heading]: examples, ...source.moreExamples })) {
    sections.push([`${title}:`, ...lines.map((line) => `  ${line.replaceAll("%", PROGRAM)}`)].join("\n"));
  }
  return `${sections.join("\n\n")}\n`;
}
