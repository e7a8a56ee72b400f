/**
 * Gradients of softmax and of cross-entropy. A unit of work is a row.
 *
 * @module
 */
import { type Code, F32, f32, type F32x4, I32, i32x4 } from "./assembler/mod.ts";
import { exponential } from "./functions.ts";
import { defineKernel, type KernelModule } from "./kernel.ts";
import { acrossLanes, forVectors, lanesLeft, storeLeft } from "./vectors.ts";

/**
 * Two matrices to a third; the second may be labels, a number for each row. `kept` is −1 to add to the output and 0 to replace it: a mask costs less than
 * every kernel twice.
 */
const parameters = { columns: I32, first: I32, second: I32, out: I32, factor: F32, kept: I32 };

interface Row {
  /** Addresses of the row in the two matrices. */
  readonly first: I32;
  readonly second: I32;
  readonly label: I32;
  readonly factor: F32x4;
  /** The sum over the row of what `term` makes of its values. */
  sum(term: (at: I32) => F32x4): F32x4;
}

/** Adds cross_entropy_gradient, soft_cross_entropy_gradient, softmax_gradient and log_softmax_gradient. */
export function defineSoftmaxGradients(target: KernelModule): void {
  const power = (code: Code, row: I32, at: I32): F32x4 => exponential(code, target.features, row.add(at).loadF32x4());

  const define = (name: string, body: (code: Code, row: Row) => (at: I32) => F32x4): void =>
    defineKernel(target, name, parameters, (code, p, { start, end }) => {
      const bytes = code.let(p.columns.shiftLeft(2));
      const factor = code.let(p.factor.splat()), kept = code.let(p.kept.splat());
      code.for(start, end, 1, (index) => {
        const offset = code.let(index.multiply(bytes));
        const out = code.let(p.out.add(offset));
        const value = body(code, {
          first: code.let(p.first.add(offset)),
          second: code.let(p.second.add(offset)),
          label: p.second.add(index.shiftLeft(2)).loadI32(),
          factor,
          sum: (term) => {
            const total = code.let(f32(0).splat());
            forVectors(code, 0, bytes, (at, left) => code.set(total, total.add(term(at).where(lanesLeft(left)))));
            return acrossLanes(code, total, (a, b) => a.add(b));
          },
        });
        forVectors(code, 0, bytes, (at, left) => {
          const to = code.let(out.add(at));
          storeLeft(code, to, to.loadF32x4().where(kept).add(value(at)), left);
        });
      });
    });

  define("cross_entropy_gradient", (code, { first, label, factor }) => {
    const wanted = code.let(label.splat());
    return (at) => {
      const isLabel = at.shiftRight(2).splat().add(i32x4(0, 1, 2, 3)).equals(wanted);
      return power(code, first, at).subtract(isLabel.select(1, 0)).multiply(factor);
    };
  });
  define("soft_cross_entropy_gradient", (code, { first, second, factor, sum }) => {
    const total = sum((at) => second.add(at).loadF32x4());
    return (at) => power(code, first, at).multiply(total).subtract(second.add(at).loadF32x4()).multiply(factor);
  });
  define("softmax_gradient", (_code, { first, second, sum }) => {
    const total = sum((at) => first.add(at).loadF32x4().multiply(second.add(at).loadF32x4()));
    return (at) => first.add(at).loadF32x4().multiply(second.add(at).loadF32x4().subtract(total));
  });
  define("log_softmax_gradient", (code, { first, second, sum }) => {
    const total = sum((at) => second.add(at).loadF32x4());
    return (at) => second.add(at).loadF32x4().subtract(power(code, first, at).multiply(total));
  });
}
