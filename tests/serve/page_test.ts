import { assert, assertEquals, assertLess, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { loadPnet, PnetFormatError } from "../../lib/packed/mod.ts";
import { renderPage } from "../../lib/serve/mod.ts";
import { inFolder, run } from "../cli/harness.ts";
import { CHROMIUM, type OpenPage, withBrowser } from "./browser.ts";
import { DIGITS } from "./digits.ts";
import { FILES, makeService, withServer } from "./services.ts";

type Page = OpenPage["page"];

const digits = Uint8Array.from(atob(DIGITS), (character) => character.charCodeAt(0));
const QUIET = 900;

/** Points of digits, as shares of the pad's sides. */
const LINES = {
  one: [[[0.5, 0.2], [0.5, 0.8]]],
  zero: [[[0.5, 0.2], [0.36, 0.3], [0.33, 0.5], [0.37, 0.7], [0.5, 0.8], [0.63, 0.7], [0.67, 0.5], [0.63, 0.3], [
    0.5,
    0.2,
  ]]],
  three: [[[0.3, 0.25], [0.5, 0.15], [0.68, 0.25], [0.65, 0.4], [0.48, 0.48], [0.66, 0.55], [0.7, 0.72], [0.52, 0.85], [
    0.3,
    0.76,
  ]]],
  seven: [[[0.3, 0.25], [0.7, 0.25], [0.5, 0.8]]],
};

async function draw(page: Page, lines: number[][][]): Promise<void> {
  const box = (await page.locator("canvas.pad").boundingBox())!;
  for (const line of lines) {
    const [first, ...rest] = line.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
    await page.mouse.move(...first);
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...point, { steps: 5 });
    await page.mouse.up();
  }
}

const answer = async (page: Page): Promise<string> => {
  await page.waitForTimeout(150);
  return await page.locator(".answer strong").textContent() ?? "";
};

/** Whether the page is no wider than the screen. */
const fits = (page: Page): Promise<boolean> =>
  page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth");

/** One browser for all steps: starting it takes longer than the rest. */
Deno.test({
  name: "page: in a browser",
  ignore: CHROMIUM === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) =>
    withBrowser(async (open) => {
      await t.step("a digit is drawn and read, from a file, with a mouse, without the network", () =>
        inFolder(async (folder) => {
          await Deno.writeTextFile(`${folder}/digits.html`, await renderPage(digits, { title: "Digits & <friends>" }));
          for (const look of [{}, { dark: true, phone: true }]) {
            const { page } = await open(`file://${folder}/digits.html`, look);
            assertEquals(await page.title(), "Digits & <friends>");
            for (
              const [lines, label] of [[LINES.one, "1"], [LINES.zero, "0"], [LINES.three, "3"], [
                LINES.seven,
                "7",
              ]] as const
            ) {
              await draw(page, lines);
              assertEquals(await answer(page), label);
              await page.getByRole("button", { name: "Clear" }).click();
              await page.waitForTimeout(100);
              assertEquals(await page.locator(".answer").textContent(), "");
            }
            await draw(page, LINES.three);
            await page.waitForTimeout(QUIET);
            assertMatch((await page.getByRole("status").textContent())!, /^3 \d+\.\d %$/);
            assertMatch(
              (await page.locator(".facts").textContent())!,
              /^822 bytes · 384 bits · 10 classes · \d+\.\d µs$/,
            );
            assertMatch((await page.locator("canvas.bits").getAttribute("aria-label"))!, /^\d+ of 384 bits are set$/);
            assertEquals(await page.locator("tr").count(), 10);
            assertEquals((await page.locator("tr.best").textContent())![0], "3");
            assert(await fits(page));
          }
        }));
      await t.step("a digit is drawn with the keyboard, and taken away", () =>
        withServer(makeService({ models: { digits } }), async ({ url }) => {
          const { page } = await open(`${url}/`);
          await page.keyboard.press("Tab");
          assertEquals(await page.evaluate("document.activeElement.className"), "pad");
          for (let i = 0; i < 9; i++) {
            await page.keyboard.press("ArrowUp");
          }
          await page.keyboard.press("Space");
          for (let i = 0; i < 18; i++) {
            await page.keyboard.press("ArrowDown");
          }
          await page.keyboard.press("Space");
          assertEquals(await answer(page), "1");
          await page.keyboard.press("Delete");
          await page.waitForTimeout(100);
          assertEquals(await page.locator(".answer").textContent(), "");
          await page.keyboard.press("Tab");
          assertEquals(await page.evaluate("document.activeElement.textContent"), "Clear");
        }));
      await t.step("a sentence is typed, on a phone too, and the answers are those of the runtime here", () =>
        inFolder(async (folder) => {
          const words = { food: ["bread", "apple", "soup", "cheese"], sky: ["cloud", "storm", "rain", "sun"] };
          const rows = Object.entries(words).flatMap(([label, list]) =>
            list.flatMap((word) =>
              list.map((other) =>
                JSON.stringify({ text: `${word} and ${other} today`, label })
              )
            )
          );
          await Deno.writeTextFile(`${folder}/texts.jsonl`, rows.join("\n"));
          const trained = await run([
            ...["train", "--task", "text", "--data", `${folder}/texts.jsonl`, "--bits", "512", "--epochs", "20"],
            ...["--threads", "1", "--out", `${folder}/texts.pnet`],
          ]);
          assertEquals(trained.code, 0, trained.err);
          const written = await run([
            "page",
            `${folder}/texts.pnet`,
            "--out",
            `${folder}/texts.html`,
            "--title",
            "Texts",
          ]);
          assertEquals(written.code, 0, written.err);
          const here = loadPnet(await Deno.readFile(`${folder}/texts.pnet`));
          for (const look of [{}, { phone: true, dark: true }]) {
            const { page } = await open(`file://${folder}/texts.html`, look);
            for (
              const text of [
                "some soup and bread",
                "rain, rain and a STORM",
                "\u00e4\u{1f600} \u0639\u0631\u0628\u064a \u4e2d\u6587",
              ]
            ) {
              await page.getByLabel("Text").fill(text);
              const { label, probability } = here.classify(text);
              assertEquals(await answer(page), label);
              assertStringIncludes(
                (await page.locator("tr.best").textContent())!,
                `${(100 * probability).toFixed(1)} %`,
              );
            }
            assert(await fits(page));
          }
        }));
      await t.step("a row of a table is filled in, field by field or at once", () =>
        withServer(makeService(), async ({ url }) => {
          const { page } = await open(`${url}/?model=table`);
          const here = loadPnet(FILES.table);
          await page.getByLabel("A row of 6 numbers").fill("1, 2, -3.5, 4, 5, 6");
          assertEquals(await answer(page), here.classify([1, 2, -3.5, 4, 5, 6]).label);
          assertEquals(await page.getByLabel("Column 3").inputValue(), "-3.5");
          await page.getByLabel("Column 1").fill("99");
          assertEquals(await answer(page), here.classify([99, 2, -3.5, 4, 5, 6]).label);
          await page.getByLabel("Column 1").fill("");
          await page.waitForTimeout(100);
          assertEquals(await page.locator(".answer").textContent(), "");
        }));
      await t.step("the runtime in the browser gives the scores of this one, to the last bit", async () => {
        const { page } = await open("about:blank");
        const { convRuntime: { code, names } } = await import("../../lib/serve/generated.ts");
        const images = Array.from({ length: 200 }, (_, i) =>
          Array.from({ length: 784 }, (_, j) =>
            (i * j * 7919 + j * j) % 997 < 700 ? 0 : (i * 31 + j * 17) & 255));
        const there = await page.evaluate(`(() => {
        const loadPnet = (() => {${code}return ${names.loadPnet}})();
        const classifier = loadPnet("${DIGITS}");
        return ${JSON.stringify(images)}.map((image) => [...classifier.logits(image)]);
      })()`);
        const here = loadPnet(DIGITS);
        assertEquals(there, images.map((image) => [...here.logits(image)]));
      });
    }),
});

Deno.test("renderPage: one file without addresses, its script under a policy that lets nothing else run", async () => {
  for (const bytes of [digits, ...Object.values(FILES)]) {
    const page = await renderPage(bytes, { title: "</title><script>x" });
    assertEquals(page.match(/<script/g)!.length, 1);
    assert(!/https?:\/\//.test(page));
    assertStringIncludes(page, "<title>&lt;/title>&lt;script>x</title>");
    assertStringIncludes(page, "default-src 'none'");
    assertLess(page.length, 60_000);
  }
  await assertRejects(() => renderPage(digits.slice(1), { title: "x" }), PnetFormatError);
});
