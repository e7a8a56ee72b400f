import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "./harness.ts";

const STARTER = new URL("../../.ci/deno.ts", import.meta.url);

/** A copy of the starter with an import map of its own, and a folder of temporary files of its own. */
interface Copy {
  /** Starts `deno run` on a script that prints what `package-without-origin` gave; standard error in lines. */
  start(): Promise<{ out: string; err: string[] }>;
  /** Replaces the packages that have stand-ins. */
  setImports(imports: Record<string, string>): Promise<void>;
  /** Paths of the temporary files. */
  memory(): string[];
}

async function withCopy(test: (copy: Copy) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const temporary = `${folder}/temporary`;
    for (const name of [".ci/std", "temporary"]) await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    await Deno.copyFile(STARTER, `${folder}/.ci/deno.ts`);
    await Deno.writeTextFile(`${folder}/.ci/std/stand_in.ts`, `export const origin: string = "stand-in";\n`);
    await Deno.writeTextFile(
      `${folder}/script.ts`,
      `const name = "package-without-origin";\nconsole.log((await import(name)).origin);\n`,
    );
    const copy: Copy = {
      async start() {
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-q", "-A", "--no-config", ".ci/deno.ts", "run", "-q", "-A", "--no-config", "script.ts"],
          cwd: folder,
          env: { TMPDIR: temporary, TMP: temporary, TEMP: temporary, NO_COLOR: "1" },
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).output();
        const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trimEnd());
        return { out, err: err.split("\n") };
      },
      setImports: (imports) => Deno.writeTextFile(`${folder}/.ci/std/import_map.json`, JSON.stringify({ imports })),
      memory: () => [...Deno.readDirSync(temporary)].map(({ name }) => `${temporary}/${name}`).sort(),
    };
    await test(copy);
  });
}

const MISSING = { "package-without-origin": "./stand_in.ts" };
const TRIED = "JSR cannot be reached, so the stand-ins in .ci/std are used (";
const REMEMBERED =
  "JSR could not be reached 0 min ago, so the stand-ins in .ci/std are used; to try again at once, delete ";

Deno.test("stand-ins: a failure is remembered, and the line says how to try again at once", async () => {
  await withCopy(async ({ start, setImports, memory }) => {
    await setImports(MISSING);
    const first = await start();
    assertStringIncludes(first.err[0], TRIED);
    const [file, ...others] = memory();
    assertEquals(others, []);
    assertStringIncludes(first.err[0], `for 10 min, or until ${file} is deleted`);
    assertEquals(await start(), { out: "stand-in", err: [`${REMEMBERED}${file}`] });
    await Deno.remove(file);
    assertEquals(await start(), first);
    assertEquals(first, { out: "stand-in", err: [first.err[0]] });
  });
});

Deno.test("stand-ins: another import map, an old memory and nonsense are no memory", async () => {
  await withCopy(async ({ start, setImports, memory }) => {
    await setImports(MISSING);
    await start();
    const [file] = memory();
    const minute = 60_000;
    for (const text of [`${Date.now() - 11 * minute}`, `${Date.now() + 60 * minute}`, "", "yes", "9".repeat(100)]) {
      await Deno.writeTextFile(file, text);
      assertStringIncludes((await start()).err[0], TRIED);
    }
    await Deno.writeTextFile(file, `${Date.now() - 9 * minute}`);
    assertStringIncludes((await start()).err[0], "could not be reached 9 min ago");
    await setImports({ ...MISSING, "another-without-origin": "./stand_in.ts" });
    assertStringIncludes((await start()).err[0], TRIED);
    assertEquals(memory().length, 2);
  });
});

Deno.test("stand-ins: a folder in the memory's place does not hurt", async () => {
  await withCopy(async ({ start, setImports, memory }) => {
    await setImports(MISSING);
    await start();
    const [file] = memory();
    await Deno.remove(file);
    await Deno.mkdir(`${file}/inside`, { recursive: true });
    const { out, err } = await start();
    assertEquals(out, "stand-in");
    assertEquals([err.length, err[0].startsWith(TRIED), err[0].includes("deleted")], [1, true, false]);
    assertEquals(memory(), [file]);
  });
});

Deno.test("stand-ins: a success is not remembered and not told", async () => {
  await withCopy(async ({ start, setImports, memory }) => {
    await setImports({ "node:path": "./stand_in.ts" });
    const { err } = await start();
    assert(err.every((line) => !line.includes("JSR")), err.join("\n"));
    assertEquals(memory(), []);
  });
});
