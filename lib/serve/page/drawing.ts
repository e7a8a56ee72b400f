/// <reference lib="dom" />
/**
 * A pad to draw images on, with mouse, finger, pen or keys. What is drawn is kept as lines, so that it can be moved and scaled as the digits of MNIST were
 * (a box of 20 of 28 pixels, the centre of mass in the middle) before each pixel is given the light that the nearest line leaves on it.
 *
 * @module
 */

import type { ImageInput } from "../../packed/runtime_text.ts";
import { element, type InputControl } from "./elements.ts";

interface Point {
  x: number;
  y: number;
}

/** Half the width of a line and its soft edge, in 28ths of the image's shorter side. */
const RADIUS = 1.1, SOFT = 0.9;
/** Side of the box that a centred drawing fills, as a share of the image's shorter side. */
const BOX = 20 / 28;
/** Pixels of the screen for the longer side of the image. */
const SHOWN = 336;

/**
 * Makes the pad.
 *
 * @param input size of the image
 * @param changed called when the image has changed
 * @returns the pad and its image
 */
export function drawingPad({ width, height, channels }: ImageInput, changed: () => void): InputControl {
  const pixels = new Uint8Array(width * height * channels), drawn = new Uint8Array(pixels.length);
  const strokes: Point[][] = [];
  const unit = Math.min(width, height) / 28;
  const pen: Point & { down: boolean; seen: boolean } = { x: width / 2, y: height / 2, down: false, seen: false };
  const scale = Math.max(1, Math.floor(SHOWN / Math.max(width, height)));

  const canvas = element("canvas", {
    width: width * scale,
    height: height * scale,
    tabIndex: 0,
    className: "pad",
    role: "application",
    ariaLabel:
      `Drawing pad of ${width} by ${height} pixels. Arrow keys move the pen, space puts it down or lifts it, Delete clears the pad.`,
  });
  const context = canvas.getContext("2d")!;
  const small = element("canvas", { width, height, className: "seen" });
  const smallContext = small.getContext("2d", { willReadFrequently: true })!;

  const color = element("input", { type: "color", value: "#ffffff", ariaLabel: "Colour of the pen" });
  const centre = element("input", { type: "checkbox", checked: channels === 1 });
  const clear = element("button", { type: "button", textContent: "Clear" });
  const file = element("input", { type: "file", accept: "image/*", ariaLabel: "Take a picture from a file" });

  /** The image without what is drawn: a picture from a file, or black. */
  let background: Uint8Array | undefined;

  const redraw = (): void => {
    paint(drawn, strokes);
    show(drawn);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    if (pen.seen) drawPen();
    if (centre.checked && strokes.length > 0) paint(pixels, centred(strokes, { width, height }));
    else pixels.set(drawn);
    // What the model is given stays on the small canvas, which is shown beside the pad.
    show(pixels);
    changed();
  };
  /** Puts an image on the small canvas. */
  const show = (values: Uint8Array): void => {
    const image = smallContext.createImageData(width, height);
    for (let i = 0, at = 0; i < width * height; i++, at += channels) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = values[at + Math.min(c, channels - 1)];
      image.data[4 * i + 3] = 255;
    }
    smallContext.putImageData(image, 0, 0);
  };
  const drawPen = (): void => {
    context.strokeStyle = pen.down ? "#ff8a3d" : "#78aaff";
    context.lineWidth = 2;
    context.beginPath();
    context.arc(pen.x * scale, pen.y * scale, Math.max(4, RADIUS * unit * scale), 0, 2 * Math.PI);
    context.stroke();
  };
  const paint = (out: Uint8Array, lines: readonly Point[][]): void => {
    if (background === undefined) out.fill(0);
    else out.set(background);
    const light = [1, 3, 5].map((at) => parseInt(color.value.slice(at, at + 2), 16));
    const reach = (RADIUS + SOFT) * unit;
    for (const line of lines) {
      for (let i = 0; i < line.length; i++) {
        const from = line[Math.max(0, i - 1)], to = line[i];
        const [top, bottom] = span(from.y, to.y, reach, height), [left, right] = span(from.x, to.x, reach, width);
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) {
            const share = (reach - distance({ x: x + 0.5, y: y + 0.5 }, from, to)) / (SOFT * unit);
            const strength = Math.min(1, Math.max(0, share));
            for (let c = 0, at = (y * width + x) * channels; c < channels; c++, at++) {
              const value = channels === 1 ? Math.round(255 * strength) : Math.round(light[c % 3] * strength);
              out[at] = Math.max(out[at], value);
            }
          }
        }
      }
    }
  };
  const reset = (): void => {
    strokes.length = 0;
    background = undefined;
    pen.down = false;
    redraw();
  };
  const placeOf = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width * width, y: (event.clientY - box.top) / box.height * height };
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.seen = pen.down = false;
    strokes.push([placeOf(event)]);
    redraw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1)!.push(...(events.length > 0 ? events : [event]).map(placeOf));
    redraw();
  });
  canvas.addEventListener("keydown", (event) => {
    const [dx, dy] = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] })[event.key] ??
      [0, 0];
    if (dx !== 0 || dy !== 0) {
      pen.x = Math.min(width - 0.5, Math.max(0.5, pen.x + dx * unit));
      pen.y = Math.min(height - 0.5, Math.max(0.5, pen.y + dy * unit));
      if (pen.down) strokes.at(-1)!.push({ x: pen.x, y: pen.y });
    } else if (event.key === " " || event.key === "Enter") {
      pen.down = !pen.down;
      if (pen.down) strokes.push([{ x: pen.x, y: pen.y }]);
    } else if (event.key === "Delete" || event.key === "Backspace") reset();
    else return;
    event.preventDefault();
    pen.seen = true;
    redraw();
  });
  canvas.addEventListener("blur", () => {
    pen.seen = false;
    redraw();
  });
  centre.addEventListener("change", redraw);
  color.addEventListener("input", redraw);
  clear.addEventListener("click", reset);
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    if (chosen === undefined) return;
    const picture = await createImageBitmap(chosen, {
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: "high",
    });
    strokes.length = 0;
    smallContext.drawImage(picture, 0, 0);
    const { data } = smallContext.getImageData(0, 0, width, height);
    background = new Uint8Array(pixels.length);
    for (let i = 0; i < width * height; i++) {
      const [r, g, b] = data.subarray(4 * i, 4 * i + 3);
      if (channels === 1) background[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
      else for (let c = 0; c < channels; c++) background[i * channels + c] = data[4 * i + c % 3];
    }
    file.value = "";
    redraw();
  });

  const tools = element("div", { className: "tools" }, [
    clear,
    ...(channels === 1
      ? [element("label", {}, [centre, " centre the drawing"])]
      : [element("label", {}, ["pen ", color])]),
    element("label", { className: "file" }, ["from a file ", file]),
  ]);
  const seen = element("figure", {}, [small, element("figcaption", { textContent: "what the model is given" })]);
  redraw();
  return {
    element: element("div", {}, [canvas, tools, seen]),
    sample: () => strokes.length > 0 || background !== undefined ? pixels : undefined,
  };
}

/** Pixels of a side that a line can reach. */
function span(a: number, b: number, reach: number, side: number): [from: number, to: number] {
  return [Math.max(0, Math.floor(Math.min(a, b) - reach)), Math.min(side, Math.ceil(Math.max(a, b) + reach))];
}

function distance(at: Point, from: Point, to: Point): number {
  const dx = to.x - from.x, dy = to.y - from.y;
  const square = dx * dx + dy * dy;
  const part = square === 0 ? 0 : Math.min(1, Math.max(0, ((at.x - from.x) * dx + (at.y - from.y) * dy) / square));
  return Math.hypot(at.x - from.x - part * dx, at.y - from.y - part * dy);
}

/** The lines scaled to the box and moved so that their centre of mass is the image's centre. */
function centred(strokes: readonly Point[][], { width, height }: { width: number; height: number }): Point[][] {
  const side = Math.min(width, height);
  const all = strokes.flat();
  const xs = all.map(({ x }) => x), ys = all.map(({ y }) => y);
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), side / 28);
  const factor = (BOX * side - 2 * RADIUS * side / 28) / extent;
  // A dot stays a dot.
  const scale = Math.min(factor, 4);
  let mass = 0, x = 0, y = 0;
  for (const stroke of strokes) {
    stroke.forEach((to, i) => {
      const from = stroke[Math.max(0, i - 1)];
      const length = Math.hypot(to.x - from.x, to.y - from.y) + 1e-6;
      mass += length;
      x += length * (from.x + to.x) / 2;
      y += length * (from.y + to.y) / 2;
    });
  }
  return strokes.map((stroke) =>
    stroke.map((point) => ({
      x: (point.x - x / mass) * scale + width / 2,
      y: (point.y - y / mass) * scale + height / 2,
    }))
  );
}
