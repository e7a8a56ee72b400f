import { TEXT_KINDS } from "../projection/text.ts";
import type { TextFeatureOptions } from "./text_options.ts";

/** Reads features such as `words1-2:2,skips1-3,characters3-4`: kind, smallest and largest n, and the kind's share. Undefined when it says none. */
export function parseTextFeatures(text: string): TextFeatureOptions[] | undefined {
  const features: TextFeatureOptions[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*([a-z]+)(\d{1,2})(?:-(\d{1,2}))?(?::(\d{1,3}))?\s*$/.exec(part);
    const kind = TEXT_KINDS.find((name) => name === match?.[1]);
    if (match === null || kind === undefined) return;
    const from = Number(match[2]);
    features.push({ kind, from, to: Number(match[3] ?? from), share: Number(match[4] ?? 1) });
  }
  return features;
}
