import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { inFolder } from "../cli/harness.ts";
import { DIGITS } from "./digits.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("the README's main.ts runs as it stands, with the permissions of its command and no others", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const main = /```ts ignore\n([^`]*createHandler[^`]*)```/.exec(readme)![1];
  const command = /^deno serve .*$/m.exec(readme)![0].split(" ");
  assertGreaterOrEqual(5, main.trimEnd().split("\n").length);
  assert(command.every((argument) => !argument.startsWith("--unstable") && argument !== "-A"));
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.ts`, main);
    await Deno.writeFile(
      `${folder}/digits.pnet`,
      Uint8Array.from(atob(DIGITS), (character) => character.charCodeAt(0)),
    );
    // The package as it is here in place of the one in the registry.
    const imports = { "jsr:@neuralbits/projectionnet/serve": new URL("lib/serve/mod.ts", ROOT).href };
    await Deno.writeTextFile(`${folder}/import_map.json`, JSON.stringify({ imports }));
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...[
          "serve",
          "--no-prompt",
          "--no-config",
          "--import-map=import_map.json",
          "--host",
          "127.0.0.1",
          "--port",
          `${port}`,
        ],
        ...command.slice(2),
      ],
      cwd: folder,
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    let response: Response | undefined;
    for (let tries = 0; response === undefined && tries < 300; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      response = await fetch(`http://127.0.0.1:${port}/v1/classify?top=3`, {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: new Uint8Array(784),
      }).catch(() => undefined);
    }
    const answer = await response?.json();
    const page = await fetch(`http://127.0.0.1:${port}/`).then((found) => found.text(), () => "");
    child.kill();
    await child.status;
    assertEquals([response?.status, answer?.top?.length], [200, 3], await said);
    assert(page.includes("<h1>digits</h1>"));
    await said;
  });
});
