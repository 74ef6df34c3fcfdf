import type { LabHost } from "../../../lab/host.ts";
import type { CommandFleet } from "./fleet.ts";
import type { HistoryPoint } from "./result.ts";

/** Releases before the second look: more than are kept for a rollback. */
const RELEASES = 8;
/** Stopped containers of others. Docker lists them with all their labels and mounts. */
const OTHERS = 40;

/** What one release reads from a host, on one that is nearly new and on one that has been used for a while. */
export async function growHistory(fleet: CommandFleet): Promise<HistoryPoint[]> {
  console.error(`bench: ${RELEASES} releases and ${OTHERS} containers of others`);
  await fleet.reset();
  await fleet.run("first_deploy");
  const points = [await release(fleet, 2, 0)];
  for (let count = 3; count < RELEASES; count += 1) await release(fleet, count, 0);
  points.push(await release(fleet, RELEASES, 0));
  await Promise.all(fleet.hosts.map(addOthers));
  points.push(await release(fleet, RELEASES + 1, OTHERS));
  return points;
}

async function release(fleet: CommandFleet, releases: number, others: number): Promise<HistoryPoint> {
  await fleet.newVersion();
  const { traffic } = await fleet.run("deploy");
  const most = Math.max(...traffic.map(({ down }) => down));
  return { releases, others, down_kb: Math.round(most / 100) / 10 };
}

/** Containers of an image that is there already; they are only created. */
async function addOthers({ docker }: LabHost): Promise<void> {
  const [proxy] = await docker.listContainers({ filters: { name: ["^/kamal-proxy$"] } });
  if (proxy === undefined) throw new Error("the host has no proxy, of whose image containers could be made");
  const labels = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`com.example.label-${at}`, `value ${at}`]));
  for (let at = 0; at < OTHERS; at += 1)
    await docker.createContainer({ name: `stranger-${at}`, Image: proxy.ImageID, Cmd: ["true"], Labels: labels });
}
