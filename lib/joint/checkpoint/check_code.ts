/**
 * What a checkpoint holds of a projection is looked at before it is used: a file with a right checksum may have been made by anybody.
 *
 * @module
 */
import { bitsOf, checkProjection, type ProjectionSpec, type TextSpec } from "../../projection/mod.ts";
import { checkText } from "../../projection/text.ts";
import { CheckpointError } from "../errors.ts";

/** What of a projection was not chosen on data. */
const given = ["family", "seed", "features", "functions", "bitsPerFunction"] as const;

/** Throws {@linkcode CheckpointError} unless a projection and its thresholds are those of a network with such a projection. */
export function checkCode(
  { projection, thresholds }: { readonly projection: ProjectionSpec | TextSpec; readonly thresholds: Int32Array },
  own: ProjectionSpec | TextSpec,
): void {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new CheckpointError("damaged", `the checkpoint holds another projection: ${problem}`, { cause });
  };
  try {
    const [found, wanted] = [projection, own].map((spec) => spec as unknown as Readonly<Record<string, unknown>>);
    const other = given.find((name) => found[name] !== wanted[name]);
    if (other !== undefined) refuse(`${other} is ${found[other]}, wanted ${wanted[other]}`);
    if (projection.family === "text") checkText(projection);
    else checkProjection(projection);
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    refuse((error as Error).message, error);
  }
  if (!(thresholds instanceof Int32Array) || thresholds.length !== bitsOf(own)) {
    refuse(`${thresholds?.length ?? "no"} thresholds, wanted ${bitsOf(own)}`);
  }
}
