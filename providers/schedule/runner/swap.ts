/**
 * Program: stops a container, swaps its data, and starts it again. Arguments: the spec's file, the folder for its journal. It depends on no
 * connection, and goes on where it was when it is started again.
 */
import { readFile } from "node:fs/promises";
import { Engine } from "./engine.ts";
import { Journal } from "./journal.ts";
import { messageOf, print } from "./print.ts";
import { ServerInContainer } from "./server.ts";
import { filesSwap } from "./swap-files.ts";
import { redisSwap } from "./swap-redis.ts";
import type { SwapSpec } from "./swap-spec.ts";
import { swapUnder } from "./swapping.ts";

const [specFile = "", folder = ""] = process.argv.slice(2);
// It is killed in the middle as well as by this: with a code, so that Docker starts it again when the machine is up again.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(143));

try {
  const spec = JSON.parse(await readFile(specFile, "utf8")) as SwapSpec;
  const journal = new Journal(folder);
  const { data } = spec;
  const swap = data.kind === "redis" ? redisSwap(data, journal) : filesSwap(data, journal);
  print({ ...(await swapUnder(new ServerInContainer(new Engine(), spec, journal), swap, journal)) });
} catch (thrown) {
  print({ end: "stuck", why: messageOf(thrown) });
  process.exitCode = 1;
}
