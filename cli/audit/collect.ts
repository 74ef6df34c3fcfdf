import { reasonOf } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import type { Hosts } from "../../hosts/index.ts";
import { findProject } from "../../project/project.ts";
import { pulumi, stackArguments } from "../../project/pulumi.ts";
import { type Place, placesOf } from "../lock/places.ts";
import { hostsAt } from "../stack/access.ts";
import { chosen } from "../stack/choose.ts";
import type { StackOptions } from "../stack/option.ts";
import { readApps } from "../stack/read-stack.ts";
import { StoredStack } from "../stack/stored-stack.ts";
import { printedUpdates } from "../stack/update-history.ts";
import { type AuditReport, type HostAudit, ofHost, ofUpdate } from "./report.ts";

/** Reads the journals of a stack's hosts and, unless only some hosts are asked for, the updates of its state. */
export async function collectAudit(
  options: StackOptions,
  named: readonly HostName[] | undefined,
  lines: number,
  folder = process.cwd(),
): Promise<AuditReport> {
  const apps = await readApps(options, folder);
  const [{ access, stack }] = apps;
  const places = placesOf(apps);
  const names = chosen(
    "host",
    places.map(({ address }) => address.name),
    named,
  );
  await using hosts = hostsAt(access);
  const asked = places.filter(({ address }) => names.includes(address.name)).map((place) => journalOn(place, hosts, lines));
  const [state, ...journals] = await Promise.all([
    named === undefined ? updatesOf(options.stack, stack, lines, folder) : [],
    ...asked,
  ]);
  return { schema: 1, stack, state: state.map(ofUpdate).reverse(), hosts: journals };
}

async function journalOn({ address }: Place, hosts: Hosts, lines: number): Promise<HostAudit> {
  const host = hosts.at(address);
  try {
    return { host: host.name, unreachable: null, entries: (await host.journal(lines)).map(ofHost) };
  } catch (thrown) {
    return { host: host.name, unreachable: reasonOf(thrown, host.name), entries: [] };
  }
}

/** Newest first. Secrets of the config that was released then stay encrypted. */
async function updatesOf(
  given: string | undefined,
  stack: string,
  count: number,
  folder: string,
): Promise<Parameters<typeof ofUpdate>[0][]> {
  const stored = await StoredStack.find(await findProject(folder), given ?? stack);
  const read = await stored?.updates(1, count);
  if (read !== undefined) return read;
  const args = ["stack", "history", "--json", "--page-size", String(count), "--page", "1", ...stackArguments(given)];
  return [...(await printedUpdates(() => pulumi(args, folder))(1))];
}
