/**
 * The checksum of a `.pnet` file.
 *
 * @module
 */

/**
 * CRC-32 as in IEEE 802.3, gzip and PNG: reflected polynomial 0xedb88320. It notices every change that is confined to 32 consecutive bits.
 *
 * @param bytes what to sum up
 * @returns an unsigned 32-bit integer
 */
export function crc32(bytes: Uint8Array): number {
  const table = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (0xedb88320 & -(value & 1));
    table[i] = value;
  }
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 255];
  return ~crc >>> 0;
}
