/**
 * What has to be known of a random projection to regenerate it: a handful of integers (arXiv 1708.00630, section 3: T functions of d bits).
 *
 * @module
 */

/** The fields that every family of projections has. */
export interface ProjectionShape {
  /** Unsigned 32-bit seed of every random entry. */
  seed: number;
  /** n: number of input features, 1...2^22. */
  features: number;
  /** T: number of projection functions, at least 1. */
  functions: number;
  /** d: number of bits of each function, at least 1. The code has T*d bits; bit i of function j is row j*d + i. */
  bitsPerFunction: number;
  /** Which rows of a larger pool are used; the first T*d (conv: the first T filters) when left out. */
  selection?: Selection;
}

/** Rows that were chosen from a pool: row k of the code is generated as row `indices[k]`. */
export interface Selection {
  /** Number of candidates, at most 2^24. */
  pool: number;
  /** T*d numbers of rows, or for the family conv T numbers of filters: strictly ascending, below `pool`. */
  indices: Uint32Array;
}

/** The layout of an image: features row by row from the top, the channels of a pixel together. */
export interface ImageShape {
  /** Pixels in a row. */
  width: number;
  /** Number of rows. */
  height: number;
  /** Numbers in a pixel. */
  channels: number;
}

/** Dense rows of near-Gaussian integers in -127...127: see {@linkcode gaussianRow}. */
export interface GaussianSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "gaussian";
}

/** Dense rows of -1 and +1: see {@linkcode signRow}. */
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

/** Random signs and fast Walsh-Hadamard transforms in place of a matrix: see {@linkcode prepareHadamardProduct}. */
export interface HadamardSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "hadamard";
}

/** Rectangles of -1 and +1 somewhere in an image: see {@linkcode patchRow}. */
export interface PatchSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "patch";
  /** Layout of the features. */
  image: ImageShape;
  /** Smallest side of a patch in pixels, 1...the shorter side of the image. */
  smallest: number;
  /** Largest side, from `smallest` on; a side of the image that is shorter bounds it. */
  largest: number;
}

/** Counts of the positions in a cell of the image where a small random filter responds: see {@linkcode prepareConvProduct}. T filters, d cells. */
export interface ConvSpec extends ProjectionShape {
  /** Tag of the union. */
  family: "conv";
  /** Layout of the features. */
  image: ImageShape;
  /** Side of the filters in pixels. */
  filter: number;
  /** Pixels from one position of a filter to the next, in both directions. */
  stride: number;
  /** Side of a cell in positions. */
  cell: number;
  /** Positions from one cell to the next, 1...`cell`. */
  cellStride: number;
  /** [functions] a filter responds where its sum is strictly greater. */
  filterThresholds: Int32Array;
}

/** A projection that is the product with a matrix, row by row. */
export type RowsSpec = GaussianSpec | SignSpec | TapsSpec | HadamardSpec | PatchSpec;

/** A projection family and its parameters. */
export type ProjectionSpec = RowsSpec | ConvSpec;

/** Name of a projection family. */
export type ProjectionFamily = ProjectionSpec["family"];

/** The most entries (bits x entries of a row, or filters x taps) that one projection may have: 2^26, which bounds the memory that a model file can ask for. */
export const MAX_PROJECTION_ENTRIES = 67108864;

/** The most input features that a projection may have: 2^22. */
export const MAX_FEATURES = 4194304;

/** The most bits that a projection may have: 2^20. */
export const MAX_BITS = 1048576;

/** The largest pool that rows may be selected from: 2^24. */
export const MAX_POOL = 16777216;

/** The number of bits of a projection's code: functions x bits of a function. */
export function bitsOf(
  { functions, bitsPerFunction }: Pick<ProjectionShape, "functions" | "bitsPerFunction">,
): number {
  return functions * bitsPerFunction;
}

/**
 * The number under which a row (conv: a filter) of the code is generated: the one place where a selection takes effect.
 *
 * @param spec the projection
 * @param k row of the code
 * @returns row to hash
 */
export function sourceRow({ selection }: ProjectionShape, k: number): number {
  return selection === undefined ? k : selection.indices[k];
}

/** Where the filters of a {@linkcode ConvSpec} stand and how the positions are gathered into cells. */
export interface ConvLayout {
  /** Positions of a filter from left to right: floor((width - filter) / stride) + 1. */
  positionsAcross: number;
  /** Positions from top to bottom. */
  positionsDown: number;
  /** Cells from left to right: ceil(max(0, positions - cell) / cellStride) + 1; cell i begins at position i*cellStride and is clipped at the last position. */
  cellsAcross: number;
  /** Cells from top to bottom. */
  cellsDown: number;
}

/**
 * Computes the layout of a convolution.
 *
 * @param spec image, filter, stride, cell and cell stride
 * @returns numbers of positions and cells
 */
export function convLayout(
  { image, filter, stride, cell, cellStride }: Pick<ConvSpec, "image" | "filter" | "stride" | "cell" | "cellStride">,
): ConvLayout {
  const positions = (side: number): number => Math.floor((side - filter) / stride) + 1;
  const cells = (count: number): number => Math.ceil(Math.max(0, count - cell) / cellStride) + 1;
  const positionsAcross = positions(image.width), positionsDown = positions(image.height);
  return { positionsAcross, positionsDown, cellsAcross: cells(positionsAcross), cellsDown: cells(positionsDown) };
}
