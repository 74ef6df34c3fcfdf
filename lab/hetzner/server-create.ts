import { z } from "zod";
import { messageOf } from "../../core/error.ts";
import type { Step } from "./actions.ts";
import { ApiError, invalid } from "./api-error.ts";
import { attachServer } from "./attach-server.ts";
import { IMAGES, type Image, LOCATIONS, type Location, SERVER_TYPES, type ServerType } from "./catalogue.ts";
import { apply } from "./firewalls.ts";
import { planAttachment } from "./networks.ts";
import type { PrimaryIp, Server } from "./objects.ts";
import { mustHaveRoom } from "./placement-groups.ts";
import { addPrimaryIp, addressFor, assign } from "./primary-ips.ts";
import type { Project } from "./project.ts";
import { type Answer, bodyOf, ID_OR_NAME, LABELS } from "./routes.ts";
import { shownServer } from "./server-shown.ts";

/** Hetzner's limit. */
const USER_DATA_BYTES = 32 * 1024;
/** A server's name is its host name. */
const NAME = /^(?=.{1,253}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const Create = z.object({
  name: z.string().regex(NAME, "must be a valid host name"),
  server_type: ID_OR_NAME,
  image: ID_OR_NAME,
  location: ID_OR_NAME.optional(),
  datacenter: ID_OR_NAME.optional(),
  ssh_keys: z.array(ID_OR_NAME).optional(),
  user_data: z
    .string()
    .refine((text) => Buffer.byteLength(text) <= USER_DATA_BYTES, "must be at most 32 KiB")
    .optional(),
  start_after_create: z.boolean().optional(),
  labels: LABELS.optional(),
  automount: z.boolean().optional(),
  volumes: z.array(z.number()).optional(),
  networks: z.array(z.number()).optional(),
  firewalls: z.array(z.object({ firewall: z.number() })).optional(),
  placement_group: z.number().optional(),
  public_net: z
    .object({
      enable_ipv4: z.boolean().optional(),
      enable_ipv6: z.boolean().optional(),
      ipv4: z.number().nullish(),
      ipv6: z.number().nullish(),
    })
    .optional(),
});
type Wanted = z.infer<typeof Create>;

/** Names in use while their machines boot, before their servers are listed. */
const booting = new WeakMap<Project, Set<string>>();

/** `POST /servers`: everything is validated first, then the machine boots, then the server is listed. */
export async function createServer(project: Project, body: unknown): Promise<Answer> {
  const wanted = bodyOf(Create, body);
  const pending = booting.get(project) ?? new Set();
  booting.set(project, pending);
  mustBeAllowed(project, wanted, pending);
  const parts = resolved(project, wanted);
  pending.add(wanted.name);
  try {
    return await created(project, wanted, parts);
  } finally {
    pending.delete(wanted.name);
  }
}

function mustBeAllowed(project: Project, { name, location }: Wanted, pending: ReadonlySet<string>): void {
  project.servers.mustBeFree(name);
  if (pending.has(name)) throw new ApiError("uniqueness_error", "server name is already used", { fields: [{ name: "name" }] });
  const { servers, full } = project.faults;
  if (servers !== undefined && project.servers.size + pending.size >= servers)
    throw new ApiError("resource_limit_exceeded", "server limit exceeded", { limits: [{ name: "server_limit" }] });
  if (full !== undefined && location === full)
    throw new ApiError("resource_unavailable", `error during placement: no room in ${full}`);
}

interface Parts {
  readonly type: ServerType;
  readonly image: Image;
  readonly location: Location;
  readonly authorizedKeys: readonly string[];
  readonly ipv4: PrimaryIp | undefined;
  readonly ipv6: PrimaryIp | undefined;
}

/** Everything that the request refers to, found or refused before anything is created. */
function resolved(project: Project, wanted: Wanted): Parts {
  const type = SERVER_TYPES.find(({ id, name }) => id === Number(wanted.server_type) || name === wanted.server_type);
  if (type === undefined) throw invalid("server_type", "is unknown");
  const image = IMAGES.find(
    ({ id, name, architecture }) => id === Number(wanted.image) || (name === wanted.image && architecture === type.architecture),
  );
  if (image === undefined) throw invalid("image", "is unknown");
  if (image.architecture !== type.architecture) throw invalid("image", "has a different architecture than the server type");
  const place = wanted.location ?? (wanted.datacenter === undefined ? "fsn1" : String(wanted.datacenter).split("-")[0]);
  const location = LOCATIONS.find(({ id, name }) => id === Number(place) || name === place);
  if (location === undefined) throw invalid("location", "is unknown");
  if (wanted.placement_group !== undefined) mustHaveRoom(project, wanted.placement_group);
  for (const { firewall } of wanted.firewalls ?? []) project.firewalls.get(firewall);
  for (const volume of wanted.volumes ?? []) project.volumes.get(volume);
  for (const network of wanted.networks ?? []) planAttachment(project, network);
  const { enable_ipv4 = true, enable_ipv6 = true, ipv4, ipv6 } = wanted.public_net ?? {};
  if (!enable_ipv4 && !enable_ipv6 && (wanted.networks ?? []).length === 0)
    throw invalid("networks", "a server without any public address needs a network");
  return {
    type,
    image,
    location,
    authorizedKeys: (wanted.ssh_keys ?? []).map((key) => project.sshKeys.named(key).public_key),
    ipv4: ipv4 == null ? undefined : ownIp(project, ipv4, "ipv4", location),
    ipv6: ipv6 == null ? undefined : ownIp(project, ipv6, "ipv6", location),
  };
}

function ownIp(project: Project, id: number, type: PrimaryIp["type"], location: Location): PrimaryIp {
  const ip = project.primaryIps.get(id);
  if (ip.type !== type) throw invalid(type, "has the wrong IP version");
  if (ip.assignee_id !== null) throw new ApiError("primary_ip_assigned", "primary IP is already assigned");
  if (ip.location.id !== location.id) throw invalid(type, "is in a different location than the server");
  return ip;
}

async function created(project: Project, wanted: Wanted, parts: Parts): Promise<Answer> {
  const { type, image, location, authorizedKeys } = parts;
  const { name, user_data: userData = "", labels, placement_group: placementGroup = null } = wanted;
  const sshDelay = project.faults.sshDelay;
  const order = { name, authorizedKeys, userData, sshDelay, ...(parts.ipv4 === undefined ? {} : { address: parts.ipv4.ip }) };
  const { address } = await project.machines.boot(order).catch((failure: unknown) => {
    throw new ApiError("server_error", `the lab's machine ${name} does not boot: ${messageOf(failure)}`);
  });
  const server: Server = project.servers.add({
    ...project.item(name, labels),
    status: "initializing",
    address,
    type,
    image,
    location,
    userData,
    ipv4: null,
    ipv6: null,
    attachments: [],
    placementGroup,
    backupWindow: null,
    diskSize: type.disk,
    protection: { delete: false, rebuild: false },
  });
  await addAddresses(project, server, wanted, parts);
  for (const { firewall } of wanted.firewalls ?? [])
    apply(project, project.firewalls.get(firewall), { type: "server", server: { id: server.id } });
  const [action, ...next_actions] = project.actions.sequence({ id: server.id, type: "server" }, steps(project, server, wanted));
  return {
    status: 201,
    body: {
      server: shownServer(project, server),
      action,
      next_actions,
      root_password: authorizedKeys.length > 0 ? null : "the lab's servers have none",
    },
  };
}

/** Addresses that do not exist yet are created and removed with the server. */
async function addAddresses(project: Project, server: Server, wanted: Wanted, { ipv4, ipv6, location }: Parts): Promise<void> {
  const { enable_ipv4 = true, enable_ipv6 = true } = wanted.public_net ?? {};
  const auto = (type: PrimaryIp["type"], ip: string) =>
    addPrimaryIp(project, { name: `primary_ip-${project.nextId()}`, type, ip, location, autoDelete: true });
  if (enable_ipv4) assign(project, ipv4 ?? auto("ipv4", server.address), server.id);
  if (enable_ipv6) assign(project, ipv6 ?? auto("ipv6", await addressFor(project, "ipv6")), server.id);
}

function steps(project: Project, server: Server, wanted: Wanted): Step[] {
  const on = { id: server.id, type: "server" };
  const networks = (wanted.networks ?? []).map((id) => ({
    command: "attach_to_network",
    resources: [on, { id, type: "network" }],
    work: () => attachServer(project, server, planAttachment(project, id)),
  }));
  const volumes = (wanted.volumes ?? []).map((id) => ({
    command: "attach_volume",
    resources: [on, { id, type: "volume" }],
    work: () => void Object.assign(project.volumes.get(id), { server: server.id }),
  }));
  const starts = wanted.start_after_create ?? true;
  return [
    {
      command: "create_server",
      resources: [on],
      work: () => {
        server.status = starts ? "starting" : "off";
        project.balancers.changed();
      },
    },
    ...(starts
      ? [{ command: "start_server", resources: [on], work: () => void Object.assign(server, { status: "running" }) }]
      : []),
    ...networks,
    ...volumes,
  ];
}
