import type { Kind } from "../kind.ts";
import type { Api } from "./api.ts";
import { given, LABELS, NAME, remove, rename, textOf } from "./parts.ts";

/** `hcloud:index/sshKey:SshKey` */
export const sshKey = (api: () => Api): Kind => {
  const pathOf = (id: string) => `/ssh_keys/${id}`;
  const read = async (id: string) => {
    const key = await api().find("ssh_key", pathOf(id));
    return key && { name: key.name, publicKey: key.public_key, labels: key.labels, fingerprint: key.fingerprint };
  };
  return {
    properties: {
      name: NAME,
      labels: LABELS,
      publicKey: { replaces: true, same: (a, b) => String(a).trim() === String(b).trim() },
    },
    outputs: ["fingerprint"],
    named: true,
    create: async ({ name, publicKey, labels }) => {
      const made = await api().call("POST", "/ssh_keys", given({ name, public_key: publicKey, labels }));
      const id = String((made.ssh_key as { id: number }).id);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      await rename(api(), pathOf(id), inputs, before);
      return (await read(id)) ?? {};
    },
    delete: (id) => remove(api(), "ssh_key", pathOf(id)),
  };
};

/** `hcloud:index/placementGroup:PlacementGroup` */
export const placementGroup = (api: () => Api): Kind => {
  const pathOf = (id: string) => `/placement_groups/${id}`;
  const read = async (id: string) => {
    const group = await api().find("placement_group", pathOf(id));
    return group && { name: group.name, type: group.type, labels: group.labels, servers: group.servers };
  };
  return {
    properties: { name: NAME, labels: LABELS, type: { replaces: true } },
    outputs: ["servers"],
    named: true,
    create: async ({ name, type, labels }) => {
      const made = await api().act("POST", "/placement_groups", given({ name, type, labels }));
      const id = String((made.placement_group as { id: number }).id);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      await rename(api(), pathOf(id), inputs, before);
      return (await read(id)) ?? {};
    },
    delete: (id) => remove(api(), "placement_group", pathOf(id)),
  };
};

/** `hcloud:index/managedCertificate:ManagedCertificate` */
export const managedCertificate = (api: () => Api): Kind => {
  const pathOf = (id: string) => `/certificates/${id}`;
  const read = async (id: string) => {
    const found = await api().find("certificate", pathOf(id));
    if (found === undefined) return undefined;
    const { name, labels, type, certificate, fingerprint, created } = found;
    const [notValidBefore, notValidAfter] = [textOf(found.not_valid_before), textOf(found.not_valid_after)];
    return {
      name,
      labels,
      type,
      certificate,
      fingerprint,
      created,
      domainNames: found.domain_names,
      notValidBefore,
      notValidAfter,
    };
  };
  return {
    properties: { name: NAME, labels: LABELS, domainNames: { replaces: true } },
    outputs: ["certificate", "created", "fingerprint", "notValidAfter", "notValidBefore", "type"],
    named: true,
    create: async ({ name, domainNames, labels }) => {
      const body = given({ name, type: "managed", domain_names: domainNames, labels });
      const made = await api().act("POST", "/certificates", body);
      const id = String((made.certificate as { id: number }).id);
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      await rename(api(), pathOf(id), inputs, before);
      return (await read(id)) ?? {};
    },
    delete: (id) => remove(api(), "certificate", pathOf(id)),
  };
};
