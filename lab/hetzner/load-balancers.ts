import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";
import { LOAD_BALANCER_TYPES, LOCATIONS } from "./catalogue.ts";
import { planAttachment } from "./networks.ts";
import type { LoadBalancer, Service, Target } from "./objects.ts";
import type { Project } from "./project.ts";
import {
  bodyOf,
  changeProtection,
  ID_OR_NAME,
  LABELS,
  mustBeUnprotected,
  type Routes,
  routesOf,
  type Started,
} from "./routes.ts";
import { ServiceBody, serviceFrom } from "./service.ts";

const TargetBody = z.object({
  type: z.enum(["server", "label_selector", "ip"]),
  server: z.object({ id: z.number() }).optional(),
  label_selector: z.object({ selector: z.string().min(1) }).optional(),
  ip: z.object({ ip: z.string() }).optional(),
  use_private_ip: z.boolean().optional(),
});
type TargetBody = z.infer<typeof TargetBody>;
const Algorithm = z.object({ type: z.enum(["round_robin", "least_connections"]) });
const Create = z.object({
  name: z.string().min(1),
  load_balancer_type: ID_OR_NAME,
  algorithm: Algorithm.optional(),
  location: ID_OR_NAME.nullish(),
  network_zone: z.string().nullish(),
  labels: LABELS.optional(),
  targets: z.array(TargetBody).optional(),
  services: z.array(ServiceBody).optional(),
  public_interface: z.boolean().optional(),
  network: z.number().nullish(),
});
const Type = z.object({ load_balancer_type: ID_OR_NAME });
const ListenPort = z.object({ listen_port: z.number() });
const ToNetwork = z.object({ network: z.number(), ip: z.string().nullish(), ip_range: z.string().nullish() });

export function loadBalancerRoutes(project: Project): Routes {
  const { loadBalancers, actions, balancers } = project;
  const shown = (balancer: LoadBalancer) => shownLoadBalancer(project, balancer);
  return {
    ...routesOf(actions, {
      many: "load_balancers",
      items: loadBalancers,
      shown,
      remove: (balancer) => {
        mustBeUnprotected("load balancer", balancer);
        loadBalancers.remove(balancer.id);
        void balancers.changed();
        return undefined;
      },
      actions: { ...serviceActions(project), ...targetActions(project), ...otherActions(project) },
    }),
    "POST /load_balancers": ({ body }) => {
      const balancer = loadBalancers.add(planned(project, bodyOf(Create, body)));
      const action = actions.start("create_load_balancer", on(balancer), () => balancers.changed());
      return { status: 201, body: { load_balancer: shown(balancer), action } };
    },
  };
}

type BalancerActions = Readonly<Record<string, (balancer: LoadBalancer, body: unknown) => Started>>;

const on = ({ id }: LoadBalancer) => [{ id, type: "load_balancer" }] as const;

function planned(project: Project, wanted: z.infer<typeof Create>): LoadBalancer {
  const place = LOCATIONS.find(
    ({ id, name, network_zone }) =>
      name === wanted.location || id === Number(wanted.location ?? Number.NaN) || network_zone === wanted.network_zone,
  );
  if (place === undefined) throw invalid("location", "or network_zone is required");
  const network = wanted.network == null ? [] : [planAttachment(project, wanted.network)];
  const balancer: LoadBalancer = {
    ...project.item(wanted.name, wanted.labels),
    type: typeNamed(wanted.load_balancer_type),
    location: place,
    address: project.balancers.freeAddress(),
    public: wanted.public_interface ?? true,
    algorithm: wanted.algorithm?.type ?? "round_robin",
    services: [],
    targets: [],
    attachments: network,
    protection: { delete: false },
  };
  for (const service of wanted.services ?? []) balancer.services.push(newService(project, balancer, service));
  for (const target of wanted.targets ?? []) balancer.targets.push(newTarget(project, balancer, target));
  return balancer;
}

function typeNamed(wanted: number | string): LoadBalancer["type"] {
  const type = LOAD_BALANCER_TYPES.find(({ id, name }) => id === Number(wanted) || name === wanted);
  if (type === undefined) throw invalid("load_balancer_type", "is unknown");
  return type;
}

function serviceActions(project: Project): BalancerActions {
  const { actions, balancers } = project;
  return {
    add_service: (balancer, body) => {
      const service = newService(project, balancer, bodyOf(ServiceBody, body));
      return actions.start("add_service", on(balancer), () => {
        balancer.services.push(service);
        return balancers.changed();
      });
    },
    update_service: (balancer, body) => {
      const change = bodyOf(ServiceBody, body);
      const before = serviceAt(balancer, change.listen_port);
      const service = serviceFrom(change, before);
      return actions.start("update_service", on(balancer), () => {
        balancer.services = balancer.services.map((one) => (one.listen_port === before.listen_port ? service : one));
        return balancers.changed();
      });
    },
    delete_service: (balancer, body) => {
      const { listen_port } = serviceAt(balancer, bodyOf(ListenPort, body).listen_port);
      return actions.start("delete_service", on(balancer), () => {
        balancer.services = balancer.services.filter((one) => one.listen_port !== listen_port);
        return balancers.changed();
      });
    },
  };
}

function targetActions(project: Project): BalancerActions {
  const { actions, balancers } = project;
  return {
    add_target: (balancer, body) => {
      const target = newTarget(project, balancer, bodyOf(TargetBody, body));
      return actions.start("add_target", on(balancer), () => {
        balancer.targets.push(target);
        return balancers.changed();
      });
    },
    remove_target: (balancer, body) => {
      const key = keyOf(bodyOf(TargetBody, body));
      if (!balancer.targets.some((target) => keyOf(target) === key))
        throw new ApiError("not_found", "load balancer target not found");
      return actions.start("remove_target", on(balancer), () => {
        balancer.targets = balancer.targets.filter((target) => keyOf(target) !== key);
        return balancers.changed();
      });
    },
  };
}

function otherActions(project: Project): BalancerActions {
  const { actions, balancers } = project;
  const interfaceTo = (command: string, isPublic: boolean) => (balancer: LoadBalancer) =>
    actions.start(command, on(balancer), () => {
      balancer.public = isPublic;
      return balancers.changed();
    });
  return {
    change_algorithm: (balancer, body) => {
      const { type } = bodyOf(Algorithm, body);
      return actions.start("change_algorithm", on(balancer), () => void Object.assign(balancer, { algorithm: type }));
    },
    change_type: (balancer, body) => {
      const type = typeNamed(bodyOf(Type, body).load_balancer_type);
      return actions.start("change_load_balancer_type", on(balancer), () => void Object.assign(balancer, { type }));
    },
    change_protection: (balancer, body) =>
      actions.start("change_protection", on(balancer), () => changeProtection(balancer, body)),
    enable_public_interface: interfaceTo("enable_public_interface", true),
    disable_public_interface: interfaceTo("disable_public_interface", false),
    attach_to_network: (balancer, body) => {
      const { network, ip, ip_range } = bodyOf(ToNetwork, body);
      if (balancer.attachments.length > 0)
        throw new ApiError("load_balancer_already_attached", "load balancer is already attached to a network");
      const wanted = { ip: ip ?? undefined, range: ip_range ?? undefined };
      planAttachment(project, network, wanted);
      return actions.start(
        "attach_to_network",
        on(balancer),
        () => void balancer.attachments.push(planAttachment(project, network, wanted)),
      );
    },
    detach_from_network: (balancer, body) => {
      const { network } = bodyOf(ToNetwork, body);
      return actions.start("detach_from_network", on(balancer), () => {
        balancer.attachments = balancer.attachments.filter((one) => one.network !== network);
      });
    },
  };
}

function newService(project: Project, balancer: LoadBalancer, body: ServiceBody): Service {
  const service = serviceFrom(body);
  if (balancer.services.some(({ listen_port }) => listen_port === service.listen_port))
    throw new ApiError("source_port_already_used", `listen port ${service.listen_port} is already used`);
  for (const id of service.http?.certificates ?? []) project.certificates.get(id);
  return service;
}

function serviceAt({ services }: LoadBalancer, port: number | undefined): Service {
  const found = services.find(({ listen_port }) => listen_port === port);
  if (found === undefined) throw new ApiError("not_found", `there is no service on port ${port}`);
  return found;
}

function newTarget(
  project: Project,
  balancer: LoadBalancer,
  { type, server, label_selector, ip, use_private_ip = false }: TargetBody,
): Target {
  if (type === "server" && server !== undefined) project.servers.get(server.id);
  const parts = { server, label_selector, ip };
  if (parts[type] === undefined) throw invalid(type, "is needed");
  const target: Target = { type, use_private_ip, [type]: parts[type] };
  if (balancer.targets.some((other) => keyOf(other) === keyOf(target)))
    throw new ApiError("target_already_defined", "load balancer target is already defined");
  if (use_private_ip) mustShareNetwork(project, balancer, target);
  return target;
}

function mustShareNetwork(project: Project, balancer: LoadBalancer, target: Target): void {
  const [attachment] = balancer.attachments;
  if (attachment === undefined)
    throw new ApiError("load_balancer_not_attached_to_network", "load balancer is not attached to a network");
  const server = target.server === undefined ? undefined : project.servers.get(target.server.id);
  if (server !== undefined && !server.attachments.some(({ network }) => network === attachment.network))
    throw new ApiError("server_not_attached_to_network", "server is not attached to the load balancer's network");
}

const keyOf = ({ server, label_selector, ip }: Pick<TargetBody, "server" | "label_selector" | "ip">): string =>
  JSON.stringify([server?.id, label_selector?.selector, ip?.ip]);

function shownLoadBalancer(project: Project, balancer: LoadBalancer): object {
  const { id, name, labels, created, type, location, services, protection, algorithm } = balancer;
  return {
    id,
    name,
    labels,
    created,
    location,
    services,
    protection,
    load_balancer_type: type,
    algorithm: { type: algorithm },
    public_net: {
      enabled: balancer.public,
      ipv4: { ip: balancer.address, dns_ptr: `static.${id}.clients.your-server.de` },
      ipv6: { ip: `2001:db8:1b::${id.toString(16)}`, dns_ptr: "" },
    },
    private_net: balancer.attachments.map(({ network, ip }) => ({ network, ip })),
    targets: balancer.targets.map((target) => shownTarget(project, balancer, target)),
    included_traffic: 21_990_232_555_520,
    outgoing_traffic: null,
    ingoing_traffic: null,
  };
}

function shownTarget(project: Project, balancer: LoadBalancer, target: Target): object {
  const behind = project.balancers.addressesOf(target);
  const health = (address: string) => project.balancers.health(balancer, address);
  if (target.type !== "label_selector") return { ...target, health_status: behind.flatMap(({ address }) => health(address)) };
  const targets = behind.map(({ id, address }) => ({
    type: "server",
    server: { id },
    use_private_ip: target.use_private_ip,
    health_status: health(address),
  }));
  return { ...target, targets };
}
