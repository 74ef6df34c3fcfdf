import type { Kind } from "../kind.ts";
import type { Api } from "./api.ts";
import { given, inner, LABELS, NAME, numberOf, protect, remove, rename } from "./parts.ts";

const pathOf = (id: string): string => `/primary_ips/${id}`;

/** `hcloud:index/primaryIp:PrimaryIp` */
export const primaryIp = (api: () => Api): Kind => {
  const read = async (id: string) => {
    const found = await api().find("primary_ip", pathOf(id));
    if (found === undefined) return undefined;
    const isV6 = found.type === "ipv6";
    const ip = String(found.ip);
    return {
      name: found.name,
      type: found.type,
      labels: found.labels,
      ipAddress: isV6 ? ip.replace(/\/64$/, "1") : ip,
      ipNetwork: isV6 ? ip : undefined,
      assigneeId: found.assignee_id ?? 0,
      assigneeType: found.assignee_type,
      autoDelete: found.auto_delete,
      location: inner(found, "location").name,
      datacenter: inner(found, "datacenter").name,
      deleteProtection: inner(found, "protection").delete,
    };
  };
  const assign = async (id: string, wanted: number | undefined, before: number) => {
    if (wanted === undefined || wanted === before) return;
    if (before !== 0) await api().act("POST", `${pathOf(id)}/actions/unassign`);
    if (wanted !== 0) await api().act("POST", `${pathOf(id)}/actions/assign`, { assignee_id: wanted, assignee_type: "server" });
  };
  return {
    properties: {
      name: NAME,
      labels: LABELS,
      type: { replaces: true },
      location: { replaces: true, computed: true },
      datacenter: { replaces: true, computed: true },
      autoDelete: { computed: true },
      assigneeType: { computed: true },
      assigneeId: { computed: true },
      deleteProtection: {},
    },
    outputs: ["ipAddress", "ipNetwork"],
    named: true,
    create: async (inputs) => {
      const { name, type, labels, autoDelete, location, datacenter } = inputs;
      const assignee = { assignee_id: numberOf(inputs.assigneeId), assignee_type: "server" };
      const body = given({ name, type, labels, location, datacenter, auto_delete: autoDelete ?? false, ...assignee });
      const made = await api().act("POST", "/primary_ips", body);
      const id = String(inner(made, "primary_ip").id);
      await protect(api(), pathOf(id), inputs.deleteProtection, false);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      const { autoDelete } = inputs;
      const more = autoDelete === undefined || autoDelete === before.autoDelete ? {} : { auto_delete: autoDelete };
      await rename(api(), pathOf(id), inputs, before, more);
      await assign(id, numberOf(inputs.assigneeId), Number(before.assigneeId ?? 0));
      await protect(api(), pathOf(id), inputs.deleteProtection, before.deleteProtection);
      return (await read(id)) ?? {};
    },
    delete: (id) => remove(api(), "primary_ip", pathOf(id)),
  };
};
