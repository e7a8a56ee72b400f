/**
 * The numbers of the `.pnet` format (FORMAT.md) and the checksum that its reader and its writer share.
 *
 * @module
 */

/** "PNET" as a little-endian integer. */
export const MAGIC = 0x54454e50;
/** Version of the format. */
export const VERSION = 1;
/** The most labels, and the most hidden values. */
export const MAX_OUTPUTS = 65536;
/** The greatest magnitude of a scale, bias or float weight: it keeps every logit finite. */
export const MAX_MAGNITUDE = 4294967296;
/** The greatest float32, the bound of offsets and scales of the input. */
export const MAX_FLOAT32 = 3.4028234663852886e38;
/** The most positions of a cell whose count the head reads as it is: the values of a product's terms are bytes. */
export const MAX_COUNT = 255;
/** The most counts that a head reads: their sum, each times 255 * 255, stays within 32 bits. */
export const MAX_COUNTS = 32768;
/** Projection families in the order of their numbers. */
export const FAMILIES = ["gaussian", "sign", "taps", "hadamard", "patch", "conv"] as const;
/** Number of the family text, which only files about text have. */
export const TEXT_FAMILY = 6;
/** Number of the kind of input of files about text. */
export const TEXT_INPUT = 4;
/** Added to the number of the family when rows are selected from a pool. */
export const SELECTED = 16;
/** Added to the number of the family when the head reads counts. */
export const COUNTS = 32;
/** Head precisions in the order of their numbers; 5, 6 and 7 are tables of int8, int4 and ternary entries. */
export const PRECISIONS = ["float", "int8", "int4", "ternary", "binary"] as const;
/** What is added to the number of a precision for tables of it. */
export const TABLES = 4;
/** Bit of a layer's first byte: the weights are entropy-coded. */
export const CODED = 128;
/** The most bits that select a row of a table. */
export const MAX_TABLE_BITS = 16;
/** Tags of the sections, in the order in which they stand in a file. */
export const TAGS = {
  input: 1,
  trunk: 8,
  projection: 2,
  labels: 3,
  thresholds: 4,
  "hidden layer": 5,
  "output layer": 6,
  rejection: 7,
} as const;

/** Name of a section. */
export type SectionName = keyof typeof TAGS;

/**
 * The labels that a file does not spell out.
 *
 * @param count number of labels
 * @returns "0", "1", ... count - 1
 */
export function decimalLabels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

/**
 * CRC-32 as in IEEE 802.3, gzip and PNG: reflected polynomial 0xedb88320. It notices every change that is confined to 32 consecutive bits.
 *
 * @param bytes what to sum up
 * @returns an unsigned 32-bit integer
 */
export function crc32(bytes: Uint8Array): number {
  /** What the four lowest bits become. */
  const steps = Int32Array.from({ length: 16 }, (_, bits) => {
    for (let bit = 0; bit < 4; bit++) bits = (bits >>> 1) ^ (0xedb88320 & -(bits & 1));
    return bits;
  });
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i];
    for (let half = 0; half < 2; half++) crc = (crc >>> 4) ^ steps[crc & 15];
  }
  return ~crc >>> 0;
}
