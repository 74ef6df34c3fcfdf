/** `npm run bench -- --out FILE`: the duration of complete commands and of their steps, compared with the minimum on this machine. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { labStatus, startLab, stopLab } from "../lab/lab.ts";
import { PROXY_VERSIONS } from "../lab/proxy.ts";
import { measureCommands } from "./bench/commands/measure.ts";
import { EmptyStack } from "./bench/empty.ts";
import { measureNewcomer } from "./bench/newcomer/measure.ts";
import { writePage } from "./bench/page/write.ts";
import { BenchResult, PARTS, type Part } from "./bench/result.ts";
import { measureSteps } from "./bench/steps.ts";
import { tableOf } from "./bench/table.ts";
import { targetsOf } from "./bench/targets.ts";
import { measureTransfer } from "./bench/transfer/measure.ts";
import { PULUMI_VERSION } from "./pulumi/index.ts";

const USAGE = `npm run bench -- [--out FILE] [--check] [--only PART] [--rounds 5] [--swaps 20]
                 [--hosts 1,3,10] [--rtt 0,20,50] [--package FILE]
npm run bench -- --page FILE

  --out FILE   writes the result as JSON
  --check      fails when a target is missed
  --only       commands: complete commands of the installed package, on --hosts and with --rtt ms of added round trip
               steps: the steps of a run, from this checkout
               transfer: an image of which a little has changed, to three hosts without a registry, and by other ways
               newcomer: from a folder with a Dockerfile and a new server to the first answer, by the installed package
  --package    the tarball whose commands are measured, to compare two versions; default: the package of this checkout
  --page FILE  measures nothing: writes docs/performance.md and its plots from such a result, which is stored beside them; what it
               does not have stays as it was
`;

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    page: { type: "string" },
    check: { type: "boolean", default: false },
    only: { type: "string" },
    package: { type: "string" },
    rounds: { type: "string", default: "5" },
    swaps: { type: "string", default: "20" },
    hosts: { type: "string", default: "1,3,10" },
    rtt: { type: "string", default: "0,20,50" },
    help: { type: "boolean", default: false },
  },
});
const numbers = (text: string): number[] => text.split(",").map((one) => (one.trim() === "" ? Number.NaN : Number(one)));
const plan = {
  rounds: Number(values.rounds),
  swaps: Number(values.swaps),
  hosts: numbers(values.hosts),
  rtts: numbers(values.rtt),
  tarball: values.package === undefined ? undefined : resolve(values.package),
};
const isWrong =
  !(plan.rounds >= 1 && plan.swaps >= 1) ||
  !(plan.hosts.every((count) => count >= 1) && plan.rtts.every((rtt) => rtt >= 0)) ||
  !(values.only === undefined || PARTS.some((part) => part === values.only));
const wanted = (part: Part): boolean => values.only === undefined || values.only === part;

async function bench(): Promise<BenchResult> {
  const before = { measured: new Date().toISOString().slice(0, 10), machine: machine() };
  const about = { ...before, versions: await versions(), rounds: plan.rounds };
  const compared = await commandsAndSteps();
  const transfer = wanted("transfer") ? await measureTransfer(plan.rounds) : undefined;
  const newcomer = wanted("newcomer") ? await measureNewcomer(plan.rounds, plan.tarball) : undefined;
  return {
    ...about,
    ...compared,
    ...(transfer === undefined ? {} : { transfer }),
    ...(newcomer === undefined ? {} : { newcomer }),
  };
}

/** Both are compared with an empty program. */
async function commandsAndSteps(): Promise<Pick<BenchResult, "commands" | "steps">> {
  if (!(wanted("commands") || wanted("steps"))) return {};
  await using empty = await EmptyStack.create();
  const steps = wanted("steps") ? await measureSteps(plan, empty) : undefined;
  const commands = wanted("commands") ? await measureCommands(plan, empty) : undefined;
  return { ...(commands === undefined ? {} : { commands }), ...(steps === undefined ? {} : { steps }) };
}

function machine(): BenchResult["machine"] {
  const all = cpus();
  const memory = Math.round(totalmem() / 1024 / 1024);
  const cpu = all[0]?.model.trim() ?? "unknown";
  const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  return { cpu, cpus: all.length, memory_mb: memory, system: `${type()} ${release()}`, load };
}

async function versions(): Promise<BenchResult["versions"]> {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, "..", "package.json"), "utf8")) as { version: string };
  const [host] = (await startLab({ hosts: ["bench-1"] })).hosts;
  const docker = await host?.docker.version();
  return {
    slipway: version,
    node: process.versions.node,
    pulumi: PULUMI_VERSION,
    docker: docker?.Version ?? "unknown",
    kamal_proxy: PROXY_VERSIONS[0].replace(/^v/, ""),
  };
}

if (values.help || isWrong) {
  console.error(USAGE);
  process.exitCode = 64;
} else if (values.page !== undefined) {
  await writePage(BenchResult.parse(JSON.parse(await readFile(values.page, "utf8"))));
} else {
  const wasUp = (await labStatus()).engine === "running";
  try {
    const result = await bench();
    console.log(tableOf(result));
    if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(result, null, 2)}\n`);
    const missed = targetsOf(result).some(({ held }) => !held);
    if (missed && values.check) process.exitCode = 1;
  } finally {
    if (!wasUp) await stopLab();
  }
}
