/**
 * Writes lib/serve/generated.ts: the runtimes and the page's script as JavaScript that needs nothing else, minified. It is part of the repository, since
 * nothing can bundle them where a page is served or a model embedded.
 *
 *     deno task bundle [--check]
 *
 * `--check` writes nothing, and fails when the file is not what the sources give.
 */
const ROOT = new URL("../", import.meta.url);
const TARGET = new URL("lib/serve/generated.ts", ROOT);

const BUNDLES = [
  { name: "convRuntime", entry: "lib/packed/runtime_conv.ts", doc: "The runtime for filters on images." },
  { name: "rowsRuntime", entry: "lib/packed/runtime_rows.ts", doc: "The runtime for products with matrices." },
  { name: "textRuntime", entry: "lib/packed/runtime_text.ts", doc: "The runtime for texts." },
  { name: "trunkRuntime", entry: "lib/packed/runtime_trunk.ts", doc: "The runtime for images with a trunk." },
  { name: "pageScript", entry: "lib/serve/page/app.ts", doc: "What draws the page." },
];

async function bundle(entry: string): Promise<{ code: string; names: Record<string, string> }> {
  const { code: status, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "-q", "--no-lock", "--minify", "--platform=browser", entry],
    cwd: ROOT,
  }).output();
  if (status !== 0) throw new Error(`deno bundle ${entry} failed:\n${new TextDecoder().decode(stderr)}`);
  const text = new TextDecoder().decode(stdout).trim();
  const found = /export\{([^{}]*)\};?$/.exec(text);
  if (found === null) throw new Error(`the bundle of ${entry} does not end with its exports`);
  // deno-lint-ignore no-control-regex
  if (/<\/script|<!--|[^\x00-\x7f]|\bimport\b/i.test(text)) {
    throw new Error(`the bundle of ${entry} cannot stand in a page`);
  }
  const names = Object.fromEntries(
    found[1].split(",").map((part) => {
      const [own, name = own] = part.trim().split(" as ");
      return [name, own];
    }),
  );
  return { code: text.slice(0, found.index), names };
}

async function source(): Promise<string> {
  const parts: string[] = [];
  // One after the other: with an empty cache each would fetch the bundler, and they would be in each other's way.
  for (const { name, entry, doc } of BUNDLES) {
    const { code, names } = await bundle(entry);
    parts.push(`/** ${doc} */
export const ${name}: Bundle = {
  names: ${JSON.stringify(names)},
  code: ${JSON.stringify(code)},
};
`);
  }
  return `/**
 * Made by \`deno task bundle\` from the sources beside it; do not edit.
 *
 * @module
 */

/** A script without exports, and the names in it of what it would export. */
export interface Bundle {
  /** By the name of the export. */
  names: Record<string, string>;
  /** Statements. */
  code: string;
}

${parts.join("\n")}`;
}

/** The source as `deno fmt` lays it out. */
async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "-q", "--ext", "ts", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(text)).then(() => writer.close());
  const [{ stdout }] = await Promise.all([child.output(), written]);
  return new TextDecoder().decode(stdout);
}

const made = await formatted(await source());
if (Deno.args.includes("--check")) {
  const found = await Deno.readTextFile(TARGET).catch(() => "");
  if (found !== made) {
    console.error("lib/serve/generated.ts is not what the sources give; run: deno task bundle");
    Deno.exit(1);
  }
} else await Deno.writeTextFile(TARGET, made);
