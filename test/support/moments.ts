import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { DockerEvent } from "../../lab/events.ts";
import type { LabHost } from "../../lab/host.ts";
import { type AppContainer, containersOf } from "./hosts.ts";

const PATIENCE: Seconds = 30;

/** The containers of the service that run on a host. */
export async function runningOn(host: LabHost, service?: string): Promise<AppContainer[]> {
  return (await containersOf(host, service)).filter(({ state }) => state === "running");
}

/** Names of what runs of the service on each of these hosts. */
export const namesOn = (hosts: readonly LabHost[], service?: string): Promise<string[][]> =>
  Promise.all(hosts.map(async (host) => (await runningOn(host, service)).map(({ name }) => name).sort()));

/** The container whose name begins with `prefix`, once it runs. */
export const once = (host: LabHost, prefix: string): Promise<AppContainer> =>
  Deadline.in(PATIENCE).until(
    async () => (await runningOn(host)).find(({ name }) => name.startsWith(prefix)),
    () => new Error(`${prefix}… never ran on ${host.name}`),
  );

/** When the action first happened to a matching container; throws if it never did. */
export function momentOf(events: readonly DockerEvent[], action: string, prefix: string): number {
  const event = events.find((one) => one.type === "container" && one.action === action && one.name.startsWith(prefix));
  if (event === undefined) throw new Error(`no ${action} of ${prefix}… among ${events.map(lineOf).join(", ")}`);
  return event.at.getTime();
}

const lineOf = ({ action, name }: DockerEvent): string => `${action} ${name}`;

/** What happened to containers on a host, one line each. @example ["create shop-web-lab-v2-…", "start …"] */
export const storyOf = (events: readonly DockerEvent[]): string[] =>
  events.filter(({ type }) => type === "container").map(lineOf);
