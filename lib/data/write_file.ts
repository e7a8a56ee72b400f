/**
 * Writing a file so that it is there whole or not at all.
 */

/**
 * Writes under a temporary name beside `path` and renames it, so that no reader ever sees a part of the file. After a failure
 * nothing new is left, and what was at `path` before is still there.
 *
 * @throws {Error} naming `path`, with the platform's error as its cause
 */
export async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeFile(temporary, bytes, { createNew: true });
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new Error(`cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
