import type { Kind } from "../kind.ts";
import type { Props } from "../values.ts";
import type { Api } from "./api.ts";
import { given, inner, LABELS, listOf, NAME, protect, remove, rename, textOf } from "./parts.ts";

const pathOf = (id: string): string => `/load_balancers/${id}`;

/** `hcloud:index/loadBalancer:LoadBalancer`. Its deprecated `targets` are LoadBalancerTargets here. */
export const loadBalancer = (api: () => Api): Kind => {
  const read = async (id: string): Promise<Props | undefined> => {
    const found = await api().find("load_balancer", pathOf(id));
    if (found === undefined) return undefined;
    const [net, [attached]] = [inner(found, "public_net"), listOf(found.private_net)];
    const location = inner(found, "location");
    return {
      name: found.name,
      labels: found.labels,
      loadBalancerType: inner(found, "load_balancer_type").name,
      location: location.name,
      networkZone: location.network_zone,
      algorithm: found.algorithm,
      ipv4: inner(net, "ipv4").ip,
      ipv6: inner(net, "ipv6").ip,
      networkId: attached?.network ?? 0,
      networkIp: attached?.ip ?? "",
      deleteProtection: inner(found, "protection").delete,
      targets: listOf(found.targets).flatMap((target) =>
        target.type === "server"
          ? [{ type: "server", serverId: inner({ ...target }, "server").id, usePrivateIp: target.use_private_ip }]
          : [],
      ),
    };
  };
  const act = (id: string, name: string, body: object) => api().act("POST", `${pathOf(id)}/actions/${name}`, body);
  return {
    properties: {
      name: NAME,
      labels: LABELS,
      loadBalancerType: {},
      location: { replaces: true, computed: true },
      networkZone: { replaces: true, computed: true },
      algorithm: { computed: true },
      deleteProtection: {},
    },
    outputs: ["ipv4", "ipv6", "networkId", "networkIp", "targets"],
    named: true,
    create: async ({ name, labels, loadBalancerType, location, networkZone, algorithm, deleteProtection }) => {
      const zone = location === undefined ? textOf(networkZone) : undefined;
      const body = given({ name, labels, load_balancer_type: loadBalancerType, location, network_zone: zone, algorithm });
      const made = await api().act("POST", "/load_balancers", body);
      const id = String(inner(made, "load_balancer").id);
      await protect(api(), pathOf(id), deleteProtection, false);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      await rename(api(), pathOf(id), inputs, before);
      if (inputs.loadBalancerType !== before.loadBalancerType)
        await act(id, "change_type", { load_balancer_type: inputs.loadBalancerType });
      const type = (inputs.algorithm as Props | undefined)?.type;
      if (type !== undefined && type !== (before.algorithm as Props | undefined)?.type)
        await act(id, "change_algorithm", { type });
      await protect(api(), pathOf(id), inputs.deleteProtection, before.deleteProtection);
      return (await read(id)) ?? {};
    },
    delete: (id) => remove(api(), "load_balancer", pathOf(id)),
  };
};
