/**
 * From the labels found in a file to class numbers. Without known labels the order is canonical (numeric for integers, else
 * by code point), so that the same file always gives the same numbers; with known labels, as when a trained model is
 * evaluated on new data, those keep their numbers and labels never seen before are appended.
 */

/** Class names, and for each label found in the file its index among them. */
export interface LabelOrder {
  /** The name of each class. */
  labelNames: string[];
  /** For the i-th label found, its index in `labelNames`. */
  positions: number[];
}

/** Orders labels. Known labels come first, as given; a label given twice is a RangeError. */
export function orderLabels(found: readonly string[], known: readonly string[] = []): LabelOrder {
  const position = new Map<string, number>();
  for (const label of known) {
    if (position.has(label)) {
      throw new RangeError(`labelNames holds ${JSON.stringify(label)} twice, wanted distinct labels`);
    }
    position.set(label, position.size);
  }
  const fresh = [...new Set(found)].filter((label) => !position.has(label));
  fresh.sort(fresh.every(isInteger) ? compareIntegers : compareCodePoints);
  for (const label of fresh) position.set(label, position.size);
  return { labelNames: [...position.keys()], positions: found.map((label) => position.get(label)!) };
}

/** What is known about the classes of an image set, whose label file holds only numbers. */
export interface ClassNumberOptions {
  /** The names of the set's classes, when it is known. */
  classNames?: readonly string[];
  /** Class names of a trained model, whose order is to be kept. */
  labelNames?: readonly string[];
}

/**
 * Finds the place of each class number among the labels. Class k is looked for under its name, then as the number k; if the
 * file has no names of its own and the known labels are words, k is the position of a word. What is not found is appended.
 */
export function orderClassNumbers(numbers: readonly number[], options: ClassNumberOptions): LabelOrder {
  const { classNames, labelNames } = options;
  if (labelNames === undefined) {
    const last = Math.max(...numbers);
    return {
      labelNames: classNames ? [...classNames] : Array.from({ length: last + 1 }, (_, k) => `${k}`),
      positions: [...numbers],
    };
  }
  const words = classNames === undefined && !labelNames.some(isInteger);
  const found = numbers.map((k) => {
    const name = classNames?.[k] ?? `${k}`;
    if (labelNames.includes(name)) return name;
    if (labelNames.includes(`${k}`)) return `${k}`;
    return words && k < labelNames.length ? labelNames[k] : name;
  });
  return orderLabels(found, labelNames);
}

/** The class numbers of an image set as indices into its labels; see {@link orderClassNumbers}. */
export function numberClasses(
  data: Uint8Array,
  options: ClassNumberOptions,
): { labels: Uint16Array; labelNames: string[] } {
  const present = new Uint8Array(256);
  for (let i = 0; i < data.length; i++) present[data[i]] = 1;
  const found = Array.from(present.keys()).filter((k) => present[k] === 1);
  const { labelNames, positions } = orderClassNumbers(found, options);
  const position = new Uint16Array(256);
  found.forEach((k, i) => position[k] = positions[i]);
  const labels = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) labels[i] = position[data[i]];
  return { labels, labelNames };
}

function isInteger(label: string): boolean {
  return /^[+-]?\d+$/.test(label);
}

function compareIntegers(a: string, b: string): number {
  return Number(a) - Number(b) || compareCodePoints(a, b);
}

function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0)!);
  const right = Array.from(b, (character) => character.codePointAt(0)!);
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return left.length - right.length;
}
