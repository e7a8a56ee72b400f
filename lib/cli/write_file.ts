/**
 * Writing a file so that it is there whole or not at all.
 */

/** Writes to a temporary name beside `path` and renames it; after a failure nothing is left of it. */
export function writeFileWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp-${Deno.pid}`;
  try {
    Deno.writeFileSync(temporary, bytes);
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was not made.
    }
    throw new Error(`cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/**
 * Fails early when a file could not be written at `path` later: after an hour's training is no time to find out.
 *
 * @throws {Error} when the folder is missing or `path` is a folder
 */
export async function checkWritable(path: string): Promise<void> {
  const folder = path.replace(/[^/\\]*$/, "") || ".";
  const folderInfo = await Deno.stat(folder).catch(() => undefined);
  if (!folderInfo?.isDirectory) throw new Error(`cannot write ${path}: there is no folder ${folder}`);
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory) throw new Error(`cannot write ${path}: it is a folder`);
}
