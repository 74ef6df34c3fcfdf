import type { Milliseconds } from "../../core/words.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { measureCold } from "./cold.ts";
import type { EmptyStack } from "./empty.ts";
import { BenchFleet } from "./fleet.ts";
import { removeLimit } from "./limit.ts";
import { type FleetRow, median, rounded, type StepsResult } from "./result.ts";
import { RolesBench } from "./roles.ts";
import { longer } from "./way.ts";

const HOSTS = ["bench-1", "bench-2", "bench-3"] as const;
const RATE = 100;
/** Milliseconds added to the round trip of SSH. */
const ROUND_TRIPS = [0, 20, 50] as const;
/** Each creates and removes a server. */
const COLD_ROUNDS = 3;

export interface StepsPlan {
  readonly rounds: number;
  readonly swaps: number;
}

/** The steps of a run, compared with the minimum on this machine. */
export async function measureSteps({ rounds, swaps }: StepsPlan, empty: EmptyStack): Promise<StepsResult> {
  const lab = await startLab({ hosts: HOSTS });
  await lab.reset();
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
    else floors.push(floor.wall_s);
  }
  await removeLimit(lab.hosts);
  console.error(`bench: ${swaps} swaps at ${RATE} requests/s`);
  const load = await three.swapsUnderLoad(lab, swaps, RATE);
  const fleet: FleetRow[] = [];
  for (const rtt of ROUND_TRIPS) fleet.push(await measureRoles(lab, rtt, rounds));
  await lab.reset();
  const cold = await measureCold(lab, Math.min(rounds, COLD_ROUNDS));
  await lab.reset();
  return {
    floor: { up_s: rounded(median(floors)) },
    noop: [one.noop, three.noop],
    release: [one.release, three.release],
    fleet,
    cold,
    swaps: { hosts: three.hosts.length, count: swaps, rate: RATE, ...load },
  };
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
