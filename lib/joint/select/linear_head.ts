/**
 * Softmax regression on packed bits, fitted quickly and again and again: the head that tells a selection what is still unexplained.
 *
 * @module
 */
import { crossEntropy, Tape, Tensor } from "../../autodiff/mod.ts";
import { epochOrder } from "../../data/mod.ts";
import { currentRegion, kernels, Region } from "../../kernels/mod.ts";
import { AdamW, cosineSchedule, Dense, zerosInitializer } from "../../nn/mod.ts";

/** Packed bits with their classes. */
export interface LabelledCodes {
  /** [rows x ceil(bits / 8)] */
  readonly codes: Uint8Array;
  /** Class of each row. */
  readonly labels: ArrayLike<number>;
  /** Number of bits. */
  readonly bits: number;
}

const batchSize = 256;
const rowsAtOnce = 1024;
const optimizer = { learningRate: 0.01, weightDecay: 0.1 };

/** Logits from bits as +-1, outside any region. */
export class LinearHead {
  /** [bits x classes] */
  weights: Float32Array;
  /** [classes] */
  readonly bias: Float32Array;

  /** A head of zeros. */
  constructor({ bits, classes }: { bits: number; classes: number }) {
    this.weights = new Float32Array(bits * classes);
    this.bias = new Float32Array(classes);
  }

  /** Keeps the weights of the given bits, in their order; -1 stands for a new bit, whose weights are zero. */
  rearrange(bits: ArrayLike<number>): void {
    const classes = this.bias.length, weights = new Float32Array(bits.length * classes);
    for (let k = 0; k < bits.length; k++) {
      if (bits[k] >= 0) weights.set(this.weights.subarray(bits[k] * classes, (bits[k] + 1) * classes), k * classes);
    }
    this.weights = weights;
  }

  /** Goes on from the weights so far for some passes over the rows. */
  fit({ codes, labels, bits }: LabelledCodes, { epochs, seed }: { epochs: number; seed: number }): void {
    const classes = this.bias.length, count = labels.length;
    using lasting = new Region();
    using region = new Region();
    const { layer, adam } = lasting.run(() => {
      const layer = new Dense({ inputs: bits, outputs: classes, seed, initializer: zerosInitializer });
      layer.weights.data.set(this.weights);
      layer.bias.data.set(this.bias);
      return { layer, adam: new AdamW(layer.parameters, optimizer) };
    });
    const schedule = cosineSchedule();
    const steps = epochs * Math.ceil(count / batchSize);
    for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
      const order = epochOrder(count, { seed, epoch });
      for (let start = 0; start < count; start += batchSize) {
        const rows = order.subarray(start, start + batchSize);
        adam.learningRate = optimizer.learningRate * schedule(step++ / steps);
        region.run(() => {
          const signs = gatherSigns(codes, rows, bits);
          const tape = new Tape();
          tape.backward(
            tape.record(() => crossEntropy(layer.forward(signs), Uint32Array.from(rows, (row) => labels[row]))),
          );
          adam.step();
        });
        region.reset();
      }
    }
    this.weights.set(layer.weights.data);
    this.bias.set(layer.bias.data);
  }

  /** What the head leaves unexplained, [rows x classes] = one-hot - softmax, with the mean loss and the accuracy. */
  residual({ codes, labels, bits }: LabelledCodes): { residual: Float32Array; loss: number; accuracy: number } {
    const classes = this.bias.length, count = labels.length;
    const residual = new Float32Array(count * classes);
    let loss = 0, correct = 0;
    using region = new Region();
    for (let start = 0; start < count; start += rowsAtOnce) {
      const rows = Uint32Array.from({ length: Math.min(rowsAtOnce, count - start) }, (_, i) => start + i);
      region.run(() => {
        const out = currentRegion().float32(rows.length * classes);
        if (bits > 0) {
          const shape = { rows: rows.length, columns: classes, inner: bits, bias: this.bias };
          kernels().matmul(gatherSigns(codes, rows, bits).data, this.weights, out, shape);
        } else for (let i = 0; i < rows.length; i++) out.set(this.bias, i * classes);
        kernels().softmax(out, out, { rows: rows.length, columns: classes });
        for (let i = 0; i < rows.length; i++) {
          const probabilities = out.subarray(i * classes, (i + 1) * classes), label = labels[start + i];
          const own = probabilities[label];
          loss -= Math.log(Math.max(own, 1e-30));
          if (probabilities.every((p, j) => j === label || p < own)) correct++;
        }
        const target = residual.subarray(start * classes, start * classes + out.length);
        for (let at = 0; at < out.length; at++) target[at] = -out[at];
        for (let i = 0; i < rows.length; i++) target[i * classes + labels[start + i]] += 1;
      });
      region.reset();
    }
    return { residual, loss: loss / count, accuracy: correct / count };
  }
}

function gatherSigns(codes: Uint8Array, rows: Uint32Array, bits: number): Tensor {
  const values = currentRegion().float32(rows.length * bits);
  kernels().gatherSigns(codes, rows, values, { bits });
  return new Tensor([rows.length, bits], values);
}

/** A head fitted from nothing. */
export function fitLinearHead(
  data: LabelledCodes,
  options: { classes: number; epochs: number; seed: number },
): LinearHead {
  const head = new LinearHead({ bits: data.bits, classes: options.classes });
  head.fit(data, options);
  return head;
}
