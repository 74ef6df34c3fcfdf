import type { ContainerName, HostName, ReleaseId } from "../../core/words.ts";
import type { Fleet, FoundCommand } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Operation } from "./operation.ts";

/** Labels of the containers that ran a release command. */
export const COMMAND = { release: "slipway.command", index: "slipway.command.index" } as const;

/** `shop-release-command-production-1.4.2-ab12cd34`, `….2` for the second. The container stays: it is the note that the command ran. */
export function commandName({ service, destination }: ReleaseInputs, release: ReleaseId, index: number): ContainerName {
  const parts = [service, "release-command", ...(destination === undefined ? [] : [destination]), release];
  return `${parts.join("-")}${index === 0 ? "" : `.${index + 1}`}`;
}

interface FoundAt {
  readonly host: HostName;
  readonly command: FoundCommand;
}

/**
 * Runs what must run once before a release starts: not when a release comes back, not when a lost container of it is started
 * again, not when a run that was killed is made up for.
 *
 * @param changes what else the release does
 */
export function planCommands(wanted: ReleaseInputs, fleet: Fleet, changes: readonly Operation[]): Operation[] {
  const found = commandsOf(fleet);
  const { canary, release, containers, hosts } = wanted;
  const isHere = ({ host }: FoundAt) => host in hosts;
  const tracks = [{ release, containers }, ...(canary === undefined ? [] : [canary])];
  return [
    ...tracks
      .filter((track) => isNew(track.containers, fleet, changes))
      .flatMap((track) => planTrack(wanted, track.release, found)),
    ...oldOnes(wanted, found.filter(isHere)).map(({ host, command }) => remove(host, command, "retired")),
    ...found.filter((one) => !isHere(one)).map(({ host, command }) => remove(host, command, "withdrawn")),
  ];
}

function planTrack(wanted: ReleaseInputs, release: ReleaseId, found: readonly FoundAt[]): Operation[] {
  if (wanted.releaseCommand === undefined) return [];
  const { host, commands } = wanted.releaseCommand;
  const own = found.filter((one) => one.host === host && one.command.release === release);
  return commands.flatMap((command, index): Operation[] => {
    const before = own.find((one) => one.command.index === index)?.command;
    if (before?.state === "done") return [];
    const leftover = before?.state === "failed" ? [removeLeftover(host, before)] : [];
    return [...leftover, { do: "run-command", host, container: commandName(wanted, release, index), release, index, command }];
  });
}

const remove = (host: HostName, { name, id, image }: FoundCommand, because: "retired" | "withdrawn"): Operation => ({
  do: "remove",
  host,
  container: name,
  id,
  image,
  because,
});

const removeLeftover = (host: HostName, { name, id, image }: FoundCommand): Operation => ({
  do: "remove-leftover",
  host,
  container: name,
  id,
  image,
});

const commandsOf = (fleet: Fleet): FoundAt[] =>
  Object.entries(fleet).flatMap(([host, found]) =>
    found.kind === "reached" ? found.commands.map((command) => ({ host, command })) : [],
  );

/** Whether something starts that no host has ever had. */
function isNew(containers: Readonly<Record<string, ReleaseId>>, fleet: Fleet, changes: readonly Operation[]): boolean {
  const own = new Set(Object.values(containers));
  const known = new Set(
    Object.values(fleet).flatMap((found) => (found.kind === "reached" ? found.containers.map(({ release }) => release) : [])),
  );
  return changes.some((change) => change.do === "start" && own.has(change.release) && !known.has(change.release));
}

/** As many releases as have their containers kept have their notes kept; without an app there is nothing to note. */
function oldOnes({ release, canary, roles, retainContainers }: ReleaseInputs, found: readonly FoundAt[]): FoundAt[] {
  if (Object.keys(roles).length === 0) return [...found];
  const old = found
    .filter(({ command }) => command.release !== release && command.release !== canary?.release && command.state !== "running")
    .sort((a, b) => b.command.created - a.command.created);
  const releases = Map.groupBy(old, ({ command }) => command.release);
  return [...releases.values()].slice(retainContainers).flat();
}
