import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";
import { LOCATIONS } from "./catalogue.ts";
import { addressOf, contains, numberOf, overlap, parseRange } from "./ip-range.ts";
import type { Attachment, Network, Subnet } from "./objects.ts";
import type { Project } from "./project.ts";
import { bodyOf, changeProtection, LABELS, mustBeUnprotected, type Routes, routesOf } from "./routes.ts";

const NewSubnet = z.object({
  type: z.enum(["cloud", "server", "vswitch"]),
  ip_range: z.string().optional(),
  network_zone: z.string(),
  vswitch_id: z.number().optional(),
});
const Route = z.object({ destination: z.string(), gateway: z.string() });
const Create = z.object({
  name: z.string().min(1),
  ip_range: z.string(),
  subnets: z.array(NewSubnet).optional(),
  routes: z.array(Route).optional(),
  labels: LABELS.optional(),
  expose_routes_to_vswitch: z.boolean().optional(),
});
const Change = z.object({ expose_routes_to_vswitch: z.boolean().optional() });
const OneRange = z.object({ ip_range: z.string() });

export function networkRoutes(project: Project): Routes {
  const { networks, actions } = project;
  const shown = (network: Network) => ({
    ...network,
    servers: membersOf(project.servers.all, network.id),
    load_balancers: membersOf(project.loadBalancers.all, network.id),
  });
  const on = (network: Network) => [{ id: network.id, type: "network" }] as const;
  return {
    ...routesOf(actions, {
      many: "networks",
      items: networks,
      shown,
      change: (network, body) => {
        network.expose_routes_to_vswitch = bodyOf(Change, body).expose_routes_to_vswitch ?? network.expose_routes_to_vswitch;
      },
      remove: (network) => {
        mustBeUnprotected("network", network);
        for (const one of [...project.servers.all, ...project.loadBalancers.all])
          one.attachments = one.attachments.filter((attachment) => attachment.network !== network.id);
        networks.remove(network.id);
        return undefined;
      },
      actions: {
        add_subnet: (network, body) => {
          const subnet = planSubnet(network, bodyOf(NewSubnet, body));
          return actions.start("add_subnet", on(network), () => void network.subnets.push(subnet));
        },
        delete_subnet: (network, body) => {
          const { ip_range } = bodyOf(OneRange, body);
          mustBeEmpty(project, network, ip_range);
          return actions.start("delete_subnet", on(network), () => {
            network.subnets = network.subnets.filter((subnet) => subnet.ip_range !== ip_range);
          });
        },
        add_route: (network, body) => {
          const route = bodyOf(Route, body);
          return actions.start("add_route", on(network), () => void network.routes.push(route));
        },
        delete_route: (network, body) => {
          const { destination } = bodyOf(Route, body);
          return actions.start("delete_route", on(network), () => {
            network.routes = network.routes.filter((route) => route.destination !== destination);
          });
        },
        change_ip_range: (network, body) => {
          const { ip_range } = bodyOf(OneRange, body);
          return actions.start("change_ip_range", on(network), () => void Object.assign(network, { ip_range }));
        },
        change_protection: (network, body) =>
          actions.start("change_protection", on(network), () => changeProtection(network, body)),
      },
    }),
    "POST /networks": ({ body }) => {
      const { name, ip_range, labels, subnets = [], routes = [], expose_routes_to_vswitch = false } = bodyOf(Create, body);
      if (parseRange(ip_range) === undefined) throw invalid("ip_range", "is not a network in CIDR notation");
      const start = { ip_range, subnets: [], routes, expose_routes_to_vswitch, protection: { delete: false } };
      const network: Network = { ...project.item(name, labels), ...start };
      for (const subnet of subnets) network.subnets.push(planSubnet(network, subnet));
      networks.add(network);
      return { status: 201, body: { network: shown(network) } };
    },
  };
}

function planSubnet(
  network: Network,
  { type, ip_range = network.ip_range, network_zone, vswitch_id }: z.infer<typeof NewSubnet>,
): Subnet {
  const [whole, range] = [parseRange(network.ip_range), parseRange(ip_range)];
  if (range === undefined || whole === undefined) throw invalid("ip_range", "is not a network in CIDR notation");
  if (!contains(whole, range)) throw invalid("ip_range", "is not part of the network's range");
  if (!LOCATIONS.some((location) => location.network_zone === network_zone)) throw invalid("network_zone", "is unknown");
  const others = network.subnets.map((subnet) => parseRange(subnet.ip_range));
  if (others.some((other) => other !== undefined && overlap(other, range)))
    throw invalid("ip_range", "overlaps with another subnet");
  return { type, ip_range, network_zone, gateway: addressOf(whole.first + 1), vswitch_id: vswitch_id ?? null };
}

function mustBeEmpty(project: Project, network: Network, ipRange: string): void {
  const range = parseRange(ipRange);
  if (range === undefined || !network.subnets.some((subnet) => subnet.ip_range === ipRange))
    throw new ApiError("not_found", `subnet ${ipRange} not found`);
  const isIn = ({ network: id, ip }: Attachment) => {
    const at = numberOf(ip) ?? 0;
    return id === network.id && range.first <= at && at <= range.last;
  };
  if ([...project.servers.all, ...project.loadBalancers.all].some(({ attachments }) => attachments.some(isIn)))
    throw new ApiError("resource_in_use", `subnet ${ipRange} has servers or load balancers attached`);
}

/** The address of a new member: the wanted one, or the first free one of the wanted subnet or of the first subnet. */
export function planAttachment(
  project: Project,
  id: number,
  wanted: {
    readonly ip?: string | undefined;
    readonly range?: string | undefined;
    readonly aliases?: readonly string[] | undefined;
  } = {},
): Attachment {
  const network = project.networks.get(id);
  const attached = [...project.servers.all, ...project.loadBalancers.all].flatMap(({ attachments }) => attachments);
  const here = attached.filter((one) => one.network === id);
  const taken = new Set([
    ...here.flatMap(({ ip, alias_ips }) => [ip, ...alias_ips]),
    ...network.subnets.map(({ gateway }) => gateway),
  ]);
  const ip = wanted.ip ?? firstFree(network, wanted.range, taken);
  if (!network.subnets.some(({ ip_range }) => isWithin(ip, ip_range)))
    throw invalid("ip", `${ip} is in no subnet of the network`);
  if (taken.has(ip)) throw new ApiError("ip_not_available", `IP ${ip} is not available`);
  const mac_address = `86:00:00:${(randomBytes(3).toString("hex").match(/../g) ?? []).join(":")}`;
  return { network: id, ip, alias_ips: [...(wanted.aliases ?? [])], mac_address };
}

function firstFree(network: Network, wanted: string | undefined, taken: ReadonlySet<string>): string {
  const subnets = network.subnets.filter(({ ip_range }) => wanted === undefined || ip_range === wanted);
  for (const { ip_range } of subnets) {
    const range = parseRange(ip_range);
    if (range === undefined) continue;
    // The first address is the gateway's; the last is the broadcast address.
    for (let at = range.first + 2; at < range.last; at += 1) if (!taken.has(addressOf(at))) return addressOf(at);
  }
  throw new ApiError("no_subnet_available", "no subnet or IP available");
}

function isWithin(ip: string, ipRange: string): boolean {
  const [at, range] = [numberOf(ip), parseRange(ipRange)];
  return at !== undefined && range !== undefined && range.first <= at && at <= range.last;
}

const membersOf = (all: readonly { id: number; attachments: readonly Attachment[] }[], network: number): number[] =>
  all.filter(({ attachments }) => attachments.some((one) => one.network === network)).map(({ id }) => id);
