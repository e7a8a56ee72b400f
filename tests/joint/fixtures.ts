import type { Dataset, TokenLists } from "../../mod.ts";
import { hash32 } from "../../lib/projection/mod.ts";

/** Small images of noisy blobs, one place a class: learnable, not trivial, a function of the seed. */
export function blobs(count: number, options: { classes?: number; side?: number; seed?: number } = {}): Dataset {
  const { classes = 4, side = 8, seed = 1 } = options;
  const features = new Uint8Array(count * side * side);
  const labels = new Uint16Array(count);
  for (let row = 0; row < count; row++) {
    const label = labels[row] = hash32(seed, 1, row) % classes;
    const angle = 2 * Math.PI * label / classes + (hash32(seed, 2, row) / 2 ** 32 - 0.5);
    const centre = { x: side / 2 + Math.cos(angle) * side / 4, y: side / 2 + Math.sin(angle) * side / 4 };
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const at = row * side * side + y * side + x;
        const distance = (x - centre.x) ** 2 + (y - centre.y) ** 2;
        features[at] = Math.min(255, Math.floor(200 * Math.exp(-distance / 3) + (hash32(seed, 3, at) & 63)));
      }
    }
  }
  return {
    name: "blobs",
    input: { kind: "image", width: side, height: side, channels: 1 },
    count,
    featureLength: side * side,
    features,
    labels,
    labelNames: Array.from({ length: classes }, (_, i) => String(i)),
  };
}

/** Sentences of hashed words of which two matter; the label is whether the one comes before the other. */
export function orderedTokens(count: number, { seed = 1 } = {}): { tokens: TokenLists; labels: Uint8Array } {
  const offsets = new Int32Array(count + 1), labels = new Uint8Array(count), ids: number[] = [];
  for (let row = 0; row < count; row++) {
    const length = 2 + hash32(seed, 1, row) % 8;
    const words = Array.from({ length }, (_, i) => hash32(9, 9, hash32(seed, 2 + i, row) % 20));
    const first = hash32(seed, 20, row) % (length - 1);
    const second = first + 1 + hash32(seed, 21, row) % (length - 1 - first);
    labels[row] = hash32(seed, 22, row) & 1;
    words[first] = labels[row] === 1 ? 1 : 2;
    words[second] = labels[row] === 1 ? 2 : 1;
    ids.push(...words);
    offsets[row + 1] = ids.length;
  }
  return { tokens: { offsets, ids: Int32Array.from(ids) }, labels };
}
