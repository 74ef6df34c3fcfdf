/** A run of the accessory's provider that kills itself with SIGKILL while change number `at` is on its way to the host. Reads its task from stdin. */
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Hosts, parseAccess } from "../../hosts/index.ts";
import { AccessoryInputs, AccessoryState } from "../../providers/accessory/inputs.ts";
import { accessoryProvider } from "../../providers/accessory/provider.ts";
import { forgottenIn } from "../../providers/pulumi/forgotten.ts";

const Task = z.object({ access: z.string(), inputs: AccessoryInputs, state: AccessoryState, at: z.number() });
/** Long enough for the request to leave, too short for most responses. */
const ON_ITS_WAY_MS = 5;

const { access, inputs, state, at } = Task.parse(JSON.parse(await text(process.stdin)));
let left = at;
const hosts = new Hosts(parseAccess(access, {}), {
  done: () => {},
  around: async (_change, run) => {
    left -= 1;
    const answer = run();
    if (left < 0) {
      answer.catch(() => {});
      await sleep(ON_ITS_WAY_MS);
      process.kill(process.pid, "SIGKILL");
    }
    return answer;
  },
});
await accessoryProvider.converge(inputs, state, {
  hosts,
  owner: "killed",
  forgotten: forgottenIn(undefined),
  declared: async () => [],
  report: { status() {}, say() {}, warn() {} },
});
await hosts.close();
