/**
 * A binary arithmetic coder with adaptive probabilities, in whole numbers below 2^53 (FORMAT.md, "Coded weights"; Martin, Range encoding, 1979).
 *
 * @module
 */

/** Codes one binary decision in a context: an encoder takes `bit`, a decoder finds it. Both return it. */
export type CodeBit = (context: number, bit: number) => number;

/** Where the counts of a context are halved. */
const MOST = 1 << 16;
/** The interval is kept at least this wide. */
const NARROW = 0x1000000;

/** How often each context has seen a 0 (even places) and a 1 (odd places), from one each on. */
const counts = (contexts: number): Uint32Array => new Uint32Array(2 * contexts).fill(1);

function count(seen: Uint32Array, at: number, bit: number): void {
  seen[at + bit] += 2;
  if (seen[at] + seen[at + 1] < MOST) return;
  seen[at] = (seen[at] + 1) >> 1;
  seen[at + 1] = (seen[at + 1] + 1) >> 1;
}

/**
 * Encodes decisions.
 *
 * @param contexts number of contexts
 * @param run makes the decisions, in the order in which they will be found
 * @returns the shortest bytes that decode to them
 */
export function encodeBits(contexts: number, run: (code: CodeBit) => void): Uint8Array<ArrayBuffer> {
  const seen = counts(contexts);
  const bytes: number[] = [];
  let low = 0, range = 0xffffffff;
  const carry = (): void => {
    let at = bytes.length - 1;
    while (bytes[at] === 255) bytes[at--] = 0;
    bytes[at]++;
  };
  run((context, bit) => {
    const at = 2 * context;
    const zeros = Math.floor(range / (seen[at] + seen[at + 1])) * seen[at];
    if (bit) {
      low += zeros;
      range -= zeros;
      if (low > 0xffffffff) {
        low -= 0x100000000;
        carry();
      }
    } else range = zeros;
    for (; range < NARROW; range *= 256) {
      bytes.push(low >>> 24);
      low = (low & 0xffffff) * 256;
    }
    count(seen, at, bit);
    return bit;
  });
  // The number in the interval with the most zero bytes at its end, which are left out.
  if (low + range > 0x100000000) carry();
  else bytes.push(Math.ceil(low / NARROW));
  let length = bytes.length;
  while (length && !bytes[length - 1]) length--;
  return Uint8Array.from(bytes.slice(0, length));
}

/**
 * Decodes decisions; bytes that are missing count as 0.
 *
 * @param contexts number of contexts
 * @param bytes what was encoded
 * @returns finds the decisions, in their order
 */
export function bitDecoder(contexts: number, bytes: Uint8Array): CodeBit {
  const seen = counts(contexts);
  let next = 0, code = 0, range = 0xffffffff;
  const shift = (): void => {
    code = code * 256 + (bytes[next++] ?? 0);
  };
  for (let i = 0; i < 4; i++) shift();
  return (context) => {
    const at = 2 * context;
    const zeros = Math.floor(range / (seen[at] + seen[at + 1])) * seen[at];
    const bit = Number(code >= zeros);
    if (bit) {
      code -= zeros;
      range -= zeros;
    } else range = zeros;
    for (; range < NARROW; range *= 256) shift();
    count(seen, at, bit);
    return bit;
  };
}
