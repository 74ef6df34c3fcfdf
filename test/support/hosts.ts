import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostsOf, LANE } from "../../lab/lane.ts";
import { BOOT_FILES } from "../../providers/firewall/boot.ts";
import { WITHDRAW_SCRIPT } from "../../providers/firewall/script.ts";

/** Takes a firewall of ours away that a failing test left. */
export const openAgain = (host: LabHost): Promise<string> => host.must(`set -- ${BOOT_FILES.join(" ")}; ${WITHDRAW_SCRIPT}`);

/** The hosts of these tests: test files that run in parallel have their own hosts, and so does another checkout on the same machine. */
export const HOSTS: readonly string[] = (process.env.SLIPWAY_ENGINE_HOSTS ?? hostsOf(LANE)).split(",");

/** What tests write on a host and a reset of its Docker does not remove. */
const FILES = ["/root/.docker", "/root/.kamal", "/root/shop-db", "/srv/shop"];

/** The first `count` hosts as fresh servers, with no session open. */
export async function freshHosts(count: number): Promise<Lab> {
  const lab = await startLab({ hosts: HOSTS.slice(0, count) });
  await lab.reset();
  await Promise.all(lab.hosts.map((host) => host.dropSessions()));
  await Promise.all(lab.hosts.map((host) => host.must(`rm -rf ${FILES.join(" ")}`)));
  return lab;
}

/** The host at that index; the first by default. */
export function hostOf(lab: Lab, at = 0): LabHost {
  const host = lab.hosts[at];
  if (host === undefined) throw new RangeError(`the lab has ${lab.hosts.length} hosts`);
  return host;
}

/** An app's container as Docker lists it. */
export interface AppContainer {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The containers of one service on a host, running or not, newest first. */
export async function containersOf(host: LabHost, service = "shop"): Promise<AppContainer[]> {
  const found = await host.docker.listContainers({ all: true, filters: { label: [`service=${service}`] } });
  return found
    .sort((a, b) => b.Created - a.Created)
    .map(({ Id, Names, State, ImageID, Labels }) => ({
      id: Id,
      name: (Names[0] ?? "").slice(1),
      state: State,
      image: ImageID,
      labels: Labels,
    }));
}

/** The only running container of the service. */
export async function liveOf(host: LabHost, service = "shop"): Promise<AppContainer> {
  const running = (await containersOf(host, service)).filter(({ state }) => state === "running");
  const [live] = running;
  if (live === undefined || running.length > 1)
    throw new Error(`${host.name}: ${running.length} containers of ${service} run, not one`);
  return live;
}

/** What a person does by hand on the host. Docker answers before it has written all events; an inspect waits for those. */
export async function byHand(host: LabHost, script: string): Promise<void> {
  await host.must(`${script} && docker ps --all --quiet | xargs docker inspect`);
}
