/**
 * Folders of PNG images, one folder a class, beside each other or in folders `train` and `test`.
 *
 * @module
 */

import { type Dataset, MAX_CLASSES } from "./dataset.ts";
import { DataFormatError, DatasetNotFoundError } from "./errors.ts";
import { isAbsence } from "./known_file.ts";
import { orderLabels } from "./labels.ts";
import { decodePng, type PngImage } from "./png.ts";
import { resizeImage } from "./resize_image.ts";

/** Width and height of images. */
export interface ImageSize {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Settings of {@linkcode openPngFolder}. */
export interface PngFolderOptions {
  /** Which part is wanted, where there are folders `train` and `test`. */
  readonly split: "train" | "test";
  /** Class names of a trained model: they keep their places. */
  readonly labelNames?: readonly string[];
  /** The size that all images are brought to; without it they must agree. */
  readonly size?: ImageSize;
}

/** Files that are read at a time. */
const atOnce = 16;

const isPng = (name: string): boolean => /\.png$/i.test(name);

/** Whether a folder has PNG images in folders, or in folders of its folders `train` or `test`. */
export async function isPngFolder(folder: string): Promise<boolean> {
  for (const name of ["train", "test", ""]) {
    const part = name === "" ? folder : `${folder}/${name}`;
    for (const kind of (await list(part)).folders) {
      if ((await list(`${part}/${kind}`)).files.some(isPng)) return true;
    }
  }
  return false;
}

/**
 * Reads a folder of images: a folder in it is a class, of its name; with folders `train` and `test`, the classes are in those. Rows are in the order of the
 * classes' names, then of the files'. Images are grey when all are, otherwise RGB; see {@linkcode decodePng} for depths and transparency. Names that begin
 * with a dot are left aside. A file that is no PNG image, or of another size than the first, is a {@linkcode DataFormatError} naming it.
 */
export async function openPngFolder(
  source: string,
  { split, labelNames, size }: PngFolderOptions,
): Promise<Dataset> {
  const { folders } = await list(source);
  const parts = ["train", "test"].filter((name) => folders.includes(name));
  const isSplit = parts.length > 0 && folders.length === parts.length;
  if (isSplit && !parts.includes(split)) {
    throw new DatasetNotFoundError(source, `has no folder ${split}, wanted one beside ${parts.join(" and ")}`);
  }
  const root = isSplit ? `${source}/${split}` : source;
  const classes = isSplit ? (await list(root)).folders : folders;
  const names: string[] = [], found: string[] = [], images: PngImage[] = [];
  for (const label of classes) {
    const { files } = await list(`${root}/${label}`);
    const stranger = files.find((name) => !isPng(name));
    if (stranger !== undefined) {
      throw new DataFormatError("no PNG image, wanted nothing else in the folder of a class", {
        file: `${root}/${label}/${stranger}`,
      });
    }
    for (let start = 0; start < files.length; start += atOnce) {
      const some = files.slice(start, start + atOnce).map((name) => `${label}/${name}`);
      const decoded = await Promise.all(some.map(async (name) => {
        const file = `${root}/${name}`;
        const image = await decodePng(await Deno.readFile(file), { file });
        return size === undefined ? image : resizeImage(image, size);
      }));
      decoded.forEach((image, index) => {
        checkSize(image, images[0] ?? image, [some[index], names[0]].map((name) => `${root}/${name}`));
        images.push(image);
        names.push(some[index]);
        found.push(label);
      });
    }
  }
  if (images.length === 0) throw new DatasetNotFoundError(root, "holds no PNG images in folders of classes");
  const { labelNames: ordered, positions } = orderLabels(found, labelNames);
  if (ordered.length > MAX_CLASSES) {
    throw new DataFormatError(`${ordered.length} classes, wanted at most ${MAX_CLASSES}`, { file: root });
  }
  const [{ width, height }] = images, channels = images.some(({ channels }) => channels === 3) ? 3 : 1;
  const featureLength = width * height * channels, features = new Uint8Array(images.length * featureLength);
  images.forEach((image, row) => {
    const to = features.subarray(row * featureLength, (row + 1) * featureLength);
    if (image.channels === channels) to.set(image.pixels);
    else for (let i = 0; i < featureLength; i++) to[i] = image.pixels[Math.floor(i / 3)];
  });
  return {
    name: source,
    input: { kind: "image", width, height, channels },
    count: images.length,
    featureLength,
    features,
    labels: Uint16Array.from(positions),
    labelNames: ordered,
    ...isSplit ? { split } : {},
    files: names,
  };
}

function checkSize(image: PngImage, first: PngImage, [file, firstFile]: readonly string[]): void {
  if (image.width === first.width && image.height === first.height) return;
  const [found, wanted] = [image, first].map(({ width, height }) => `${width}x${height}`);
  throw new DataFormatError(
    `an image of ${found}, wanted ${wanted} as ${firstFile} is, or a size that all are brought to`,
    { file },
  );
}

async function leadsToFolder(link: string): Promise<boolean> {
  try {
    return (await Deno.stat(link)).isDirectory;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** The names in a folder by code point, without those that begin with a dot; none where there is no folder. */
async function list(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const folders: string[] = [], files: string[] = [];
  try {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
      if (name.startsWith(".")) continue;
      const isFolder = isDirectory || (isSymlink && await leadsToFolder(`${folder}/${name}`));
      (isFolder ? folders : files).push(name);
    }
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
  return { folders: folders.sort(), files: files.sort() };
}
