/**
 * Small grey images as text.
 */

/** From empty to full, for light text on a dark ground and, well enough, the other way round. */
const RAMP = " .:-=+*#%@";

/** What an image looks like. */
export interface GreyImage {
  /** Pixels in 0…255, row by row. */
  pixels: ArrayLike<number>;
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
}

/** Draws an image in `columns` × `rows` characters; each character stands for the mean of the pixels that it covers. */
export function textArt(image: GreyImage, { columns, rows }: { columns: number; rows: number }): string[] {
  return Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: columns }, (_, column) => RAMP[shade(meanAt(image, column, row))]);
    return cells.join("");
  });

  function meanAt({ pixels, width, height }: GreyImage, column: number, row: number): number {
    const [top, bottom] = [row * height / rows, (row + 1) * height / rows];
    const [left, right] = [column * width / columns, (column + 1) * width / columns];
    let sum = 0;
    for (let y = Math.floor(top); y < bottom; y++) {
      const tall = Math.min(y + 1, bottom) - Math.max(y, top);
      for (let x = Math.floor(left); x < right; x++) {
        sum += pixels[y * width + x] * tall * (Math.min(x + 1, right) - Math.max(x, left));
      }
    }
    return sum / ((bottom - top) * (right - left));
  }
}

function shade(mean: number): number {
  return Math.min(RAMP.length - 1, Math.round(mean / 255 * (RAMP.length - 1)));
}

/** Puts blocks of equally many lines side by side, as many as fit into `width`, the rest below. */
export function sideBySide(
  blocks: readonly (readonly string[])[],
  { width, gap }: { width: number; gap: number },
): string {
  const blockWidth = Math.max(...blocks.flatMap((block) => block.map((line) => line.length)));
  const perRow = Math.max(1, Math.floor((width + gap) / (blockWidth + gap)));
  const rows: string[] = [];
  for (let first = 0; first < blocks.length; first += perRow) {
    const group = blocks.slice(first, first + perRow);
    const lines = group[0].map((_, i) =>
      group.map((block) => block[i].padEnd(blockWidth)).join(" ".repeat(gap)).trimEnd()
    );
    rows.push(lines.join("\n"));
  }
  return rows.join("\n\n");
}
