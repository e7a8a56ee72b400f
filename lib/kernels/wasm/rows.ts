/**
 * Kernels over the rows and columns of a matrix, and the gradients of softmax and of losses behind it.
 *
 * @module
 */
import { type Code, F32, f32, type F32x4, type F64x2, I32, i32, i32x4 } from "./assembler/mod.ts";
import { exponential, logarithm } from "./functions.ts";
import {
  acrossLanes,
  defineKernel,
  forVectors,
  type KernelModule,
  lanesLeft,
  multiplyAdd,
  type Range,
  storeLeft,
} from "./kernel.ts";

/** Columns in a unit of work of a kernel that sums over rows: a cache line. */
export const columnsPerUnit = 16;

/** Elements in a unit of work of `sum_of_squares`. */
export const squaresPerUnit = 4096;

const zero = (): F32x4 => f32(0).splat();
const sum = (a: F32x4, b: F32x4): F32x4 => a.add(b);
const maximum = (a: F32x4, b: F32x4): F32x4 => a.atLeast(b);

/** Adds the kernels whose unit of work is a row: add_row, row_sums, softmax, log_softmax. */
export function defineRowKernels(target: KernelModule): void {
  const { features } = target;
  const shape = { columns: I32, x: I32, out: I32 };

  const forRows = (
    name: string,
    body: (code: Code, row: { x: I32; out: I32; bytes: I32; index: I32 }) => void,
  ): unknown =>
    defineKernel(target, name, shape, (code, p, { start, end }) => {
      const bytes = code.let(p.columns.shiftLeft(2));
      code.for(start, end, 1, (index) => {
        const offset = code.let(index.multiply(bytes));
        body(code, { x: code.let(p.x.add(offset)), out: p.out, bytes, index });
      });
    });

  defineKernel(target, "add_row", { ...shape, row: I32 }, (code, p, { start, end }) => {
    const bytes = code.let(p.columns.shiftLeft(2));
    code.for(start.multiply(bytes), code.let(end.multiply(bytes)), bytes, (offset) => {
      const x = code.let(p.x.add(offset)), out = code.let(p.out.add(offset));
      forVectors(
        code,
        0,
        bytes,
        (at, left) => storeLeft(code, out.add(at), x.add(at).loadF32x4().add(p.row.add(at).loadF32x4()), left),
      );
    });
  });

  forRows("row_sums", (code, { x, out, bytes, index }) => {
    const total = code.let(zero());
    forVectors(code, 0, bytes, (at, left) => code.set(total, total.add(x.add(at).loadF32x4().where(lanesLeft(left)))));
    code.storeLane(out.add(index.shiftLeft(2)), acrossLanes(code, total, sum));
  });

  /** The largest value of a row; a NaN may be passed over. */
  const largestOf = (code: Code, x: I32, bytes: I32): F32x4 => {
    const largest = code.let(f32(-Infinity).splat());
    forVectors(
      code,
      0,
      bytes,
      (at, left) => code.set(largest, largest.atLeast(lanesLeft(left).select(x.add(at).loadF32x4(), -Infinity))),
    );
    return acrossLanes(code, largest, maximum);
  };

  for (const name of ["softmax", "log_softmax"]) {
    forRows(name, (code, { x, out: first, bytes, index }) => {
      const out = code.let(first.add(index.multiply(bytes)));
      const largest = largestOf(code, x, bytes);
      const total = code.let(zero());
      forVectors(code, 0, bytes, (at, left) => {
        const power = exponential(code, features, x.add(at).loadF32x4().subtract(largest));
        code.set(total, total.add(power.where(lanesLeft(left))));
        if (name === "softmax") storeLeft(code, out.add(at), power, left);
      });
      const whole = acrossLanes(code, total, sum);
      if (name === "softmax") {
        const factor = code.let(f32(1).splat().divide(whole));
        forVectors(
          code,
          0,
          bytes,
          (at, left) => storeLeft(code, out.add(at), out.add(at).loadF32x4().multiply(factor), left),
        );
      } else {
        const shift = logarithm(code, features, whole);
        forVectors(
          code,
          0,
          bytes,
          (at, left) => storeLeft(code, out.add(at), x.add(at).loadF32x4().subtract(largest).subtract(shift), left),
        );
      }
    });
  }
}

/** Visits strips of columns with the offset of the first: as many vectors wide as `widths` say, the widest first, and single vectors at the end. */
function forStrips(
  code: Code,
  columns: I32,
  { start, end, widths }: Range & { readonly widths: readonly number[] },
  strip: (at: I32, vectors: number) => void,
): void {
  const bytes = columns.shiftLeft(2);
  const last = code.let(end.multiply(4 * columnsPerUnit).minimum(bytes));
  const at = code.let(start.multiply(4 * columnsPerUnit));
  for (const vectors of [...widths, 1]) {
    // The last vector may have fewer columns.
    const furthest = vectors === 1 ? at : at.add(16 * vectors - 1);
    code.while(furthest.below(last), () => {
      strip(at, vectors);
      code.increase(at, 16 * vectors);
    });
  }
}

/** Adds the kernels whose unit of work is a strip of columns: column_sums and relu_bias_gradient, also as add_..., which adds to the sums; and those for statistics. */
export function defineColumnKernels(target: KernelModule): void {
  const parameters = { rows: I32, columns: I32, x: I32, out: I32, y: I32 };
  for (const name of ["column_sums", "add_column_sums", "relu_bias_gradient", "add_relu_bias_gradient"]) {
    defineKernel(target, name, parameters, (code, p, range) => {
      const bytes = code.let(p.columns.shiftLeft(2)), size = code.let(p.rows.multiply(bytes));
      // Wide strips read more of a row at a time; sixteen sums would not fit the registers.
      forStrips(code, p.columns, { ...range, widths: [8, 4] }, (at, vectors) => {
        const left = code.let(bytes.subtract(at));
        const sums = Array.from({ length: vectors }, () => code.let(zero()));
        code.for(at, code.let(size.add(at)), bytes, (offset) => {
          const x = code.let(p.x.add(offset)), y = code.let(p.y.add(offset));
          sums.forEach((total, index) => {
            let value = x.loadF32x4(16 * index);
            if (name.endsWith("relu_bias_gradient")) {
              value = code.let(value.where(y.loadF32x4(16 * index).greater(0)));
              if (vectors === 1) storeLeft(code, x, value, left);
              else code.store(x, value, 16 * index);
            }
            code.set(total, total.add(value));
          });
        });
        sums.forEach((total, index) => {
          const out = code.let(p.out.add(at).add(16 * index));
          const result = name.startsWith("add_") ? out.loadF32x4().add(total) : total;
          storeLeft(code, out, result, vectors === 1 ? left : i32(16));
        });
      });
    });
  }
  defineColumnStatistics(target);
}

/** Rows in a unit of work of a kernel for statistics of columns: as many as the first-level cache holds, whatever the number of threads is. */
export function rowsPerUnit(columns: number): number {
  return Math.max(16, Math.floor(4096 / Math.max(columns, 1)));
}

/**
 * Adds column_moments, column_dots and column_dots_of_relu, which write two values for each column of a unit's rows: the mean and the sum of squared
 * differences to it, or the sums of x and of x*(y - mean), x being zero from now on where `passed` is not positive.
 */
function defineColumnStatistics(target: KernelModule): void {
  const parameters = { rows: I32, columns: I32, perUnit: I32, x: I32, y: I32, mean: I32, passed: I32, out: I32 };
  for (const name of ["column_moments", "column_dots", "column_dots_of_relu"]) {
    defineKernel(target, name, parameters, (code, p, { start, end }) => {
      const bytes = code.let(p.columns.shiftLeft(2));
      code.for(start, end, 1, (unit) => {
        const row = code.let(unit.multiply(p.perUnit)), rows = code.let(p.rows.subtract(row).minimum(p.perUnit));
        const begin = code.let(row.multiply(bytes)), size = code.let(rows.multiply(bytes));
        const first = code.let(p.out.add(unit.multiply(bytes.shiftLeft(1)))), second = code.let(first.add(bytes));
        const x = code.let(p.x.add(begin)), y = code.let(p.y.add(begin)), passed = code.let(p.passed.add(begin));
        forStrips(code, p.columns, { start: i32(0), end: p.columns, widths: [4] }, (at, vectors) => {
          const left = vectors === 1 ? code.let(bytes.subtract(at)) : i32(16);
          const lanes = Array.from({ length: vectors }, (_, index) => 16 * index);
          const overRows = (visit: (offset: I32) => void): void => code.for(at, code.let(size.add(at)), bytes, visit);
          const sums = lanes.map(() => code.let(zero())), products = lanes.map(() => code.let(zero()));
          if (name === "column_moments") {
            const count = code.let(rows.splat().toFloats());
            overRows((offset) =>
              lanes.forEach((lane, i) => code.set(sums[i], sums[i].add(x.add(offset).loadF32x4(lane))))
            );
            for (const sum of sums) code.set(sum, sum.divide(count));
            overRows((offset) =>
              lanes.forEach((lane, i) => {
                const difference = code.let(x.add(offset).loadF32x4(lane).subtract(sums[i]));
                code.set(products[i], multiplyAdd(target.features, difference, difference, products[i]));
              })
            );
          } else {
            const means = lanes.map((lane) => code.let(p.mean.add(at).loadF32x4(lane)));
            overRows((offset) =>
              lanes.forEach((lane, i) => {
                const value = code.let(x.add(offset).loadF32x4(lane));
                if (name === "column_dots_of_relu") {
                  code.set(value, value.where(passed.add(offset).loadF32x4(lane).greater(0)));
                  if (vectors === 1) storeLeft(code, x.add(offset), value, left);
                  else code.store(x.add(offset), value, lane);
                }
                const difference = y.add(offset).loadF32x4(lane).subtract(means[i]);
                code.set(sums[i], sums[i].add(value));
                code.set(products[i], multiplyAdd(target.features, value, difference, products[i]));
              })
            );
          }
          lanes.forEach((lane, i) => {
            storeLeft(code, first.add(at).add(lane), sums[i], left);
            storeLeft(code, second.add(at).add(lane), products[i], left);
          });
        });
      });
    });
  }
}

/**
 * Adds scale_columns and scale_columns_of_two; a unit of work is a row. `kept` is -1 to add to the output and 0 to replace it; results below `floor` are replaced
 * by it.
 */
export function defineScaleColumns(target: KernelModule): void {
  const { features } = target;
  const arrays = { x: I32, factors: I32, y: I32, others: I32, offsets: I32, out: I32 };
  const parameters = { columns: I32, ...arrays, kept: I32, floor: F32 };
  for (const name of ["scale_columns", "scale_columns_of_two"]) {
    defineKernel(target, name, parameters, (code, p, { start, end }) => {
      const bytes = code.let(p.columns.shiftLeft(2)),
        kept = code.let(p.kept.splat()),
        floor = code.let(p.floor.splat());
      const pairs = code.let(bytes.subtract(bytes.and(31)));
      code.for(start.multiply(bytes), code.let(end.multiply(bytes)), bytes, (row) => {
        const x = code.let(p.x.add(row)), y = code.let(p.y.add(row)), out = code.let(p.out.add(row));
        const result = (at: I32, offset: number): F32x4 => {
          const value = (array: I32): F32x4 => array.add(at).loadF32x4(offset);
          const scaled = multiplyAdd(features, value(x), value(p.factors), value(p.offsets));
          const sum = name === "scale_columns" ? scaled : multiplyAdd(features, value(y), value(p.others), scaled);
          return code.let(value(out).where(kept).add(sum)).atLeast(floor);
        };
        code.for(0, pairs, 32, (at) => {
          for (const offset of [0, 16]) code.store(out.add(at), result(at, offset), offset);
        });
        forVectors(code, pairs, bytes, (at, left) => storeLeft(code, out.add(at), result(at, 0), left));
      });
    });
  }
}

/** Adds sum_of_squares, which writes two float64 partial sums for each unit of elements. */
export function defineSumOfSquares(target: KernelModule): void {
  defineKernel(target, "sum_of_squares", { length: I32, x: I32, out: I32 }, (code, p, { start, end }) => {
    code.for(start, end, 1, (unit) => {
      const totals = [code.let(zero().promoteLow()), code.let(zero().promoteLow())];
      const first = code.let(unit.multiply(4 * squaresPerUnit));
      const last = code.let(unit.add(1).multiply(squaresPerUnit).minimum(p.length).shiftLeft(2));
      forVectors(code, first, last, (at, left) => {
        const values = code.let(p.x.add(at).loadF32x4().where(lanesLeft(left)));
        [values, values.shuffle(values, [2, 3, 0, 1])].forEach((pair, index) => {
          const double: F64x2 = code.let(pair.promoteLow());
          code.set(totals[index], totals[index].add(double.multiply(double)));
        });
      });
      code.store(p.out.add(unit.multiply(16)), totals[0].add(totals[1]));
    });
  });
}

/**
 * Two matrices to a third; the second may be labels, a number for each row. `kept` is -1 to add to the output and 0 to replace it: a mask costs less than
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

  const define = (name: string, body: (code: Code, row: Row) => (at: I32) => F32x4): unknown =>
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
