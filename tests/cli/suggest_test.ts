import { assertEquals } from "@std/assert";
import { nearestName, suggestion } from "../../lib/cli/suggest.ts";

Deno.test("nearestName: typing mistakes and beginnings are understood, other words are not", () => {
  const names = ["epochs", "batch", "learning-rate", "trainer", "trainer-hidden", "seed"];
  assertEquals(nearestName("epoch", names), "epochs");
  assertEquals(nearestName("ephocs", names), "epochs");
  assertEquals(nearestName("learn", names), "learning-rate");
  assertEquals(nearestName("sed", names), "seed");
  assertEquals(nearestName("budget", names), undefined);
  assertEquals(nearestName("x", names), undefined);
  assertEquals(suggestion("--sede", names, "--"), " (did you mean --seed?)");
  assertEquals(suggestion("--budget", names, "--"), "");
});
