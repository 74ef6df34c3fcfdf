import { foreignOf, isOwn } from "../../core/owner.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Container, Host, Volume } from "../../hosts/index.ts";
import { limitsOf } from "../container/limits.ts";
import { statusOf } from "../container/status.ts";
import { orUnreachable } from "../steps/finding.ts";
import { restoreOf } from "../steps/restore.ts";
import { isBuiltIn, LABEL, ownLabels } from "./container.ts";
import { ownerOf, whoseOf } from "./container-owner.ts";
import { findFolder, needsFolder } from "./folder.ts";
import type { FoundAccessory, FoundContainer, FoundMount, ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { helperOf, networkOf, nextOf } from "./plan.ts";
import { rivalsOf, writtenSources } from "./rivals.ts";
import { runsAsDeclared } from "./runs-as-declared.ts";

/**
 * Observes an accessory; throws when the host is unreachable.
 *
 * @param routed whether a route is or was declared
 */
export async function observeAccessory(inputs: AccessoryInputs, host: Host, routed: boolean): Promise<ObservedAccessory> {
  const { docker } = host;
  const network = networkOf(inputs);
  const [main, next, helper, restore, there, volumes, containers, route] = await Promise.all([
    docker.inspect(inputs.container),
    docker.inspect(nextOf(inputs)),
    docker.inspect(helperOf(inputs)),
    restoreOf(host, inputs.container),
    isBuiltIn(network) || docker.network(network).then((found) => found !== undefined),
    docker.volumes(ownLabels(inputs)),
    writtenSources(inputs).length === 0 ? [] : docker.containers({}),
    routed ? findRoute(inputs, host) : undefined,
  ]);
  const [foundMain, foundNext] = await Promise.all(
    [main, next].map((container) => container && foundOf(inputs, container, host)),
  );
  const kamals = main === undefined && next === undefined ? await kamalsOf(inputs, host) : undefined;
  return {
    kind: "present",
    ...(foundMain === undefined ? {} : { main: foundMain }),
    ...(foundNext === undefined ? {} : { next: foundNext }),
    helpers: helper?.labels[LABEL.helper] === inputs.container ? [{ id: helper.id, name: helper.name }] : [],
    ...(restore === undefined ? {} : { restore }),
    network: there,
    rivals: rivalsOf(inputs, containers),
    ...volumesOf(inputs, volumes),
    ...(kamals === undefined ? {} : { kamals }),
    ...(route === undefined ? {} : { route }),
  };
}

/** Kamal puts no destination into the name. */
async function kamalsOf(inputs: AccessoryInputs, host: Host): Promise<string | undefined> {
  const { service, accessory, destination, startEmpty } = inputs;
  const container = `${service}-${accessory}`;
  if (destination === undefined || container === inputs.container || startEmpty === true) return undefined;
  const found = await host.docker.inspect(container);
  return found !== undefined && ownerOf({ ...inputs, container }, found.labels) === "kamal" ? container : undefined;
}

function volumesOf(inputs: AccessoryInputs, volumes: readonly Volume[]): Pick<ObservedAccessory, "volumes" | "foreignVolumes"> {
  const sorted = [...volumes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const own = sorted.filter(({ labels }) => isOwn(labels[LABEL.stack], inputs));
  return { volumes: own.map(({ name }) => name), foreignVolumes: foreignOf(sorted, inputs) };
}

/** The same; an unreachable host is a finding. */
export const readAccessory = (inputs: AccessoryInputs, host: Host): Promise<FoundAccessory> =>
  orUnreachable(host.name, () => observeAccessory(inputs, host, inputs.proxy !== undefined));

async function foundOf(inputs: AccessoryInputs, container: Container, host: Host): Promise<FoundContainer> {
  const { id, name, labels, image, state } = container;
  const of = ownerOf(inputs, labels);
  const adopted = of === "kamal" && (await isAdopted(inputs, container, host));
  return {
    id,
    name,
    of,
    whose: whoseOf(labels),
    ...omitUndefined({ stack: labels[LABEL.stack] }),
    spec: adopted ? inputs.spec : (labels[LABEL.spec] ?? ""),
    image: adopted ? inputs.image : (labels[LABEL.image] ?? image),
    digest: image.split("@")[1] ?? "",
    running: state.running,
    status: statusOf(state),
    limits: await limitsOf(container, inputs.options, host),
    mounts: container.mounts.flatMap(mountOf),
    open: [...new Set(container.ports.filter(({ hostIp }) => EVERYWHERE.has(hostIp)).map(({ hostPort }) => hostPort))],
  };
}

const EVERYWHERE: ReadonlySet<string> = new Set(["", "0.0.0.0", "::"]);

/** One that Kamal started has no label that says what it was made from, so it is compared itself. */
async function isAdopted(inputs: AccessoryInputs, container: Container, host: Host): Promise<boolean> {
  const image = await host.docker.image(container.imageId);
  return runsAsDeclared(inputs, container, image, needsFolder(inputs) ? await findFolder(inputs, host) : "");
}

function mountOf({ type, source, name = source, target }: Container["mounts"][number]): FoundMount[] {
  if (type === "volume") return [{ kind: "volume", source: name, target }];
  return type === "bind" ? [{ kind: "bind", source, target }] : [];
}

async function findRoute(
  { container }: AccessoryInputs,
  host: Host,
): Promise<NonNullable<ObservedAccessory["route"]> | undefined> {
  const route = await host.proxy.route(container);
  return route && { targets: [...route.targets], options: route.options };
}
