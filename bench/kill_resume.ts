/**
 * Trainings that are killed (SIGKILL) at random moments and resumed, on MNIST's first digits: each that gets to its end has to end with the bytes of one that was
 * not killed. Every step is saved, so that many moments are those of a checkpoint's write. With `--full-disk` the checkpoints stand on a file system of 2 MB, where
 * after a few of them there is no room for another (Linux, as root).
 *
 *     deno task bench:kills [--kills 50] [--seed N] [--full-disk] [--json]
 *
 * @module
 */
import { integer } from "../lib/cli/option_values.ts";
import { flag } from "../lib/cli/options.ts";
import { SEED } from "../lib/cli/shared_options.ts";
import { inFolder, pause, processOf, randomNumbers, writeDigits } from "../tests/cli/harness.ts";
import { readBenchArguments } from "./recipes.ts";

const { kills: wanted, seed, "full-disk": onFullDisk, json } = readBenchArguments("bench:kills", {
  kills: { value: "N", help: "trainings that are killed", parse: integer({ min: 1 }), default: "50" },
  seed: SEED,
  "full-disk": flag("keep the checkpoints where there is no room for a third"),
  json: flag("print one JSON object"),
});

/** Mounts a small file system at a path for the time of the work. */
async function onSmallDisk(path: string, work: () => Promise<void>): Promise<void> {
  const call = async (name: string, ...args: string[]): Promise<void> => {
    const { success } = await new Deno.Command(name, { args }).output();
    if (!success) throw new Error(`${name} ${args.join(" ")} failed; it needs root`);
  };
  await Deno.mkdir(path);
  await call("mount", "-t", "tmpfs", "-o", "size=2m", "none", path);
  try {
    await work();
  } finally {
    await call("umount", path);
  }
}

await inFolder(async (folder) => {
  const images = `${folder}/images`, disk = `${folder}/disk`, state = `${disk}/state`;
  await Deno.mkdir(images);
  await writeDigits(images);
  const training = (name: string): string[] => [
    ...["train", "--data", images, "--projection", "patch", "--bits", "24", "--select", "300", "--head", "ternary"],
    ...["--trainer-hidden", onFullDisk ? "64" : "32", "--epochs", "12", "--batch", "32", "--threads", "1"],
    ...["--out", `${folder}/${name}.pnet`],
  ];
  const killed = [...training("killed"), "--checkpoint", state, "--checkpoint-seconds", "0", "--resume"];
  const began = performance.now();
  if ((await processOf(training("whole")).status).code !== 0) throw new Error("the training fails");
  const whole = await Deno.readFile(`${folder}/whole.pnet`), usual = performance.now() - began;

  const random = randomNumbers(seed);
  const found = { kills: 0, inWrite: 0, before: 0, ended: 0, failedWrites: 0 };
  const checkEnd = async (): Promise<void> => {
    const bytes = await Deno.readFile(`${folder}/killed.pnet`);
    if (bytes.length !== whole.length || bytes.some((byte, i) => byte !== whole[i])) throw new Error("other bytes");
    found.ended++;
    await Deno.remove(`${folder}/killed.pnet`);
    await Deno.remove(state, { recursive: true });
  };
  const files = async (): Promise<string[]> => {
    const entries = await Array.fromAsync(Deno.readDir(state)).catch(() => []);
    return entries.map(({ name }) => name).sort();
  };
  /**
   * Runs the training to its end, or until it is killed, so many milliseconds after its start or after its first checkpoint; gives whether it ended.
   */
  const runOn = async (killAfter: number, from: "start" | "checkpoint" = "start"): Promise<boolean> => {
    const before = (await files()).join();
    const child = processOf(killed, { stderr: "piped" });
    let hasEnded = false;
    const output = child.output().then((output) => (hasEnded = true, output));
    while (from === "checkpoint" && !hasEnded && (await files()).join() === before) await pause(2);
    const timer = hasEnded ? undefined : setTimeout(() => hasEnded || child.kill("SIGKILL"), killAfter);
    const { code, signal, stderr } = await output, said = new TextDecoder().decode(stderr);
    clearTimeout(timer);
    if (said.includes("could not be written")) found.failedWrites++;
    if (signal !== "SIGKILL" && code !== 0) throw new Error(`the training ended with ${code}: ${said}`);
    return signal !== "SIGKILL";
  };
  const work = async (): Promise<void> => {
    while (found.kills < wanted) {
      // Starting takes most of the time: one in five is killed at any moment from its start on, the others once they have written.
      const hasEndedFirst = random() < 0.2
        ? await runOn(usual * random())
        : await runOn(usual / 2 * random(), "checkpoint");
      if (hasEndedFirst) {
        await checkEnd();
        continue;
      }
      found.kills++;
      const left = await files();
      if (left.some((name) => name.endsWith(".tmp"))) found.inWrite++;
      if (!left.some((name) => name.endsWith(".pnck"))) found.before++;
    }
    await runOn(2 ** 30);
    await checkEnd();
  };
  if (onFullDisk) await onSmallDisk(disk, work);
  else {
    await Deno.mkdir(disk);
    await work();
  }
  const { kills, inWrite, before, ended, failedWrites } = found;
  console.log(
    json
      ? JSON.stringify({ ...found, seed, onFullDisk })
      : `${kills} kills (${inWrite} in a checkpoint's write, ${before} before the first one)` +
        `${
          onFullDisk ? `, ${failedWrites} processes with a full disk` : ""
        }; ${ended} trainings ended, all with the same bytes`,
  );
});
