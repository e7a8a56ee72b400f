/// <reference lib="dom" />
/**
 * Elements of the page.
 *
 * @module
 */

/** Something that a sample is entered with. */
export interface InputControl {
  /** What is shown. */
  element: HTMLElement;
  /** The sample, or nothing while it is empty or wrong. */
  sample(): ArrayLike<number> | string | undefined;
}

/**
 * Makes an element.
 *
 * @param tag its name
 * @param properties to set
 * @param children elements and text inside
 * @returns the element
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
