/**
 * Finding out before the work whether its result can be written.
 */

/**
 * Fails early when a file could not be written at `path` later: after an hour's training is no time to find out.
 *
 * A file of a passing name is made beside it and removed again.
 *
 * @throws {Error} when the folder is missing or takes no file, `path` is a folder, or a permission is missing
 */
export async function checkWritable(path: string): Promise<void> {
  const folder = path.replace(/[^/\\]*$/, "") || ".";
  const look = (at: string): Promise<Deno.FileInfo | undefined> =>
    Deno.stat(at).catch((error) => {
      if (error instanceof Deno.errors.NotCapable) throw error;
      return undefined;
    });
  const folderInfo = await look(folder);
  if (!folderInfo?.isDirectory) throw new Error(`cannot write ${path}: there is no folder ${folder}`);
  const info = await look(path);
  if (info?.isDirectory) throw new Error(`cannot write ${path}: it is a folder`);
  const probe = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeFile(probe, new Uint8Array(), { createNew: true });
    await Deno.remove(probe);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new Error(
      `cannot write ${path}: ${error instanceof Error ? error.message.replace(/:? writefile '.*'$/, "") : error}`,
    );
  }
}
