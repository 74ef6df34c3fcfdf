import { createHash } from "node:crypto";
import { messageOf } from "../../../core/error.ts";
import { covers } from "../diff.ts";
import { HalfMade, type Kind } from "../kind.ts";
import type { Props } from "../values.ts";
import type { Api, Shown } from "./api.ts";
import { given, inner, LABELS, listOf, NAME, numberOf, protect, rename, textOf } from "./parts.ts";

const pathOf = (id: string): string => `/servers/${id}`;

/** The state keeps only this hash of the user data. */
const hashOf = (userData: unknown): string => createHash("sha1").update(String(userData)).digest("base64");

/** Inputs that are only sent to the API, never read from it. */
const WRITE_ONLY = ["sshKeys", "keepDisk", "allowDeprecatedImages", "ignoreRemoteFirewallIds", "shutdownBeforeDeletion"];
/** Inputs that only the real provider supports. */
const UNSUPPORTED = ["iso", "rescue"];

/** `hcloud:index/server:Server` */
export const server = (api: () => Api): Kind => {
  const read = async (id: string, known: Props): Promise<Props | undefined> => {
    const found = await api().find("server", pathOf(id));
    return found === undefined ? undefined : { ...given(writeOnly(known)), ...shown(found, known) };
  };
  const now = async (id: string, inputs: Props): Promise<Props> =>
    (await read(id, inputs)) ?? Promise.reject(new Error(`server ${id} is missing`));
  return {
    properties: {
      name: NAME,
      labels: LABELS,
      serverType: {},
      image: { replaces: true, computed: true },
      location: { replaces: true, computed: true },
      datacenter: { replaces: true, computed: true },
      userData: { replaces: true, same: (there, wanted) => there === wanted || there === hashOf(wanted) },
      sshKeys: { replaces: true },
      networks: {},
      publicNets: {},
      firewallIds: { computed: true },
      placementGroupId: {},
      backups: {},
      deleteProtection: {},
      rebuildProtection: {},
      keepDisk: {},
      allowDeprecatedImages: {},
      ignoreRemoteFirewallIds: {},
      shutdownBeforeDeletion: {},
    },
    outputs: ["backupWindow", "ipv4Address", "ipv6Address", "ipv6Network", "primaryDiskSize", "status"],
    named: true,
    create: async (inputs) => {
      const made = await api().call("POST", "/servers", await orderFor(api(), inputs));
      const id = String(inner(made, "server").id);
      try {
        await api().finished(made);
        await finish(api(), id, inputs);
        return { id, outputs: await now(id, inputs) };
      } catch (failure) {
        throw new HalfMade(id, { ...inputs, ...(await read(id, inputs)) }, messageOf(failure));
      }
    },
    read,
    update: async (id, inputs, before) => {
      await change(api(), id, inputs, before);
      return now(id, inputs);
    },
    delete: async (id, known) => {
      if ((await read(id, known)) === undefined) return;
      if (known.shutdownBeforeDeletion === true) await api().act("POST", `${pathOf(id)}/actions/shutdown`);
      await api().act("DELETE", pathOf(id));
    },
  };
};

const writeOnly = (inputs: Props): Props => ({
  ...Object.fromEntries(WRITE_ONLY.map((key) => [key, inputs[key]])),
  userData: inputs.userData === undefined || isHash(inputs.userData) ? inputs.userData : hashOf(inputs.userData),
});

const isHash = (value: unknown): boolean => /^[A-Za-z0-9+/]{27}=$/.test(String(value));

async function orderFor(api: Api, inputs: Props): Promise<Props> {
  for (const key of UNSUPPORTED) if (inputs[key] !== undefined) throw new Error(`the lab's fake plugin does not support ${key}`);
  const type = await api.named("server_types", "server_type", inputs.serverType);
  const image = await api.named("images", "image", inputs.image, { architecture: String(type.architecture) });
  const keys = await Promise.all(
    (Array.isArray(inputs.sshKeys) ? inputs.sshKeys : []).map((key) => api.named("ssh_keys", "ssh_key", key)),
  );
  const [publicNet] = listOf(inputs.publicNets);
  return given({
    name: inputs.name,
    server_type: type.name,
    image: image.id,
    location: textOf(inputs.location),
    datacenter: textOf(inputs.datacenter),
    ssh_keys: keys.map(({ id }) => id),
    user_data: textOf(inputs.userData),
    labels: inputs.labels,
    firewalls: idsOf(inputs.firewallIds).map((firewall) => ({ firewall })),
    placement_group: numberOf(inputs.placementGroupId),
    // A server is attached to its networks before it starts, with the wanted addresses.
    start_after_create: listOf(inputs.networks).length === 0,
    public_net: publicNet && {
      enable_ipv4: publicNet.ipv4Enabled ?? true,
      enable_ipv6: publicNet.ipv6Enabled ?? true,
      ...given({ ipv4: numberOf(publicNet.ipv4), ipv6: numberOf(publicNet.ipv6) }),
    },
  });
}

const idsOf = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);

/** Settings that require an existing server. */
async function finish(api: Api, id: string, inputs: Props): Promise<void> {
  const networks = listOf(inputs.networks);
  for (const network of networks) await join(api, id, network);
  if (networks.length > 0) await api.act("POST", `${pathOf(id)}/actions/poweron`);
  if (inputs.backups === true) await api.act("POST", `${pathOf(id)}/actions/enable_backup`);
  await protect(api, pathOf(id), inputs.deleteProtection, false, ["rebuild"]);
}

/** A subnet's id is `<network>-<range>`. */
function placeOf({ networkId, subnetId }: Props): { network: number; range: string | undefined } {
  const [, network, range] = /^(\d+)-(.+)$/.exec(String(subnetId ?? "")) ?? [];
  return { network: Number(networkId ?? network), range };
}

async function join(api: Api, id: string, wanted: Props): Promise<void> {
  const { network, range } = placeOf(wanted);
  const body = given({ network, ip: wanted.ip, ip_range: range, alias_ips: wanted.aliasIps });
  await api.act("POST", `${pathOf(id)}/actions/attach_to_network`, body);
}

async function change(api: Api, id: string, inputs: Props, before: Props): Promise<void> {
  await rename(api, pathOf(id), inputs, before);
  if (inputs.serverType !== before.serverType) await retype(api, id, inputs);
  if ((inputs.backups === true) !== (before.backups === true))
    await api.act("POST", `${pathOf(id)}/actions/${inputs.backups === true ? "enable" : "disable"}_backup`);
  if (!covers(before.networks ?? [], inputs.networks ?? []))
    await rejoin(api, id, listOf(inputs.networks), listOf(before.networks));
  if (inputs.firewallIds !== undefined) await refirewall(api, Number(id), idsOf(inputs.firewallIds), idsOf(before.firewallIds));
  if (numberOf(inputs.placementGroupId) !== numberOf(before.placementGroupId)) await regroup(api, id, inputs.placementGroupId);
  if (inputs.publicNets !== undefined && !covers(before.publicNets ?? [], inputs.publicNets))
    throw new Error("the lab's fake plugin does not change publicNets of an existing server");
  await protect(api, pathOf(id), inputs.deleteProtection, before.deleteProtection, ["rebuild"]);
}

/** Some changes are allowed only while the server is off. */
async function whileOff(api: Api, id: string, work: () => Promise<unknown>): Promise<void> {
  await api.act("POST", `${pathOf(id)}/actions/poweroff`);
  await work();
  await api.act("POST", `${pathOf(id)}/actions/poweron`);
}

const retype = (api: Api, id: string, { serverType, keepDisk }: Props): Promise<void> =>
  whileOff(api, id, () =>
    api.act("POST", `${pathOf(id)}/actions/change_type`, { server_type: serverType, upgrade_disk: keepDisk !== true }),
  );

async function regroup(api: Api, id: string, group: unknown): Promise<void> {
  if (group === undefined || group === 0) await api.act("POST", `${pathOf(id)}/actions/remove_from_placement_group`);
  else
    await whileOff(api, id, () =>
      api.act("POST", `${pathOf(id)}/actions/add_to_placement_group`, { placement_group: Number(group) }),
    );
}

async function rejoin(api: Api, id: string, wanted: readonly Props[], there: readonly Props[]): Promise<void> {
  const stays = (one: Props) =>
    wanted.some((other) => placeOf(other).network === placeOf(one).network && covers(one, given({ ip: other.ip })));
  const leaving = there.filter((one) => !stays(one));
  for (const one of leaving)
    await api.act("POST", `${pathOf(id)}/actions/detach_from_network`, { network: placeOf(one).network });
  const left = new Set(there.filter(stays).map((one) => placeOf(one).network));
  for (const one of wanted) if (!left.has(placeOf(one).network)) await join(api, id, one);
}

async function refirewall(api: Api, server: number, wanted: readonly number[], there: readonly number[]): Promise<void> {
  const resource = [{ type: "server", server: { id: server } }];
  for (const id of there)
    if (!wanted.includes(id)) await api.act("POST", `/firewalls/${id}/actions/remove_from_resources`, { remove_from: resource });
  for (const id of wanted)
    if (!there.includes(id)) await api.act("POST", `/firewalls/${id}/actions/apply_to_resources`, { apply_to: resource });
}

function shown(found: Shown, known: Props): Props {
  const net = inner(found, "public_net");
  const [ipv4, ipv6] = [inner(net, "ipv4"), inner(net, "ipv6")];
  const ipv6Network = textOf(ipv6.ip);
  const protection = inner(found, "protection");
  return {
    name: found.name,
    labels: found.labels,
    serverType: inner(found, "server_type").name,
    image: inner(found, "image").name,
    location: inner(found, "location").name,
    datacenter: inner(found, "datacenter").name,
    status: found.status,
    backups: found.backup_window !== null,
    backupWindow: found.backup_window ?? "",
    ipv4Address: textOf(ipv4.ip) ?? "",
    ipv6Address: ipv6Network?.replace(/\/64$/, "1") ?? "",
    ipv6Network: ipv6Network ?? "",
    primaryDiskSize: found.primary_disk_size,
    placementGroupId: found.placement_group === null ? undefined : inner(found, "placement_group").id,
    firewallIds: firewallIdsOf(listOf(net.firewalls), known),
    networks: listOf(found.private_net).map((one) => shownNetwork(one, known)),
    publicNets: known.publicNets === undefined ? undefined : [shownPublicNet(ipv4, ipv6)],
    deleteProtection: protection.delete,
    rebuildProtection: protection.rebuild,
  };
}

const firewallIdsOf = (there: readonly Props[], { ignoreRemoteFirewallIds, firewallIds }: Props): unknown =>
  ignoreRemoteFirewallIds === true ? (firewallIds ?? []) : there.map(({ id }) => id);

const shownNetwork = ({ network, ip, alias_ips, mac_address }: Props, known: Props): Props => ({
  networkId: network,
  ip,
  aliasIps: alias_ips,
  macAddress: mac_address,
  ...given({ subnetId: listOf(known.networks).find((one) => placeOf(one).network === network)?.subnetId }),
});

const shownPublicNet = (ipv4: Shown, ipv6: Shown): Props => ({
  ipv4Enabled: ipv4.id !== undefined,
  ipv4: ipv4.id ?? 0,
  ipv6Enabled: ipv6.id !== undefined,
  ipv6: ipv6.id ?? 0,
});
