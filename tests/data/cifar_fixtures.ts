/** Tar archives and CIFAR records for tests, written by hand from their descriptions, apart from the readers' code. */

import { concatenated, text } from "./fixtures.ts";

/** A file, or another entry, of an archive. */
export interface TarFile {
  path: string;
  bytes?: Uint8Array;
  /** The type flag; `0`, a regular file, when left out. */
  type?: string;
  /** The length in the header, as it stands there. */
  size?: string;
}

/** One header and its content, filled up to whole blocks. */
export function tarEntry({ path, bytes = new Uint8Array(0), type = "0", size }: TarFile): Uint8Array<ArrayBuffer> {
  const entry = new Uint8Array(512 + Math.ceil(bytes.length / 512) * 512);
  const put = (value: string, at: number) => entry.set(text(value), at);
  put(path, 0);
  put("0000644\0" + "0000000\0" + "0000000\0", 100);
  put(size ?? `${bytes.length.toString(8).padStart(11, "0")} `, 124);
  put("00000000000\0" + "        " + type, 136);
  put("ustar\x0000", 257);
  const sum = entry.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  entry.set(bytes, 512);
  return entry;
}

/** An archive with its end mark. */
export function tarBytes(files: readonly TarFile[]): Uint8Array<ArrayBuffer> {
  return concatenated([...files.map(tarEntry), new Uint8Array(1024)]);
}

/** The value of a channel of a pixel of the image of number `seed`. */
export function cifarPixel(seed: number, { pixel, channel }: { pixel: number; channel: number }): number {
  return (seed * 31 + channel * 85 + pixel) & 255;
}

/** A record: labels, then red, green and blue planes. */
export function cifarRecord(labels: readonly number[], seed: number): Uint8Array {
  const record = new Uint8Array(labels.length + 3072);
  record.set(labels);
  for (let i = 0; i < 3072; i++) {
    record[labels.length + i] = cifarPixel(seed, { pixel: i % 1024, channel: Math.floor(i / 1024) });
  }
  return record;
}

export const COARSE_NAMES = "plants\nanimals\n";
export const FINE_NAMES = "fern\noak\nfox\n\n";

/** The files of a small CIFAR-100: three classes in two groups, in the given order of images. */
export function cifar100Files({ train = [0, 1, 2, 0], test = [2, 1] } = {}): TarFile[] {
  const records = (classes: number[], seed: number) =>
    concatenated(classes.map((fine, i) => cifarRecord([fine === 2 ? 1 : 0, fine], seed + i)));
  return [
    { path: "cifar-100-binary/", type: "5" },
    { path: "cifar-100-binary/test.bin", bytes: records(test, 50) },
    { path: "cifar-100-binary/fine_label_names.txt", bytes: text(FINE_NAMES) },
    { path: "cifar-100-binary/train.bin", bytes: records(train, 0) },
    { path: "cifar-100-binary/coarse_label_names.txt", bytes: text(COARSE_NAMES) },
  ];
}

/** The files of a small CIFAR-10, one image a batch. */
export function cifar10Files(): TarFile[] {
  const names = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);
  return [
    ...[...names, "test_batch.bin"].map((name, i) => ({
      path: `cifar-10-batches-bin/${name}`,
      bytes: concatenated([cifarRecord([i], i)]),
    })).reverse(),
    { path: "cifar-10-batches-bin/batches.meta.txt", bytes: text("a0\na1\na2\na3\na4\na5\na6\na7\na8\na9\n\n") },
  ];
}

/** Writes files into a folder under their own names. */
export async function unpack(folder: string, files: readonly TarFile[]): Promise<void> {
  for (const { path, bytes } of files) {
    if (bytes !== undefined) await Deno.writeFile(`${folder}/${path.split("/").at(-1)}`, bytes);
  }
}
