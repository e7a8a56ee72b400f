/**
 * Finding out before the work whether its result can be written.
 */

/**
 * Fails early when a file could not be written at `path` later: after an hour's training is no time to find out.
 *
 * @throws {Error} when the folder is missing, `path` is a folder, or the permission to look is missing
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
}
