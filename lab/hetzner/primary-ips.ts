import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";
import { datacenterOf, LOCATIONS, type Location } from "./catalogue.ts";
import type { PrimaryIp } from "./objects.ts";
import type { Project } from "./project.ts";
import { bodyOf, changeProtection, LABELS, mustBeUnprotected, type Routes, routesOf } from "./routes.ts";

const Create = z.object({
  name: z.string().min(1),
  type: z.enum(["ipv4", "ipv6"]),
  assignee_type: z.literal("server").optional(),
  assignee_id: z.number().nullish(),
  auto_delete: z.boolean().optional(),
  labels: LABELS.optional(),
  location: z.string().optional(),
  datacenter: z.string().optional(),
});
const Change = z.object({ auto_delete: z.boolean().optional() });
const Assign = z.object({ assignee_id: z.number(), assignee_type: z.literal("server") });

export function primaryIpRoutes(project: Project): Routes {
  const { primaryIps, actions } = project;
  const on = ({ id }: PrimaryIp) => [{ id, type: "primary_ip" }] as const;
  return {
    ...routesOf(actions, {
      many: "primary_ips",
      items: primaryIps,
      shown,
      change: (ip, body) => {
        ip.auto_delete = bodyOf(Change, body).auto_delete ?? ip.auto_delete;
      },
      remove: (ip) => {
        mustBeUnprotected("primary IP", ip);
        mustBeOff(project, ip.assignee_id);
        assign(project, ip, null);
        primaryIps.remove(ip.id);
        return undefined;
      },
      actions: {
        assign: (ip, body) => {
          const { assignee_id } = bodyOf(Assign, body);
          project.servers.get(assignee_id);
          if (ip.assignee_id !== null) throw new ApiError("primary_ip_assigned", "primary IP is already assigned");
          mustBeOff(project, assignee_id);
          return actions.start("assign_primary_ip", on(ip), () => assign(project, ip, assignee_id));
        },
        unassign: (ip) => {
          mustBeOff(project, ip.assignee_id);
          return actions.start("unassign_primary_ip", on(ip), () => assign(project, ip, null));
        },
        change_protection: (ip, body) => actions.start("change_protection", on(ip), () => changeProtection(ip, body)),
      },
    }),
    "POST /primary_ips": async ({ body }) => {
      const { name, type, assignee_id, auto_delete = false, labels, location, datacenter } = bodyOf(Create, body);
      const wanted = location ?? datacenter?.split("-")[0];
      const server = assignee_id == null ? undefined : project.servers.get(assignee_id);
      const at = LOCATIONS.find((one) => one.name === wanted) ?? server?.location;
      if (at === undefined) throw invalid("location", "is unknown");
      primaryIps.mustBeFree(name);
      const ip = addPrimaryIp(project, {
        name,
        type,
        location: at,
        autoDelete: auto_delete,
        labels,
        ip: await addressFor(project, type),
      });
      if (server !== undefined) assign(project, ip, server.id);
      return { status: 201, body: { primary_ip: shown(ip), action: null } };
    },
  };
}

export interface NewPrimaryIp {
  readonly name: string;
  readonly type: "ipv4" | "ipv6";
  readonly ip: string;
  readonly location: Location;
  readonly autoDelete: boolean;
  readonly labels?: Record<string, string> | undefined;
}

export function addPrimaryIp(project: Project, { name, type, ip, location, autoDelete, labels }: NewPrimaryIp): PrimaryIp {
  const start = { ip, type, assignee_id: null, auto_delete: autoDelete, location, protection: { delete: false } };
  return project.primaryIps.add({ ...project.item(name, labels), ...start });
}

/** An IPv6 network is only shown; an IPv4 address can be used by a machine. */
export async function addressFor(project: Project, type: "ipv4" | "ipv6"): Promise<string> {
  if (type === "ipv6") return `2001:db8:${project.nextId().toString(16)}::/64`;
  const address = await project.machines.reserve?.();
  if (address === undefined) throw new ApiError("resource_unavailable", "these machines cannot reserve an address");
  return address;
}

/** Assigns it to a server; `null`: to none. */
export function assign(project: Project, ip: PrimaryIp, to: number | null): void {
  const from = ip.assignee_id === null ? undefined : project.servers.find(ip.assignee_id);
  if (from !== undefined) from[ip.type] = null;
  ip.assignee_id = to;
  if (to !== null) project.servers.get(to)[ip.type] = ip.id;
}

function mustBeOff(project: Project, id: number | null): void {
  const server = id === null ? undefined : project.servers.find(id);
  if (server !== undefined && server.status !== "off")
    throw new ApiError("server_not_stopped", `server with ID '${server.id}' must be powered off`);
}

const shown = (ip: PrimaryIp): object => ({
  ...ip,
  assignee_type: "server",
  blocked: false,
  dns_ptr: [{ ip: ip.ip.replace(/\/64$/, "1"), dns_ptr: `static.${ip.id}.clients.your-server.de` }],
  datacenter: datacenterOf(ip.location),
});
