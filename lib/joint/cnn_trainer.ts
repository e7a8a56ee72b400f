import {
  BatchNorm,
  Conv2d,
  Dense,
  Dropout,
  Flatten,
  MaxPool,
  type Module,
  Sequential,
  type Stage,
  StagedNetwork,
  ToImages,
} from "../nn/mod.ts";
import { hash32 } from "../projection/mod.ts";

/** Keeps the layers' random numbers apart from others of the same seed; 'cnn0' in ASCII. */
const seedPurpose = 0x636e6e30;

/** Options of {@linkcode cnnTrainer}. */
export interface CnnOptions {
  /** What a row of pixels is, with the channels of a pixel together. */
  readonly image: { readonly width: number; readonly height: number; readonly channels: number };
  /** Number of classes. */
  readonly classes: number;
  /** Channels of each block; {@linkcode usualChannels} when left out. */
  readonly hidden?: readonly number[];
  /** Part of the last block's values that is dropped in training; 0 when left out. */
  readonly dropout?: number;
  /** Seed of the first weights. */
  readonly seed: number;
}

/** Twice the channels for half the sides, down to two or three pixels: [24, 48, 96] for 28x28, [24, 48, 96, 192] for 32x32. */
export function usualChannels({ width, height }: { readonly width: number; readonly height: number }): number[] {
  const blocks = Math.max(1, Math.floor(Math.log2(Math.min(width, height))) - 1);
  return Array.from({ length: blocks }, (_, block) => Math.min(24 * 2 ** block, 384));
}

/**
 * The convolutional trainer network (Ravi 2017, section 3): blocks of two 3x3 convolutions, each with batch normalisation and ReLU, and 2x2 maximum pooling
 * between the two while the image is larger than a pixel; then logits. Stages are `block1`, `block2`, ... and `logits`.
 *
 * Pooled after its first convolution, a block of twice the channels at half the sides costs as much as the one before it, and less than half of what it would
 * with both convolutions before the pooling; so wider layers fit the same time.
 */
export function cnnTrainer(options: CnnOptions): StagedNetwork {
  const { image, classes, hidden = usualChannels(image), dropout = 0, seed } = options;
  const stages: Stage[] = [];
  let { width, height, channels } = image, convolutions = 0;
  hidden.forEach((outputs, block) => {
    const layers: Module[] = block === 0 ? [new ToImages(image)] : [];
    for (let i = 0; i < 2; i++) {
      const name = `trainer.${convolutions}`, layerSeed = hash32(seed, seedPurpose, convolutions++);
      layers.push(
        new Conv2d({ inputs: channels, outputs, kernel: 3, padding: "same", seed: layerSeed, name }),
        new BatchNorm({ channels: outputs, relu: true, momentum: 0.9, name: `${name}.norm` }),
      );
      channels = outputs;
      if (i > 0 || width < 2 || height < 2) continue;
      layers.push(new MaxPool({ size: 2 }));
      width = Math.floor(width / 2);
      height = Math.floor(height / 2);
    }
    stages.push({ name: `block${block + 1}`, module: new Sequential(layers), shape: [height, width, channels] });
  });
  const last: Module[] = [new Flatten()];
  if (dropout > 0) last.push(new Dropout(dropout, hash32(seed, seedPurpose, convolutions + 1)));
  const inputs = width * height * channels;
  last.push(
    new Dense({ inputs, outputs: classes, seed: hash32(seed, seedPurpose, convolutions), name: "trainer.logits" }),
  );
  return new StagedNetwork([...stages, { name: "logits", module: new Sequential(last), shape: [classes] }]);
}
