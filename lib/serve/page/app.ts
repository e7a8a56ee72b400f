/// <reference lib="dom" />
/**
 * The page on which a model is tried: what is drawn, typed or filled in is classified in the browser as it changes.
 *
 * @module
 */

import type { Classification, Classifier } from "../../packed/runtime_text.ts";
import { drawingPad } from "./drawing.ts";
import { element, type InputControl } from "./elements.ts";
import { rowFields, textField } from "./fields.ts";

/** Up to so many labels stand in their own order, more by probability and no more than these. */
const MOST_BARS = 12;
/** Milliseconds after which a screen reader is told the answer. */
const QUIET = 500;
/** Milliseconds of a slice of measuring, and how many there are while the sample changes and after it has. */
const SLICE = 2, SLICES_LIVE = 1, SLICES_QUIET = 20;

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/**
 * Starts the page.
 *
 * @param classifier the model
 * @param root receives input and output
 */
export function start(classifier: Classifier, root: HTMLElement): void {
  const { labels, input, bits } = classifier;
  const shown = element("p", { className: "answer" });
  const spoken = element("p", { className: "hidden", role: "status" });
  const time = element("span");
  const rows = Array.from({ length: Math.min(labels.length, MOST_BARS) }, () => {
    const label = element("th", { scope: "row" }), bar = element("div", { className: "bar" }), share = element("td");
    return { label, bar, share, row: element("tr", {}, [label, element("td", {}, [bar]), share]) };
  });
  const side = Math.ceil(Math.sqrt(bits));
  const picture = element("canvas", { width: side, height: Math.ceil(bits / side), className: "bits", role: "img" });

  const showBits = (code: Uint8Array): void => {
    const context = picture.getContext("2d")!;
    const image = context.createImageData(picture.width, picture.height);
    const [r, g, b] = getComputedStyle(root).color.match(/[\d.]+/g)!.map(Number);
    let count = 0;
    for (let k = 0; k < bits; k++) {
      const bit = code[k >> 3] >> (k & 7) & 1;
      count += bit;
      image.data.set([r, g, b, bit ? 255 : 28], 4 * k);
    }
    context.putImageData(image, 0, 0);
    picture.ariaLabel = `${count} of ${bits} bits are set`;
  };
  const showBars = ({ probabilities, index }: Classification): void => {
    let order = Array.from(labels, (_, i) => i);
    if (labels.length > MOST_BARS) order = order.sort((a, b) => probabilities[b] - probabilities[a] || a - b);
    rows.forEach(({ label, bar, share, row }, i) => {
      const probability = probabilities[order[i]];
      label.textContent = labels[order[i]];
      bar.style.width = `${100 * probability}%`;
      share.textContent = percent(probability);
      row.className = order[i] === index ? "best" : "";
    });
  };
  /** Shows the time of the quickest slice: the first ones run while the browser still compiles, others while the machine does something else. */
  const measure = (sample: ArrayLike<number> | string, slices: number): void => {
    let least = Infinity;
    for (let slice = 0; slice < slices; slice++) {
      const from = performance.now();
      let runs = 0, to = from;
      do {
        classifier.classify(sample);
        to = performance.now();
        runs++;
      } while (to - from < SLICE);
      least = Math.min(least, (to - from) / runs);
    }
    time.textContent = ` \u00b7 ${(1000 * least).toFixed(1)} \u00b5s`;
  };

  let timer: ReturnType<typeof setTimeout> | undefined, frame: number | undefined;
  const show = (): void => {
    frame = undefined;
    const sample = control.sample();
    root.classList.toggle("empty", sample === undefined);
    clearTimeout(timer);
    if (sample === undefined) {
      shown.textContent = spoken.textContent = "";
      return;
    }
    const answer = classifier.classify(sample);
    shown.replaceChildren(element("strong", { textContent: answer.label }), ` ${percent(answer.probability)}`);
    if (answer.rejected) shown.append(element("em", { textContent: " perhaps none of these" }));
    showBars(answer);
    showBits(classifier.codes(sample));
    measure(sample, SLICES_LIVE);
    timer = setTimeout(() => {
      spoken.textContent = shown.textContent;
      measure(sample, SLICES_QUIET);
    }, QUIET);
  };
  const changed = (): void => {
    frame ??= requestAnimationFrame(show);
  };
  const control: InputControl = input.kind === "text"
    ? textField(changed)
    : input.kind === "image"
    ? drawingPad(input, changed)
    : rowFields(input, changed);

  const facts = [
    `${classifier.modelBytes.toLocaleString("en")} bytes`,
    `${bits.toLocaleString("en")} bits`,
    `${labels.length.toLocaleString("en")} classes`,
  ];
  root.append(
    element("section", { ariaLabel: "Input" }, [control.element]),
    element("section", { ariaLabel: "Answer" }, [
      shown,
      spoken,
      element("table", {}, [
        element("caption", { className: "hidden", textContent: "Probability of each class" }),
        ...rows.map(({ row }) => row),
      ]),
      picture,
      element("p", { className: "facts" }, [facts.join(" · "), time]),
    ]),
  );
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  show();
}
