/**
 * The page to try a model: one file without anything beside it, with the model, the runtime and what draws them inside.
 *
 * @module
 */

import { decodePnet } from "../packed/mod.ts";
import { base64 } from "./base64.ts";
import { pageScript } from "./generated.ts";
import { runtimeFor } from "./runtime_for.ts";

/** What a page says. */
export interface PageOptions {
  /** Its heading. */
  title: string;
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--paper:#fff;--card:#f6f8fa;--line:#d1d9e0;--bar:#2f6feb}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--paper:#0d1117;--card:#161b22;--line:#30363d;--bar:#58a6ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;margin:.5rem 0 1rem;overflow-wrap:anywhere}
#app{display:grid;gap:1rem;grid-template-columns:repeat(2,minmax(0,1fr));align-items:start}
@media (max-width:40rem){#app{grid-template-columns:minmax(0,1fr)}}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem}
.pad{display:block;width:100%;background:#000;border-radius:.3rem;touch-action:none;cursor:crosshair;image-rendering:pixelated}
.tools{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin-top:.75rem;font-size:.9rem}
button,textarea,input[type=number]{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.3rem;padding:.4rem .6rem}
input[type=file]{max-width:11rem;font-size:.8rem}
textarea{width:100%;resize:vertical}
label{display:inline-flex;gap:.35rem;align-items:center}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(4.5rem,1fr));gap:.35rem;margin-top:.5rem}
.fields input{width:100%;min-width:0;padding:.25rem}
:focus-visible{outline:3px solid var(--bar);outline-offset:2px}
.answer{font-size:1.25rem;margin:0 0 .75rem;min-height:2.2rem;overflow-wrap:anywhere}
.answer strong{font-size:1.5rem}
.answer em{color:var(--soft);font-size:1rem}
table{width:100%;border-spacing:0 .2rem}
th{text-align:left;font-weight:400;overflow-wrap:anywhere;padding-right:.5rem}
td:nth-child(2){width:60%}
td:last-child{white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums;color:var(--soft)}
.bar{height:.8rem;min-width:1px;border-radius:.2rem;background:var(--bar);opacity:.55}
.best th{font-weight:600}.best .bar{opacity:1}
.bits,.seen{display:block;image-rendering:pixelated}
.bits{width:min(100%,11rem);margin-top:1rem}
figure{margin:.75rem 0 0;display:flex;gap:.75rem;align-items:center;font-size:.9rem;color:var(--soft)}
.seen{width:4rem;border:1px solid var(--line)}
.facts{color:var(--soft);font-size:.9rem;margin:.5rem 0 0}
.empty table,.empty .bits{opacity:.25}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
`;

/**
 * Writes the page.
 *
 * @param bytes a `.pnet` file
 * @param options what it says
 * @returns HTML that needs nothing else, from a server or from a file
 * @throws {PnetFormatError} when the bytes are no model
 */
export async function renderPage(bytes: Uint8Array, { title }: PageOptions): Promise<string> {
  const { code, names } = runtimeFor(decodePnet(bytes)).bundle;
  const script = `"use strict";
const loadPnet=(()=>{${code}return ${names.loadPnet}})();
const start=(()=>{${pageScript.code}return ${pageScript.names.start}})();
start(loadPnet("${base64(bytes)}"),document.getElementById("app"));
`;
  const policy = `default-src 'none'; img-src data:; script-src '${await hash(script)}'; style-src '${await hash(
    STYLE,
  )}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="${policy}">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<div id="app"></div>
</main>
<script>${script}</script>
</body>
</html>
`;
}

/** The source of a content security policy that lets exactly this text run. */
async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${base64(new Uint8Array(digest))}`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
