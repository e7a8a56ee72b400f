/**
 * Finding out before the work whether its result can be written.
 */

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
