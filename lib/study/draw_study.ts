/**
 * The plot of a study: accuracy against bits and against bytes of the file, logarithmic across, with the trainer's line and the spread over the seeds. One SVG
 * without scripts, fonts or links, which follows the reader's light or dark scheme. Colours: Okabe and Ito's, told apart by colour-blind eyes; series differ in
 * their marks as well.
 *
 * @module
 */
import { type Axis, inRows, linearAxis, logAxis, shortNumber } from "./axes.ts";
import { shortName, type StudyPoint, type StudyResult, type StudyRun } from "./summarize.ts";

const width = 960, panelHeight = 360, margin = { left: 58, right: 20, top: 78, between: 62, below: 54 };
const panelWidth = (width - margin.left - margin.right - margin.between) / 2;
const legendSizes = { row: 22, mark: 34, gap: 22, font: 13 };

/** Light and dark colour of each series. */
const colours = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#ff8a3d"],
  ["#009e73", "#2fd0a3"],
  ["#b0578d", "#e39cc6"],
  ["#8a6d00", "#f0e442"],
  ["#3f8fc4", "#9ad1f2"],
  ["#a67100", "#e69f00"],
  ["#555555", "#bbbbbb"],
] as const;

/** Marks about the origin. */
const marks = [
  `<circle r="3.6"/>`,
  `<rect x="-3.3" y="-3.3" width="6.6" height="6.6"/>`,
  `<path d="M0-4.6 4.2 3.2-4.2 3.2z"/>`,
  `<path d="M0-4.8 4.8 0 0 4.8-4.8 0z"/>`,
  `<path d="M0 4.6 4.2-3.2-4.2-3.2z"/>`,
  `<path d="M-4-1.3h2.7V-4h2.6v2.7H4v2.6H1.3V4h-2.6V1.3H-4z"/>`,
  `<path d="M0-4.6 4.4-1.4 2.7 3.7-2.7 3.7-4.4-1.4z"/>`,
];

/** The text of study.svg. */
export function drawStudy({ plan, trainer, points }: StudyResult): string {
  const isTest = plan.test !== null;
  const ofRun = (run: Pick<StudyRun, "projectionAccuracy" | "validationAccuracy">): number =>
    100 * (isTest ? run.projectionAccuracy ?? 0 : run.validationAccuracy);
  const ofTrainer = (run: Pick<StudyRun, "trainerAccuracy" | "trainerValidationAccuracy">): number =>
    100 * (isTest ? run.trainerAccuracy ?? 0 : run.trainerValidationAccuracy);
  const series = [...Map.groupBy(points, (point) => point.series)];
  const runs = points.flatMap((point) => point.runs);
  const trained = runs.map(ofTrainer);
  const level = 100 * (isTest ? trainer.testAccuracy ?? 0 : trainer.validationAccuracy);
  const vertical = linearAxis([...runs.map(ofRun), ...trained, 0.9 * level], { most: 7, end: 100 });

  const legend = legendOf(series.map(([name]) => name));
  const panelTop = margin.top + legend.height;
  const height = panelTop + panelHeight + margin.below;
  const panels = [
    { label: "bits of the code", of: (point: StudyPoint) => point.bits, left: margin.left },
    {
      label: "bytes of the file",
      of: (point: StudyPoint) => point.modelBytes,
      left: margin.left + panelWidth + margin.between,
    },
  ];
  const seeds = plan.seeds.length;
  const spread = seeds > 1 ? `; median and range of ${seeds} seeds` : "";
  const note = `trainer ${level.toFixed(1)} %, ${trainer.bytes.toLocaleString("en-US")} bytes as float32`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escape(`${shortName(plan.data.name)}: accuracy against bits and bytes`)}</title>`,
    `<style>${styleOf(series.length)}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${margin.left}" y="30">${escape(shortName(plan.data.name))}</text>`,
    `<text class="note" x="${margin.left}" y="52">accuracy on ${
      isTest ? "test" : "validation"
    } data in percent${spread}</text>`,
    ...legend.entries,
    ...panels.flatMap(({ label, of, left }) => {
      const across = logAxis(points.map(of), { most: 9 });
      const xOf = (value: number): number => round(left + panelWidth * across.place(value));
      const yOf = (value: number): number => round(panelTop + panelHeight * (1 - vertical.place(value)));
      const { lines, words } = trainerLine({ level, trained, note }, { left, yOf });
      return [
        ...grid(across, vertical, { left, top: panelTop, xOf, yOf, label }),
        ...lines,
        ...series.flatMap(([, points], index) => curve(points, { index, of, ofRun, xOf, yOf })),
        ...words,
      ];
    }),
    "</svg>",
    "",
  ].join("\n");
}

/** The names of the series with their marks, in as many rows as they need. */
function legendOf(names: readonly string[]): { entries: string[]; height: number } {
  const { row, mark, gap, font } = legendSizes;
  const widths = names.map((name) => mark + textWidth(name, font) + gap);
  const rows = inRows(widths, width - margin.left);
  const entries = rows.flatMap((indices, line) => {
    const y = margin.top + row * line;
    let x = margin.left;
    return indices.map((index) => {
      const sample = `<path class="line" d="M${round(x)} ${y}h26"/><g transform="translate(${round(x + 13)} ${y})">${
        marks[index % marks.length]
      }</g>`;
      const name = `<text class="label" x="${round(x + mark)}" y="${y + 4.5}">${escape(names[index])}</text>`;
      x += widths[index];
      return `<g class="s${index}">${sample}</g>${name}`;
    });
  });
  return { entries, height: row * rows.length };
}

interface Places {
  xOf(value: number): number;
  yOf(value: number): number;
}

function grid(
  across: Axis,
  vertical: Axis,
  { left, top, xOf, yOf, label }: Places & { left: number; top: number; label: string },
): string[] {
  const bottom = top + panelHeight;
  return [
    ...vertical.ticks.map((tick) =>
      `<path class="grid" d="M${left} ${yOf(tick)}h${panelWidth}"/><text class="tick" text-anchor="end" x="${
        left - 8
      }" y="${yOf(tick) + 4}">${tick}</text>`
    ),
    ...across.ticks.map((tick) =>
      `<path class="grid" d="M${xOf(tick)} ${top}v${panelHeight}"/><text class="tick" text-anchor="middle" x="${
        xOf(tick)
      }" y="${bottom + 18}">${shortNumber(tick)}</text>`
    ),
    `<path class="axis" d="M${left} ${bottom}h${panelWidth}"/>`,
    `<text class="label" text-anchor="middle" x="${left + panelWidth / 2}" y="${bottom + 42}">${label}</text>`,
  ];
}

/** The trainer's range over the seeds and its median, and where nine tenths of it are; its words stand above the curves. */
function trainerLine(
  { level, trained, note }: { level: number; trained: readonly number[]; note: string },
  { left, yOf }: Pick<Places, "yOf"> & { left: number },
): { lines: string[]; words: string[] } {
  const top = yOf(Math.max(...trained)), bottom = yOf(Math.min(...trained));
  const near = yOf(0.9 * level);
  return {
    lines: [
      `<rect class="trained" x="${left}" y="${top}" width="${panelWidth}" height="${round(bottom - top)}"/>`,
      `<path class="trainer" d="M${left} ${yOf(level)}h${panelWidth}"/>`,
      `<path class="near" d="M${left} ${near}h${panelWidth}"/>`,
    ],
    words: [
      `<text class="note" x="${left + 6}" y="${round(top - 6)}">${note}</text>`,
      `<text class="note" x="${left + 6}" y="${round(near - 5)}">90 % of it</text>`,
    ],
  };
}

/** The medians, and behind them the range over the seeds. */
function curve(
  points: readonly StudyPoint[],
  { index, of, ofRun, xOf, yOf }: Places & {
    index: number;
    of: (point: StudyPoint) => number;
    ofRun: (run: StudyRun | StudyPoint) => number;
  },
): string[] {
  const ordered = [...points].sort((a, b) => of(a) - of(b));
  const place = (point: StudyPoint, value: number): string => `${xOf(of(point))} ${yOf(value)}`;
  const ranges = ordered.map((point) => point.runs.map(ofRun));
  const above = ordered.map((point, at) => place(point, Math.max(...ranges[at])));
  const below = ordered.map((point, at) => place(point, Math.min(...ranges[at]))).reverse();
  const middle = ordered.map((point) => place(point, ofRun(point)));
  const bars = ordered.map((point, at) => {
    const top = yOf(Math.max(...ranges[at]));
    return `M${xOf(of(point))} ${top}v${round(yOf(Math.min(...ranges[at])) - top)}`;
  });
  return [
    `<g class="s${index}">`,
    `<path class="range" d="M${[...above, ...below].join("L")}z"/><path class="bar" d="${bars.join("")}"/>`,
    `<path class="line" d="M${middle.join("L")}"/>`,
    ...middle.map((at) => `<g transform="translate(${at})">${marks[index % marks.length]}</g>`),
    "</g>",
  ];
}

function styleOf(series: number): string {
  const scheme = (dark: 0 | 1): string => {
    const [paper, ink, soft, lines] = dark
      ? ["#0d1117", "#e6edf3", "#9da7b3", "#2b323b"]
      : ["#ffffff", "#1f2328", "#59636e", "#e4e7eb"];
    return [
      `.paper{fill:${paper}}.title,.label{fill:${ink}}.note,.tick{fill:${soft}}text{stroke:${paper}}.grid{stroke:${lines}}.axis{stroke:${soft}}`,
      `.trainer,.near{stroke:${ink}}.trained{fill:${ink}}`,
      ...Array.from({ length: series }, (_, index) => `.s${index}{color:${colours[index % colours.length][dark]}}`),
    ].join("");
  };
  return [
    `text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}`,
    ".title{font-size:19px;font-weight:600}.label{font-size:13px}.note,.tick{font-size:12px}path{fill:none}",
    "text{stroke-width:3px;stroke-linejoin:round;paint-order:stroke}.trainer{stroke-width:1.6;stroke-dasharray:7 4}.near{stroke-width:1;stroke-dasharray:1.5 4}.trained{opacity:.1}",
    "g path,g circle,g rect{fill:currentColor}g .line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}",
    `g .range{opacity:${series > 4 ? 0.07 : 0.14}}g .bar{fill:none;stroke:currentColor;stroke-width:1.2;opacity:.6}`,
    scheme(0),
    `@media(prefers-color-scheme:dark){${scheme(1)}}`,
  ].join("");
}

/** About how wide a text is. */
function textWidth(text: string, size: number): number {
  return text.length * size * 0.56;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (found) => `&#${found.charCodeAt(0)};`);
}
