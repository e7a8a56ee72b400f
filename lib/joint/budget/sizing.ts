/**
 * How many functions a recipe can have within so many bytes, before anything is trained.
 *
 * @module
 */
import type { Dataset, StoredDataset } from "../../data/mod.ts";
import { estimatePnetBytes, type NumericInput } from "../../packed/mod.ts";
import { bitsOf } from "../../projection/mod.ts";
import { describeInput } from "../describe_input.ts";
import { TrainingError } from "../errors.ts";
import { defaultRule } from "../fit_code.ts";
import { headLayers } from "../head_kind.ts";
import { type ProjectionOptions, projectionSpec } from "../projection_options.ts";
import { mostFunctions, type Recipe, sizeRecipe } from "./recipes.ts";

/** Bits of a stored threshold at most. */
const thresholdBits = 8;

/** Sizes of networks for one data set. */
export class Sizing {
  readonly #training: Dataset | StoredDataset;
  readonly #input: NumericInput;
  readonly #seed: number;

  /** Takes the training rows, whose layout and labels stand in every file. */
  constructor(training: Dataset | StoredDataset, seed: number) {
    this.#training = training;
    this.#input = describeInput(training);
    this.#seed = seed;
  }

  /** An upper bound of the file's bytes. Throws {@linkcode TrainingError} when the options fit neither the data nor each other. */
  estimate(options: ProjectionOptions): number {
    const { input, featureLength: features, labelNames: labels } = this.#training;
    const image = input.kind === "image" ? input : undefined;
    const projection = projectionSpec(options, { features, image, seed: this.#seed });
    const { reads, hidden, select } = options;
    const rule = options.thresholds ?? defaultRule({ projection, bits: bitsOf(projection), options });
    const widths = hidden === undefined ? [labels.length] : [hidden, labels.length];
    const { bitsPerFunction } = projection;
    return estimatePnetBytes({
      input: this.#input,
      projection,
      pool: select?.pool,
      reads,
      thresholdBits: reads === "counts" || rule === "zero" ? 0 : thresholdBits,
      head: headLayers(options.head, widths.length).map(({ precision, tables }, index) => ({
        precision,
        outputs: widths[index],
        ...(tables ? { tableBits: bitsPerFunction } : {}),
      })),
      labels,
    });
  }

  /** The bytes of the smallest network of a recipe, Infinity when it does not suit the data. */
  least(recipe: Recipe): number {
    return this.#bytes(recipe, 1);
  }

  /**
   * The largest network of a recipe whose file fits.
   *
   * @param recipe what is wanted
   * @param budget bytes
   * @param ratio of the bytes of a trained file of this recipe to what was estimated for it; 1 when left out, with which the file fits for certain
   * @returns the network, or undefined when not even one function fits
   */
  largest(recipe: Recipe, budget: number, ratio = 1): ProjectionOptions | undefined {
    const isWithin = (functions: number): boolean => this.#bytes(recipe, functions) * ratio <= budget;
    const most = mostFunctions(recipe) + 1;
    let fits = 0, tooMany = 1;
    while (tooMany < most && isWithin(tooMany)) [fits, tooMany] = [tooMany, Math.min(most, 2 * tooMany)];
    while (tooMany - fits > 1) {
      const middle = Math.floor((fits + tooMany) / 2);
      if (isWithin(middle)) fits = middle;
      else tooMany = middle;
    }
    return fits === 0 ? undefined : sizeRecipe(recipe, fits);
  }

  #bytes(recipe: Recipe, functions: number): number {
    try {
      return this.estimate(sizeRecipe(recipe, functions));
    } catch (error) {
      if (error instanceof TrainingError) return Infinity;
      throw error;
    }
  }
}
