import type { Kind } from "../kind.ts";
import type { Props } from "../values.ts";
import type { Api, Shown } from "./api.ts";
import { given, inner, LABELS, listOf, NAME, numberOf, protect, remove, rename } from "./parts.ts";

const pathOf = (id: string): string => `/networks/${id}`;

/** `hcloud:index/network:Network` */
export const network = (api: () => Api): Kind => {
  const read = async (id: string) => {
    const found = await api().find("network", pathOf(id));
    return (
      found && {
        name: found.name,
        ipRange: found.ip_range,
        labels: found.labels,
        deleteProtection: inner(found, "protection").delete,
        exposeRoutesToVswitch: found.expose_routes_to_vswitch,
      }
    );
  };
  return {
    properties: { name: NAME, labels: LABELS, ipRange: { replaces: true }, deleteProtection: {}, exposeRoutesToVswitch: {} },
    outputs: [],
    named: true,
    create: async ({ name, ipRange, labels, deleteProtection, exposeRoutesToVswitch }) => {
      const body = given({ name, ip_range: ipRange, labels, expose_routes_to_vswitch: exposeRoutesToVswitch });
      const made = await api().call("POST", "/networks", body);
      const id = String(inner(made, "network").id);
      await protect(api(), pathOf(id), deleteProtection, false);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      const { exposeRoutesToVswitch: expose } = inputs;
      const more = expose === before.exposeRoutesToVswitch ? {} : given({ expose_routes_to_vswitch: expose });
      await rename(api(), pathOf(id), inputs, before, more);
      await protect(api(), pathOf(id), inputs.deleteProtection, before.deleteProtection);
      return (await read(id)) ?? {};
    },
    delete: (id) => remove(api(), "network", pathOf(id)),
  };
};

/** `hcloud:index/networkSubnet:NetworkSubnet`, whose id is `<network>-<range>`. */
export const networkSubnet = (api: () => Api): Kind => {
  const partsOf = (id: string): [string, string] => {
    const at = id.indexOf("-");
    return [id.slice(0, at), id.slice(at + 1)];
  };
  const subnetOf = (found: Shown | undefined, range: string) => listOf(found?.subnets).find(({ ip_range }) => ip_range === range);
  const read = async (id: string): Promise<Props | undefined> => {
    const [networkId, range] = partsOf(id);
    const subnet = subnetOf(await api().find("network", pathOf(networkId)), range);
    if (subnet === undefined) return undefined;
    const { type, ip_range: ipRange, network_zone: networkZone, gateway, vswitch_id } = subnet;
    return { networkId: Number(networkId), type, ipRange, networkZone, gateway, vswitchId: vswitch_id ?? undefined };
  };
  return {
    properties: {
      networkId: { replaces: true },
      type: { replaces: true },
      networkZone: { replaces: true },
      ipRange: { replaces: true },
      vswitchId: { replaces: true },
    },
    outputs: ["gateway"],
    create: async ({ networkId, type, networkZone, ipRange, vswitchId }) => {
      const body = given({ type, network_zone: networkZone, ip_range: ipRange, vswitch_id: numberOf(vswitchId) });
      await api().act("POST", `${pathOf(String(networkId))}/actions/add_subnet`, body);
      const id = `${networkId}-${ipRange}`;
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id) => (await read(id)) ?? {},
    delete: async (id) => {
      const [networkId, range] = partsOf(id);
      if (subnetOf(await api().find("network", pathOf(networkId)), range) !== undefined)
        await api().act("POST", `${pathOf(networkId)}/actions/delete_subnet`, { ip_range: range });
    },
  };
};
