/**
 * What has to be known of a random projection to regenerate it: a handful of integers (arXiv 1708.00630, section 3: T functions of d bits).
 *
 * @module
 */

/** The fields that every family of projections has. */
export interface ProjectionShape {
  /** Unsigned 32-bit seed of every random entry. */
  seed: number;
  /** n: number of input features, 1…2^22. */
  features: number;
  /** T: number of projection functions, at least 1. */
  functions: number;
  /** d: number of bits of each function, at least 1. The code has T·d bits; bit i of function j is row j·d + i. */
  bitsPerFunction: number;
}

/** Dense rows of near-Gaussian integers in −127…127: see {@linkcode gaussianRow}. */
export interface GaussianSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "gaussian";
}

/** Dense rows of −1 and +1: see {@linkcode signRow}. */
export interface SignSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "sign";
}

/** Sparse rows: a few random features each, added or subtracted: see {@linkcode tapsRow}. */
export interface TapsSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "taps";
  /** Number of features that each row draws, with replacement; at least 1. */
  taps: number;
}

/** Random signs and fast Walsh–Hadamard transforms in place of a matrix: see {@linkcode prepareHadamardProduct}. */
export interface HadamardSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "hadamard";
}

/** A projection family and its parameters. */
export type ProjectionSpec = GaussianSpec | SignSpec | TapsSpec | HadamardSpec;

/** Name of a projection family. */
export type ProjectionFamily = ProjectionSpec["family"];

/** The most entries (bits × features, or bits × taps) that one projection may have: 2^26, which bounds the memory that a model file can ask for. */
export const MAX_PROJECTION_ENTRIES = 67108864;

/** The most input features that a projection may have: 2^22. */
export const MAX_FEATURES = 4194304;

/** The most bits that a projection may have: 2^20. */
export const MAX_BITS = 1048576;

/** The largest magnitude of one entry, by family; the family hadamard keeps to 32 bits by shifts. */
const LARGEST_ENTRY: Record<ProjectionFamily, number> = { gaussian: 127, sign: 1, taps: 1, hadamard: 0 };

/**
 * Refuses a specification that cannot be computed exactly: a number that is no integer or out of its range, more than
 * {@linkcode MAX_PROJECTION_ENTRIES} entries, or rows so long that a dot product with values 0…255 could leave the 32-bit integers.
 *
 * @param spec the projection to check
 * @throws {RangeError} names the field, what it holds and what was wanted
 */
export function checkProjection(spec: ProjectionSpec): void {
  const check = (name: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`projection: ${name} is ${value}, wanted an integer ${least}…${most}`);
    }
  };
  const largest = LARGEST_ENTRY[spec.family];
  if (largest === undefined) {
    throw new RangeError(`projection: family is ${spec.family}, wanted gaussian, sign, taps or hadamard`);
  }
  check("seed", spec.seed, 0, 0xffffffff);
  check("features", spec.features, 1, MAX_FEATURES);
  check("functions", spec.functions, 1, MAX_BITS);
  check("bitsPerFunction", spec.bitsPerFunction, 1, MAX_BITS);
  check("functions × bitsPerFunction", spec.functions * spec.bitsPerFunction, 1, MAX_BITS);
  if (spec.family === "hadamard") return;
  if (spec.family === "taps") check("taps", spec.taps, 1, MAX_PROJECTION_ENTRIES);
  const entriesOfRow = spec.family === "taps" ? spec.taps : spec.features;
  check("entries of a row", entriesOfRow, 1, Math.floor(0x7fffffff / (255 * largest)));
  check("bits × entries of a row", spec.functions * spec.bitsPerFunction * entriesOfRow, 1, MAX_PROJECTION_ENTRIES);
}
