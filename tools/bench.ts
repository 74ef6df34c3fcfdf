/** `npm run bench -- --out FILE`: the duration of a run, compared with the minimum on this machine. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Milliseconds } from "../core/words.ts";
import { type Lab, labStatus, startLab, stopLab } from "../lab/lab.ts";
import { measureCold } from "./bench/cold.ts";
import { EmptyStack } from "./bench/empty.ts";
import { BenchFleet } from "./bench/fleet.ts";
import { removeLimit } from "./bench/limit.ts";
import { type BenchResult, type FleetRow, median, rounded } from "./bench/result.ts";
import { RolesBench } from "./bench/roles.ts";
import { tableOf } from "./bench/table.ts";
import { targetsOf } from "./bench/targets.ts";
import { longer } from "./bench/way.ts";
import { PULUMI_VERSION } from "./pulumi/index.ts";

const USAGE = `npm run bench -- [--out FILE] [--check] [--rounds 5] [--swaps 20]

  --out FILE   writes the result as JSON
  --check      fails when a target is missed
`;
const HOSTS = ["bench-1", "bench-2", "bench-3"] as const;
const RATE = 100;
/** Milliseconds added to the round trip of SSH. */
const ROUND_TRIPS = [0, 20, 50] as const;
const FEWEST_ROUNDS = 5;
/** Each creates and removes a server. */
const COLD_ROUNDS = 3;

async function bench(lab: Lab, rounds: number, swaps: number): Promise<BenchResult> {
  await lab.reset();
  await using empty = await EmptyStack.create();
  await using one = await BenchFleet.deploy(lab, lab.hosts.slice(0, 1));
  await using three = await BenchFleet.deploy(lab, lab.hosts);
  const floors: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    console.error(round === 0 ? "bench: warm-up" : `bench: round ${round} of ${rounds}`);
    const floor = await empty.up();
    for (const fleet of [one, three]) {
      await fleet.measureNoop();
      await fleet.measureRelease();
    }
    if (round === 0) for (const fleet of [one, three]) fleet.forget();
    else floors.push(floor);
  }
  await removeLimit(lab.hosts);
  console.error(`bench: ${swaps} swaps at ${RATE} requests/s`);
  const load = await three.swapsUnderLoad(lab, swaps, RATE);
  const fleet: FleetRow[] = [];
  for (const rtt of ROUND_TRIPS) fleet.push(await measureRoles(lab, rtt, rounds));
  await lab.reset();
  const cold = await measureCold(lab, Math.min(rounds, COLD_ROUNDS));
  const result: BenchResult = {
    machine: machine(),
    versions: await versions(lab),
    rounds,
    floor: { up_s: rounded(median(floors)) },
    noop: [one.noop, three.noop],
    release: [one.release, three.release],
    fleet,
    cold,
    swaps: { hosts: three.hosts.length, count: swaps, rate: RATE, ...load },
  };
  await lab.reset();
  return result;
}

/** Web and worker, with and without latency: every row of one latency in each round. */
async function measureRoles(lab: Lab, rtt: Milliseconds, rounds: number): Promise<FleetRow> {
  await lab.reset();
  await using way = await longer(lab.hosts, rtt);
  await using one = await BenchFleet.deploy(lab, lab.hosts.slice(0, 1), way);
  await using roles = await RolesBench.deploy(lab, way);
  for (let round = 0; round <= rounds; round += 1) {
    console.error(`bench: web and worker, +${rtt} ms, ${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}`);
    await roles.measure();
    roles.noteDeploy(await one.deployNoop());
    if (round === 0) roles.forget();
  }
  await roles.measureMemory();
  return roles.row();
}

function machine(): BenchResult["machine"] {
  const all = cpus();
  const memory = Math.round(totalmem() / 1024 / 1024);
  return { cpu: all[0]?.model.trim() ?? "unknown", cpus: all.length, memory_mb: memory, system: `${type()} ${release()}` };
}

async function versions(lab: Lab): Promise<BenchResult["versions"]> {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, "..", "package.json"), "utf8")) as { version: string };
  const docker = await lab.hosts[0]?.docker.version();
  const proxies = await lab.hosts[0]?.docker.listContainers({ filters: { name: ["^/kamal-proxy$"] } });
  const proxy = proxies?.[0]?.Image.split(":").at(-1)?.replace(/^v/, "");
  return {
    slipway: version,
    node: process.versions.node,
    pulumi: PULUMI_VERSION,
    docker: docker?.Version ?? "unknown",
    kamal_proxy: proxy ?? "unknown",
  };
}

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    check: { type: "boolean", default: false },
    rounds: { type: "string", default: String(FEWEST_ROUNDS) },
    swaps: { type: "string", default: "20" },
    help: { type: "boolean", default: false },
  },
});
const [rounds, swaps] = [Number(values.rounds), Number(values.swaps)];

if (values.help || !(rounds >= 1) || !(swaps >= 1)) {
  console.error(USAGE);
  process.exitCode = 64;
} else {
  const wasUp = (await labStatus()).engine === "running";
  try {
    const result = await bench(await startLab({ hosts: HOSTS }), rounds, swaps);
    console.log(tableOf(result));
    if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(result, null, 2)}\n`);
    const missed = targetsOf(result).some(({ held }) => !held);
    if (missed && values.check) process.exitCode = 1;
  } finally {
    if (!wasUp) await stopLab();
  }
}
