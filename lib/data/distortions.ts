/**
 * How images can be distorted at random while a network learns from them: which ways there are, and how strong each may be.
 */

/** Strengths of random distortions; what is left out is not done. */
export interface Distortions {
  /** Mirrors every other image, left to right. */
  readonly flip?: boolean;
  /** Most whole pixels by which an image moves, down or up and left or right: the random crop of the image padded by so many. */
  readonly shift?: number;
  /** Largest turn about the centre, in degrees, either way. */
  readonly rotate?: number;
  /** Largest stretch or shrinking along each axis, on its own, as a share of 1. */
  readonly scale?: number;
  /** Largest horizontal shear, in degrees, either way. */
  readonly shear?: number;
  /** Elastic displacement in pixels, the standard deviation along each axis; Simard's alpha = 34, sigma = 4 at 29x29 pixels are 1.4. */
  readonly elastic?: number;
  /** What lies outside the image: zeros when left out, its outermost pixels, or its mirror image. */
  readonly edges?: EdgeRule;
}

/** What lies outside an image. */
export type EdgeRule = typeof edgeRules[number];

/** All edge rules. */
export const edgeRules = ["zero", "repeat", "reflect"] as const;

/** The range of a distortion's strength and a mild value. */
export interface DistortionStrength {
  /** What suits digits and the like. */
  readonly usual: number;
  /** Largest strength that makes sense. */
  readonly max: number;
  /** Whether it is counted in whole pixels. */
  readonly whole?: boolean;
}

/** The distortions that have a strength. */
export const distortionStrengths: Readonly<
  Record<Exclude<keyof Distortions, "flip" | "edges">, DistortionStrength>
> = {
  shift: { usual: 2, max: 1024, whole: true },
  rotate: { usual: 10, max: 180 },
  scale: { usual: 0.1, max: 0.9 },
  shear: { usual: 10, max: 60 },
  elastic: { usual: 1, max: 1024 },
};

/** Throws a RangeError naming the first distortion that is not known or whose strength is out of range. */
export function checkDistortions(distortions: Distortions): void {
  const names = [...Object.keys(distortionStrengths), "flip", "edges"];
  const unknown = Object.keys(distortions).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new RangeError(`${unknown}: one of ${names.join(", ")} was wanted`);
  for (const [name, { max, whole = false }] of Object.entries(distortionStrengths)) {
    const strength = distortions[name as keyof typeof distortionStrengths] ?? 0;
    if (strength >= 0 && strength <= max && (!whole || Number.isInteger(strength))) continue;
    throw new RangeError(`${name}: a ${whole ? "whole number" : "number"} in 0...${max} was wanted, ${strength} found`);
  }
  const { edges = "zero" } = distortions;
  if (!edgeRules.includes(edges)) {
    throw new RangeError(`edges: one of ${edgeRules.join(", ")} was wanted, ${edges} found`);
  }
}
