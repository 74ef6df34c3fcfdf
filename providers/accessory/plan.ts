import { bodyLimitChange, describeBodyLimit } from "../../core/route.ts";
import { canonical } from "../../core/values.ts";
import { routeDifferences } from "../../hosts/index.ts";
import { editsOf } from "../container/limits.ts";
import type { FoundContainer, FoundRival, ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import type { AccessoryOperation } from "./operation.ts";

export type { AccessoryOperation } from "./operation.ts";

/** Name of the container that will replace the one that serves. */
export const nextOf = ({ container }: Pick<AccessoryInputs, "container">): string => `${container}-next`;

/** Name of the temporary container that prints a version. */
export const helperOf = ({ container }: Pick<AccessoryInputs, "container">): string => `${container}-version`;

/**
 * What to do, in order, so that the accessory runs as declared. Names, labels and states of its two containers are the journal: after a
 * run that died at any step, the plan is either the rest of the work or the way back.
 */
export function planAccessory(wanted: AccessoryInputs, found: ObservedAccessory): AccessoryOperation[] {
  // Until its data is whole, nothing else is started on it.
  if (found.restore !== undefined) {
    const { container, backup, running } = found.restore;
    return [{ do: "end-restore", container, backup, running }];
  }
  return [
    ...(found.network ? [] : [{ do: "network", network: networkOf(wanted) } as const]),
    ...found.helpers.map(({ id, name }) => ({ do: "discard", container: name, id, running: false }) as const),
    ...afterRivals(planContainers(wanted, found), found),
    ...planRoute(wanted, found),
  ];
}

/** Containers of this stack that write to the same data stop before the new one starts. */
function afterRivals(operations: readonly AccessoryOperation[], { rivals }: ObservedAccessory): AccessoryOperation[] {
  const at = operations.findIndex((operation) => operation.do === "start");
  if (at === -1) return [...operations];
  const stops = rivals
    .filter(({ of }) => of === "stack")
    .map(({ id, name, source }) => ({ do: "stop-rival", container: name, id, source }) as const);
  return [...operations.slice(0, at), ...stops, ...operations.slice(at)];
}

/** Containers of others that write to the same data. Nothing is started beside them. */
export const foreignRivalsOf = ({ rivals }: ObservedAccessory): FoundRival[] => rivals.filter(({ of }) => of !== "stack");

/** Other containers under the names that the accessory needs. They must not be touched. */
export const clashesOf = ({ main, next }: ObservedAccessory): FoundContainer[] =>
  [main, next].filter((container) => container?.of === "other").filter((container) => container !== undefined);

export const networkOf = ({ network = "kamal" }: Pick<AccessoryInputs, "network">): string => network;

/** Whether a container is as declared. The digest does not count: a tag that moves in the registry replaces nothing. */
const isDeclared = ({ spec, image }: AccessoryInputs, container: FoundContainer): boolean =>
  container.of !== "other" && container.spec === spec && container.image === image;

function planContainers(wanted: AccessoryInputs, { main, next }: ObservedAccessory): AccessoryOperation[] {
  if (next === undefined) return planMain(wanted, main);
  if (main === undefined) {
    if (isDeclared(wanted, next)) return finish(wanted, next, undefined);
    // The only container: it serves until it is replaced.
    return [rename(wanted), ...planMain(wanted, { ...next, name: wanted.container })];
  }
  if (!main.running && isDeclared(wanted, next)) return finish(wanted, next, main);
  const discard = { do: "discard", container: next.name, id: next.id, running: next.running } as const;
  if (main.running || isDeclared(wanted, main)) return [discard, ...planMain(wanted, main)];
  const revive = { do: "revive", container: main.name, id: main.id } as const;
  return [discard, revive, ...planMain(wanted, { ...main, running: true })];
}

function planMain(wanted: AccessoryInputs, main: FoundContainer | undefined): AccessoryOperation[] {
  const create = { do: "create", container: nextOf(wanted) } as const;
  if (main === undefined) return [create, ...takeOver(wanted, undefined)];
  if (!isDeclared(wanted, main)) return [create, ...(main.running ? [stop(main)] : []), ...takeOver(wanted, main)];
  if (main.status !== "running") return [...startAndProve(main.name), { do: "set-limits", container: main.name }];
  const edited = editsOf(main.limits, wanted.options);
  return edited.length === 0 ? [] : [{ do: "reset-limits", container: main.name, id: main.id, edited }];
}

/** The rest of a replacement whose candidate is created and whose old container is stopped. */
function finish(wanted: AccessoryInputs, next: FoundContainer, main: FoundContainer | undefined): AccessoryOperation[] {
  const all = takeOver(wanted, main);
  return next.status === "running" ? all.filter((operation) => operation.do !== "start") : all;
}

const takeOver = (wanted: AccessoryInputs, main: FoundContainer | undefined): AccessoryOperation[] => [
  ...startAndProve(nextOf(wanted)),
  { do: "set-limits", container: nextOf(wanted) },
  ...(main === undefined ? [] : [{ do: "remove", container: main.name, id: main.id } as const]),
  rename(wanted),
];

const startAndProve = (container: string): AccessoryOperation[] => [
  { do: "start", container },
  { do: "prove", container },
];

const stop = ({ name, id }: FoundContainer): AccessoryOperation => ({ do: "stop", container: name, id });

const rename = (wanted: AccessoryInputs): AccessoryOperation => ({
  do: "rename",
  container: nextOf(wanted),
  to: wanted.container,
});

function planRoute({ container, proxy }: AccessoryInputs, { route }: ObservedAccessory): AccessoryOperation[] {
  if (proxy === undefined) return route === undefined ? [] : [{ do: "unroute", route: container }];
  if (route === undefined) return [{ do: "route", route: container, because: [] }];
  const { appPort, ...options } = proxy;
  const target = canonical(route.targets) === canonical([targetOf(container, appPort)]) ? [] : ["target"];
  const limit = bodyLimitChange(route.options, options);
  const limits = limit === undefined ? [] : [describeBodyLimit(limit)];
  const because = [...target, ...routeDifferences(route.options, options), ...limits];
  return because.length === 0 ? [] : [{ do: "route", route: container, because }];
}

/** By the container's name, not its id, so that the route survives replacements. @example "shop-mail:8025" */
export const targetOf = (container: string, port: number): string => `${container}:${port}`;
