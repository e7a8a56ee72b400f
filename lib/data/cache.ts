/**
 * The folder that fetched data sets are kept in: one sub-folder for each set. Files appear there whole or not at all.
 */

/** What the default folder depends on. */
export interface Platform {
  /** Operating system, as `Deno.build.os` names it. */
  os: string;
  /** Looks up an environment variable. */
  env(name: string): string | undefined;
}

/**
 * The data folder: the given one, else `PROJECTIONNET_DATA`, else the platform's cache folder with `/projectionnet`:
 * `XDG_CACHE_HOME` or `~/.cache` on Linux, `~/Library/Caches` on macOS, `LOCALAPPDATA` on Windows.
 * An environment that names none of them is an Error that asks for one.
 */
export function resolveDataDir(dataDir?: string, platform?: Platform): string {
  if (dataDir !== undefined && dataDir !== "") return dataDir;
  const { os, env } = platform ?? { os: Deno.build.os, env: (name: string) => Deno.env.get(name) };
  const chosen = env("PROJECTIONNET_DATA");
  if (chosen) return chosen;
  const base = cacheHome(os, env);
  if (base) return `${base}/projectionnet`;
  const wanted = os === "windows" ? "LOCALAPPDATA" : "HOME";
  throw new Error(`finding the data folder: the environment has no ${wanted}; set PROJECTIONNET_DATA or give a folder`);
}

function cacheHome(os: string, env: Platform["env"]): string | undefined {
  if (os === "windows") return env("LOCALAPPDATA");
  const home = env("HOME");
  if (os === "darwin") return home && `${home}/Library/Caches`;
  return env("XDG_CACHE_HOME") || (home && `${home}/.cache`);
}

/** The path of a set's folder, or of a file, below a folder. A name that could lead out of it is a RangeError. */
export function pathInside(folder: string, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new RangeError(
      `${JSON.stringify(name)} is no file name: wanted letters, digits, dots, hyphens and underscores`,
    );
  }
  return `${folder}/${name}`;
}

/**
 * Writes under a temporary name beside `path` and renames it, so that no reader ever sees a part of the file. After a failure
 * nothing new is left, and what was at `path` before is still there. The temporary name is `PATH.WRITER.UUID.tmp`, so that what a killed writer left can be told
 * from what others are writing; without a writer `PATH.UUID.tmp`. With `flush` the bytes are on the disk before the file has its name, and so outlive a loss of
 * power.
 *
 * @throws {Error} naming `path`, with the platform's error as its cause
 */
export async function writeFileWhole(
  path: string,
  bytes: Uint8Array,
  { writer, flush = false }: { writer?: string; flush?: boolean } = {},
): Promise<void> {
  const temporary = [path, ...(writer === undefined ? [] : [writer]), crypto.randomUUID(), "tmp"].join(".");
  try {
    await Deno.writeFile(temporary, bytes, { createNew: true });
    if (flush) await flushFile(temporary);
    await Deno.rename(temporary, path);
    // The name is on the disk when its folder is; some systems let nobody open one, and see to it themselves.
    if (flush) await flushFile(folderOf(path)).catch(() => {});
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new Error(`cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

async function flushFile(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  await file.sync();
}

function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : path.slice(0, end + 1);
}
