import type { Kind } from "../kind.ts";
import type { Api } from "./api.ts";
import { given, inner, LABELS, NAME, numberOf, protect, rename } from "./parts.ts";

const pathOf = (id: string): string => `/volumes/${id}`;

async function attach(api: Api, id: string, server: number | undefined, before: number, automount: unknown): Promise<void> {
  if (server === undefined || server === before) return;
  if (before !== 0) await api.act("POST", `${pathOf(id)}/actions/detach`);
  if (server !== 0) await api.act("POST", `${pathOf(id)}/actions/attach`, given({ server, automount }));
}

/** `hcloud:index/volume:Volume` */
export const volume = (api: () => Api): Kind => {
  const read = async (id: string) => {
    const found = await api().find("volume", pathOf(id));
    return (
      found && {
        name: found.name,
        size: found.size,
        labels: found.labels,
        location: inner(found, "location").name,
        serverId: found.server ?? 0,
        linuxDevice: found.linux_device,
        deleteProtection: inner(found, "protection").delete,
      }
    );
  };
  return {
    properties: {
      name: NAME,
      labels: LABELS,
      size: {},
      location: { replaces: true, computed: true },
      format: { replaces: true },
      serverId: { computed: true },
      automount: {},
      deleteProtection: {},
    },
    outputs: ["linuxDevice"],
    named: true,
    create: async ({ name, size, labels, location, format, serverId, automount, deleteProtection }) => {
      const body = given({ name, size, labels, location, format, server: numberOf(serverId), automount });
      const made = await api().act("POST", "/volumes", body);
      const id = String(inner(made, "volume").id);
      await protect(api(), pathOf(id), deleteProtection, false);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      await rename(api(), pathOf(id), inputs, before);
      if (inputs.size !== before.size) await api().act("POST", `${pathOf(id)}/actions/resize`, { size: inputs.size });
      await attach(api(), id, numberOf(inputs.serverId), Number(before.serverId ?? 0), inputs.automount);
      await protect(api(), pathOf(id), inputs.deleteProtection, before.deleteProtection);
      return (await read(id)) ?? {};
    },
    delete: async (id) => {
      const there = await read(id);
      if (there === undefined) return;
      await attach(api(), id, 0, Number(there.serverId), false);
      await api().act("DELETE", pathOf(id));
    },
  };
};

/** `hcloud:index/volumeAttachment:VolumeAttachment`, whose id is the volume's. */
export const volumeAttachment = (api: () => Api): Kind => {
  const read = async (id: string) => {
    const found = await api().find("volume", pathOf(id));
    if (found === undefined || found.server === null) return undefined;
    return { volumeId: Number(id), serverId: found.server };
  };
  return {
    properties: { volumeId: { replaces: true }, serverId: { replaces: true }, automount: { replaces: true } },
    outputs: [],
    create: async ({ volumeId, serverId, automount }) => {
      const id = String(volumeId);
      await attach(api(), id, Number(serverId), 0, automount);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id) => (await read(id)) ?? {},
    delete: async (id, { serverId }) => {
      const there = await read(id);
      if (there !== undefined && there.serverId === serverId) await attach(api(), id, 0, Number(serverId), false);
    },
  };
};
