/** Builds files section by section, valid or hostile, with a right length and checksum: an independent writer for the tests. */

/** CRC-32, bit by bit. */
export function crcReference(bytes: ArrayLike<number>): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i];
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

export function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
}

export function section(tag: number, payload: number[]): number[] {
  return [tag, ...varint(payload.length), ...payload];
}

/** A file around sections that may hold anything. */
export function fileOf(...sections: number[][]): Uint8Array {
  const body = sections.flat();
  let size = 1;
  while (varint(9 + size + body.length).length !== size) size++;
  return seal([0x50, 0x4e, 0x45, 0x54, 1, ...varint(9 + size + body.length), ...body]);
}

/** Appends the checksum. */
export function seal(bytes: number[]): Uint8Array {
  const crc = crcReference(bytes);
  return Uint8Array.of(...bytes, crc & 255, (crc >>> 8) & 255, (crc >>> 16) & 255, crc >>> 24);
}

/** The sections of the example in FORMAT.md. */
export const EXAMPLE = {
  input: section(1, [1, 3]),
  projection: section(2, [2, 7, 1, 3, 2]),
  labels: section(3, [2, 2, 0x6e, 0x6f, 3, 0x79, 0x65, 0x73]),
  thresholds: section(4, [2, 1, 0x2a, 0]),
  output: section(6, [0x43, 0, 0x3f, 0, 0, 0x80, 0x3f, 0xa7, 0x02]),
};
