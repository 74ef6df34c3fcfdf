import { createHash } from "node:crypto";
import type { Kind } from "../kind.ts";
import type { Props } from "../values.ts";
import type { Api } from "./api.ts";
import { given, inner, listOf, numberOf } from "./parts.ts";

const pathOf = (id: unknown): string => `/load_balancers/${id}`;

const act = (api: Api, id: unknown, name: string, body: object) => api.act("POST", `${pathOf(id)}/actions/${name}`, body);

/** `hcloud:index/loadBalancerService:LoadBalancerService`, whose id is `<load balancer>__<port>`. */
export const loadBalancerService = (api: () => Api): Kind => {
  const read = async (id: string): Promise<Props | undefined> => {
    const [balancer, port] = id.split("__");
    const found = await api().find("load_balancer", pathOf(balancer));
    const service = listOf(found?.services).find(({ listen_port }) => listen_port === Number(port));
    return service === undefined ? undefined : { loadBalancerId: balancer, ...shownService(service) };
  };
  return {
    properties: {
      loadBalancerId: { replaces: true },
      protocol: {},
      listenPort: { replaces: true, computed: true },
      destinationPort: { computed: true },
      proxyprotocol: { computed: true },
      http: { computed: true },
      healthCheck: { computed: true },
    },
    outputs: [],
    create: async (inputs) => {
      await act(api(), inputs.loadBalancerId, "add_service", wireService(inputs));
      const port = inputs.listenPort ?? { http: 80, https: 443 }[String(inputs.protocol)];
      const id = `${inputs.loadBalancerId}__${port}`;
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs) => {
      const [balancer, port] = id.split("__");
      await act(api(), balancer, "update_service", { ...wireService(inputs), listen_port: Number(port) });
      return (await read(id)) ?? {};
    },
    delete: async (id) => {
      const [balancer, port] = id.split("__");
      if ((await read(id)) !== undefined) await act(api(), balancer, "delete_service", { listen_port: Number(port) });
    },
  };
};

function wireService({ protocol, listenPort, destinationPort, proxyprotocol, http, healthCheck }: Props): Props {
  return given({
    protocol,
    proxyprotocol,
    listen_port: numberOf(listenPort),
    destination_port: numberOf(destinationPort),
    http: http === undefined ? undefined : wireHttp(http as Props),
    health_check: healthCheck === undefined ? undefined : wireCheck(healthCheck as Props),
  });
}

const wireHttp = (http: Props): Props =>
  given({
    certificates: Array.isArray(http.certificates) ? http.certificates.map(Number) : undefined,
    cookie_name: http.cookieName,
    cookie_lifetime: http.cookieLifetime,
    redirect_http: http.redirectHttp,
    sticky_sessions: http.stickySessions,
    timeout_idle: http.timeoutIdle,
  });

function wireCheck({ protocol, port, interval, timeout, retries, http }: Props): Props {
  const { domain, path, response, statusCodes, tls } = (http ?? {}) as Props;
  const part = given({ domain, path, response, status_codes: statusCodes, tls });
  return given({ protocol, port, interval, timeout, retries, http: http === undefined ? undefined : part });
}

function shownService(service: Props): Props {
  const { protocol, listen_port: listenPort, destination_port: destinationPort, proxyprotocol } = service;
  const [http, check] = [service.http as Props | null, service.health_check as Props];
  return {
    protocol,
    listenPort,
    destinationPort,
    proxyprotocol,
    http: http === null ? undefined : shownHttp(http),
    healthCheck: shownCheck(check),
  };
}

const shownHttp = (http: Props): Props => ({
  certificates: http.certificates,
  cookieName: http.cookie_name,
  cookieLifetime: http.cookie_lifetime,
  redirectHttp: http.redirect_http,
  stickySessions: http.sticky_sessions,
  timeoutIdle: http.timeout_idle,
});

function shownCheck({ protocol, port, interval, timeout, retries, http }: Props): Props {
  const { domain, path, response, status_codes: statusCodes, tls } = (http ?? {}) as Props;
  const part = { domain, path, response, statusCodes, tls };
  return { protocol, port, interval, timeout, retries, ...(http === null ? {} : { http: part }) };
}

/** `hcloud:index/loadBalancerTarget:LoadBalancerTarget` */
export const loadBalancerTarget = (api: () => Api): Kind => {
  const read = async (_: string, known: Props): Promise<Props | undefined> => {
    const found = await api().find("load_balancer", pathOf(known.loadBalancerId));
    const wanted = wireTarget(known);
    const target = listOf(found?.targets).find((one) => keyOf(one) === keyOf(wanted));
    return target === undefined ? undefined : { type: target.type, usePrivateIp: target.use_private_ip };
  };
  return {
    properties: {
      loadBalancerId: { replaces: true },
      type: { replaces: true },
      serverId: { replaces: true },
      labelSelector: { replaces: true },
      ip: { replaces: true },
      usePrivateIp: { replaces: true, computed: true },
    },
    outputs: [],
    create: async (inputs) => {
      const body = given({ ...wireTarget(inputs), use_private_ip: inputs.usePrivateIp });
      await act(api(), inputs.loadBalancerId, "add_target", body);
      return { id: targetId(inputs), outputs: (await read("", inputs)) ?? {} };
    },
    read,
    update: async (id, inputs) => (await read(id, inputs)) ?? {},
    delete: async (id, known) => {
      if ((await read(id, known)) !== undefined) await act(api(), known.loadBalancerId, "remove_target", wireTarget(known));
    },
  };
};

const wireTarget = ({ type, serverId, labelSelector, ip }: Props): Props =>
  given({
    type,
    server: type === "server" ? { id: Number(serverId) } : undefined,
    label_selector: type === "label_selector" ? { selector: labelSelector } : undefined,
    ip: type === "ip" ? { ip } : undefined,
  });

const keyOf = (target: Props): string => {
  const shown = { ...target };
  return JSON.stringify([inner(shown, "server").id, inner(shown, "label_selector").selector, inner(shown, "ip").ip]);
};

function targetId({ type, loadBalancerId, serverId, labelSelector, ip }: Props): string {
  if (type === "server") return `lb-srv-tgt-${serverId}-${loadBalancerId}`;
  if (type === "ip") return `lb-ip-tgt-${ip}-${loadBalancerId}`;
  return `lb-label-selector-tgt-${createHash("sha1").update(String(labelSelector)).digest("hex").slice(0, 8)}-${loadBalancerId}`;
}

/** `hcloud:index/loadBalancerNetwork:LoadBalancerNetwork`, whose id is `<load balancer>-<network>`. */
export const loadBalancerNetwork = (api: () => Api): Kind => {
  const read = async (id: string): Promise<Props | undefined> => {
    const [balancer, network] = id.split("-");
    const found = await api().find("load_balancer", pathOf(balancer));
    const attached = listOf(found?.private_net).find((one) => one.network === Number(network));
    if (found === undefined || attached === undefined) return undefined;
    const enablePublicInterface = inner(found, "public_net").enabled;
    return { loadBalancerId: Number(balancer), networkId: Number(network), ip: attached.ip, enablePublicInterface };
  };
  const open = async (id: unknown, wanted: unknown, before: unknown) => {
    if ((wanted ?? true) !== (before ?? true))
      await act(api(), id, `${wanted === false ? "disable" : "enable"}_public_interface`, {});
  };
  return {
    properties: {
      loadBalancerId: { replaces: true },
      networkId: { replaces: true, computed: true },
      subnetId: { replaces: true },
      ip: { replaces: true, computed: true },
      enablePublicInterface: { computed: true },
    },
    outputs: [],
    create: async ({ loadBalancerId, networkId, subnetId, ip, enablePublicInterface }) => {
      const [, ofSubnet, range] = /^(\d+)-(.+)$/.exec(String(subnetId ?? "")) ?? [];
      const network = Number(networkId ?? ofSubnet);
      await act(api(), loadBalancerId, "attach_to_network", given({ network, ip, ip_range: range }));
      await open(loadBalancerId, enablePublicInterface, true);
      const id = `${loadBalancerId}-${network}`;
      return { id, outputs: (await read(id)) ?? {} };
    },
    read,
    update: async (id, inputs, before) => {
      await open(inputs.loadBalancerId, inputs.enablePublicInterface, before.enablePublicInterface);
      return (await read(id)) ?? {};
    },
    delete: async (id) => {
      const [balancer, network] = id.split("-");
      if ((await read(id)) !== undefined) await act(api(), balancer, "detach_from_network", { network: Number(network) });
    },
  };
};
