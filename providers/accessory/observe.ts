import type { Container, Host } from "../../hosts/index.ts";
import { BILLION } from "../container/body.ts";
import { statusOf } from "../container/status.ts";
import { orUnreachable } from "../steps/finding.ts";
import { isBuiltIn, LABEL, ownLabels } from "./container.ts";
import type { FoundAccessory, FoundContainer, FoundMount, Reached } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { helperOf, networkOf, nextOf } from "./plan.ts";
import { ownerOf, whoseOf } from "./whose.ts";

/**
 * What is there of an accessory; throws when the host cannot be asked.
 *
 * @param routed whether it has a route, or had one
 */
export async function observeAccessory(inputs: AccessoryInputs, host: Host, routed: boolean): Promise<Reached> {
  const { docker } = host;
  const network = networkOf(inputs);
  const [main, next, helper, there, volumes, route] = await Promise.all([
    docker.inspect(inputs.container),
    docker.inspect(nextOf(inputs)),
    docker.inspect(helperOf(inputs)),
    isBuiltIn(network) || docker.network(network).then((found) => found !== undefined),
    docker.volumes(ownLabels(inputs)),
    routed ? findRoute(inputs, host) : undefined,
  ]);
  const isLimited = [main, next].some((container) => container && container.memoryLimit + container.nanoCpus > 0);
  const machine = isLimited ? await docker.info() : undefined;
  const most = { memory: machine?.memory ?? 0, nanoCpus: (machine?.cpus ?? 0) * BILLION };
  const found = (container: Container | undefined) => container && foundOf(inputs, container, most);
  const [foundMain, foundNext] = [found(main), found(next)];
  return {
    kind: "present",
    ...(foundMain === undefined ? {} : { main: foundMain }),
    ...(foundNext === undefined ? {} : { next: foundNext }),
    helpers: helper?.labels[LABEL.helper] === inputs.container ? [{ id: helper.id, name: helper.name }] : [],
    network: there,
    volumes: volumes.map(({ name }) => name).sort(),
    ...(route === undefined ? {} : { route }),
  };
}

/** The same, where a host that cannot be asked is a finding. */
export const readAccessory = (inputs: AccessoryInputs, host: Host): Promise<FoundAccessory> =>
  orUnreachable(host.name, () => observeAccessory(inputs, host, inputs.proxy !== undefined));

interface Most {
  readonly memory: number;
  readonly nanoCpus: number;
}

function foundOf(inputs: AccessoryInputs, container: Container, most: Most): FoundContainer {
  const { id, name, labels, image, state, restartPolicy, memoryLimit, nanoCpus } = container;
  const of = ownerOf(inputs, labels);
  return {
    ...{ id, name, of, whose: whoseOf(labels), spec: labels[LABEL.spec] ?? "" },
    image: labels[LABEL.image] ?? image,
    digest: image.split("@")[1] ?? "",
    running: state.running,
    status: statusOf(container.state),
    limits: {
      restart: restartPolicy,
      ...{ memory: memoryLimit, nanoCpus },
      void: [
        ...(memoryLimit > 0 && memoryLimit >= most.memory ? (["memory"] as const) : []),
        ...(nanoCpus > 0 && nanoCpus >= most.nanoCpus ? (["cpus"] as const) : []),
      ],
    },
    mounts: container.mounts.flatMap(mountOf),
  };
}

function mountOf({ type, source, name = source, target }: Container["mounts"][number]): FoundMount[] {
  if (type === "volume") return [{ kind: "volume", source: name, target }];
  return type === "bind" ? [{ kind: "bind", source, target }] : [];
}

async function findRoute({ container }: AccessoryInputs, host: Host): Promise<NonNullable<Reached["route"]> | undefined> {
  const route = await host.proxy.route(container);
  return route && { targets: [...route.targets], options: route.options };
}
