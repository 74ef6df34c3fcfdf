import { posix } from "node:path";
import { isKamalAccessory, namesOwner } from "../../core/owner.ts";
import type { ContainerSummary } from "../../hosts/index.ts";
import { restoreName } from "../steps/restore.ts";
import { LABEL } from "./container.ts";
import { whoseOf } from "./container-owner.ts";
import type { FoundRival } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { helperOf, nextOf } from "./plan.ts";

/** Volumes and folders that the accessory writes to by a name of its user's choice. Those that are named after it are its own. */
export const writtenSources = ({ mounts, directories }: Pick<AccessoryInputs, "mounts" | "directories">): string[] => [
  ...mounts.filter(({ readOnly }) => !readOnly).map(({ source }) => source),
  ...directories.map(({ source }) => source).filter((source) => posix.isAbsolute(source)),
];

/**
 * Containers of any owner that write to what this accessory writes to. Two servers on one folder of data destroy it, and none of them
 * notices: a server recognizes only others in its own container.
 */
export function rivalsOf(inputs: AccessoryInputs, containers: readonly ContainerSummary[]): FoundRival[] {
  const own = new Set([inputs.container, nextOf(inputs), helperOf(inputs), restoreName(inputs.container)]);
  return containers
    .filter(({ name, state, labels }) => !own.has(name) && MAY_WRITE.has(state) && !mayShare(inputs, labels))
    .flatMap((container) => {
      const source = writtenSources(inputs).find((wanted) => container.writes.some((theirs) => overlap(wanted, theirs)));
      return source === undefined ? [] : [rivalOf(inputs, container, source)];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A container that was stopped by hand, or that was only created, writes nothing until a person starts it. */
const MAY_WRITE: ReadonlySet<string> = new Set<ContainerSummary["state"]>(["running", "paused", "restarting"]);

/** Files that an app and a server of files both write, such as uploads. No database is known to be among them. */
const mayShare = ({ preset, service }: AccessoryInputs, labels: ContainerSummary["labels"]): boolean =>
  preset === undefined && labels.service === service && labels.role !== undefined;

function rivalOf(owner: AccessoryInputs, { id, name, labels }: ContainerSummary, source: string): FoundRival {
  const ofStack = labels[LABEL.accessory] !== undefined && namesOwner(labels, owner);
  return { id, name, source, whose: whoseOf(labels), of: ofStack ? "stack" : isKamalAccessory(name, labels) ? "kamal" : "other" };
}

/** Whether two sources are the same, or one is in the other. */
function overlap(a: string, b: string): boolean {
  const [first, second] = [placeOf(a), placeOf(b)];
  return first === second || first.startsWith(`${second}/`) || second.startsWith(`${first}/`);
}

/** A volume is known by its name or by its folder in Docker's data root. */
const placeOf = (source: string): string => {
  const path = posix.normalize(source).replace(/(?<=.)\/+$/, "");
  const inVolume = /\/volumes\/([^/]+)\/_data(\/.*)?$/.exec(path);
  if (inVolume !== null) return `volume:${inVolume[1]}${inVolume[2] ?? ""}`;
  return posix.isAbsolute(path) ? (path === "/" ? "" : path) : `volume:${path}`;
};
