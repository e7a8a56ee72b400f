/**
 * Reading a packed model from a file.
 */
import { PnetFormatError } from "../packed/mod.ts";

/** Why a file could not be read. */
export function readFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  return error instanceof Error ? error.message : String(error);
}

/** The bytes of a model file. */
export async function readModelBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new Error(`cannot read the model ${path}: ${readFailure(error)}`, { cause: error });
  }
}

/** Calls `read` with the file's bytes; an error about the format names the file. */
export function naming<T>(
  path: string,
  read: () => T,
  FormatError: abstract new (...args: never[]) => Error = PnetFormatError,
): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) throw new Error(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The name of a model after its file: without folder and ending, other characters than letters, digits, points, hyphens and underscores as hyphens. */
export function modelName(path: string): string {
  const name = path.replace(/^.*[/\\]/, "").replace(/\.pnet$/, "").replace(/[^\w.-]+/g, "-").slice(0, 100);
  return name || "model";
}
