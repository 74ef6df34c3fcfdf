import { canonical } from "../../core/values.ts";
import { routeDifferences } from "../../hosts/index.ts";
import { editsOf } from "../container/limits.ts";
import type { FoundContainer, Reached } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import type { AccessoryOperation } from "./operation.ts";

export type { AccessoryOperation } from "./operation.ts";

/** Name of the container that is to take the place of the one that serves. */
export const nextOf = ({ container }: Pick<AccessoryInputs, "container">): string => `${container}-next`;

/** Name of the throw-away containers that tell versions. */
export const helperOf = ({ container }: Pick<AccessoryInputs, "container">): string => `${container}-version`;

/**
 * What to do so that the accessory runs as declared. Names, labels and states of the two containers are the journal: whatever step a
 * run died at, the plan of what it left is what was still to do, or the way back.
 */
export function planAccessory(wanted: AccessoryInputs, found: Reached): AccessoryOperation[] {
  return [
    ...(found.network ? [] : [{ do: "network", network: networkOf(wanted) } as const]),
    ...found.helpers.map(({ id, name }) => ({ do: "discard", container: name, id, running: false }) as const),
    ...planContainers(wanted, found),
    ...planRoute(wanted, found),
  ];
}

/** Names that an accessory needs and that other containers have: it must not be touched then. */
export const clashesOf = ({ main, next }: Reached): FoundContainer[] =>
  [main, next].filter((container) => container?.of === "somebody").filter((container) => container !== undefined);

export const networkOf = ({ network = "kamal" }: Pick<AccessoryInputs, "network">): string => network;

/** Whether a container is what is declared. Its digest is not asked for: what a tag has come to mean since replaces nothing. */
const isIt = ({ spec, image }: AccessoryInputs, container: FoundContainer): boolean =>
  container.of === "ours" && container.spec === spec && container.image === image;

function planContainers(wanted: AccessoryInputs, { main, next }: Reached): AccessoryOperation[] {
  if (next === undefined) return planMain(wanted, main);
  if (main === undefined) {
    if (isIt(wanted, next)) return finish(wanted, next, undefined);
    // The only one there is: it serves until it is replaced.
    return [rename(wanted), ...planMain(wanted, { ...next, name: wanted.container })];
  }
  if (!main.running && isIt(wanted, next)) return finish(wanted, next, main);
  const discard = { do: "discard", container: next.name, id: next.id, running: next.running } as const;
  if (main.running || isIt(wanted, main)) return [discard, ...planMain(wanted, main)];
  const revive = { do: "revive", container: main.name, id: main.id } as const;
  return [discard, revive, ...planMain(wanted, { ...main, running: true })];
}

function planMain(wanted: AccessoryInputs, main: FoundContainer | undefined): AccessoryOperation[] {
  const create = { do: "create", container: nextOf(wanted) } as const;
  if (main === undefined) return [create, ...takeOver(wanted, undefined)];
  if (!isIt(wanted, main)) return [create, ...(main.running ? [halt(main)] : []), ...takeOver(wanted, main)];
  if (main.status !== "running") return [...up(main.name), { do: "settle", container: main.name }];
  const edited = editsOf(main.limits, wanted.options);
  return edited.length === 0 ? [] : [{ do: "restore", container: main.name, id: main.id, edited }];
}

/** What is left of a replace when its candidate is made and the old one does not run. */
function finish(wanted: AccessoryInputs, next: FoundContainer, main: FoundContainer | undefined): AccessoryOperation[] {
  const all = takeOver(wanted, main);
  return next.status === "running" ? all.filter((operation) => operation.do !== "start") : all;
}

const takeOver = (wanted: AccessoryInputs, main: FoundContainer | undefined): AccessoryOperation[] => [
  ...up(nextOf(wanted)),
  { do: "settle", container: nextOf(wanted) },
  ...(main === undefined ? [] : [{ do: "remove", container: main.name, id: main.id } as const]),
  rename(wanted),
];

const up = (container: string): AccessoryOperation[] => [
  { do: "start", container },
  { do: "prove", container },
];

const halt = ({ name, id }: FoundContainer): AccessoryOperation => ({ do: "halt", container: name, id });

const rename = (wanted: AccessoryInputs): AccessoryOperation => ({
  do: "rename",
  container: nextOf(wanted),
  to: wanted.container,
});

function planRoute({ container, proxy }: AccessoryInputs, { route }: Reached): AccessoryOperation[] {
  if (proxy === undefined) return route === undefined ? [] : [{ do: "unroute", route: container }];
  if (route === undefined) return [{ do: "route", route: container, because: [] }];
  const { appPort, ...options } = proxy;
  const leads = canonical(route.targets) === canonical([targetOf(container, appPort)]) ? [] : ["target"];
  const because = [...leads, ...routeDifferences(route.options, options)];
  return because.length === 0 ? [] : [{ do: "route", route: container, because }];
}

/** The container's name, not its id, so that a route holds over every replace. @example "shop-mail:8025" */
export const targetOf = (container: string, port: number): string => `${container}:${port}`;
