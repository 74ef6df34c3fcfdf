import { reasonOf } from "../../core/error.ts";
import { parseReference } from "../../core/image-reference.ts";
import type { HostName } from "../../core/words.ts";
import { type Container, type Host, KAMAL_PROXY, type Route } from "../../hosts/index.ts";
import { observeProxy } from "../../providers/proxy/observe.ts";
import { certificatesOn, securedIn } from "../status/certificates.ts";
import type { CertificateReport } from "../status/report.ts";
import { duration } from "../terminal/format.ts";
import { table } from "../terminal/table.ts";

/** What `slipway proxy details --json` prints, once for each host. */
export interface ProxyDetails {
  readonly host: HostName;
  /** Why the host could not be asked; null if it was. */
  readonly unreachable: string | null;
  /** In Docker's words, or `missing`. */
  readonly state: string;
  /** Since when it runs, in RFC 3339; null if it does not. */
  readonly since: string | null;
  readonly image: string | null;
  /** The tag of its image; null if it has none. */
  readonly version: string | null;
  /** Published ports: `80:80`, `203.0.113.7:443:443`. */
  readonly ports: readonly string[];
  /** Of `kamal-proxy run`. */
  readonly options: readonly string[];
  /** Of every app on the host. */
  readonly routes: readonly RouteDetails[];
  readonly certificates: readonly CertificateReport[];
}

interface RouteDetails {
  readonly service: string;
  /** Empty: every host name. */
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  /** Names of containers, or what the proxy has where one is missing. */
  readonly targets: readonly string[];
  readonly canary: readonly string[];
  readonly state: Route["state"]["kind"];
  /** Of a stopped route. */
  readonly message: string | null;
  readonly tls: "off" | "acme" | "certificate";
}

/** Reads one host; changes nothing. */
export async function detailsOn(host: Host, now: Date): Promise<ProxyDetails> {
  const nothing = { image: null, version: null, ports: [], options: [], routes: [], certificates: [], since: null };
  try {
    const [found, container, routes] = await Promise.all([
      observeProxy(host),
      host.docker.inspect(KAMAL_PROXY.container),
      host.proxy.routes(),
    ]);
    if (found.kind !== "present" || container === undefined)
      return { host: host.name, unreachable: null, state: "missing", ...nothing };
    const names = await namesIn(host, routes);
    const { running } = container.state;
    return {
      host: host.name,
      unreachable: null,
      state: found.status,
      since: running ? container.state.startedAt : null,
      image: found.image,
      version: versionOf(container),
      ports: found.publish,
      options: found.options,
      routes: routes.map((route) => detailsOf(route, names)).sort((a, b) => (a.service < b.service ? -1 : 1)),
      certificates: running ? await certificatesOn(host, securedIn(routes.map(({ options }) => options)), now) : [],
    };
  } catch (thrown) {
    return { host: host.name, unreachable: reasonOf(thrown, host.name), state: "unknown", ...nothing };
  }
}

const versionOf = ({ image }: Container): string | null => parseReference(image).tag ?? null;

/** The names of containers, by the short ids that the proxy has. */
async function namesIn({ docker }: Host, routes: readonly Route[]): Promise<ReadonlyMap<string, string>> {
  if (routes.length === 0) return new Map();
  const all = await docker.containers({});
  return new Map(all.map(({ id, name }) => [id.slice(0, 12), name]));
}

function detailsOf({ service, options, targets, rollout, state }: Route, names: ReadonlyMap<string, string>): RouteDetails {
  const named = (all: readonly string[]) => all.map((target) => names.get(target.split(":")[0] ?? "") ?? target);
  return {
    service,
    hosts: options.hosts,
    paths: options.pathPrefixes,
    targets: named(targets),
    canary: named(rollout?.targets ?? []),
    state: state.kind,
    message: state.kind === "stopped" ? state.message : null,
    tls: options.tls.kind,
  };
}

const TLS = { off: "", acme: "Let's Encrypt", certificate: "own certificate" } as const;
const STATES = { running: "serves", paused: "paused", stopped: "answers 503" } as const;

/** One host, for people. Pure. */
export function detailsText(details: ProxyDetails, now: Date): string {
  const { host, unreachable, state, since, version, image, ports, options, routes } = details;
  const age = since === null ? "" : ` for ${duration(Math.max(0, (now.getTime() - Date.parse(since)) / 1000))}`;
  const heading = `kamal-proxy on ${host}`;
  if (unreachable !== null) return `${heading}   unreachable: ${unreachable}`;
  if (image === null) return `${heading}   ${state}`;
  const rows = routes.map((route) => [
    route.service,
    route.hosts.join(" ") || "any host",
    route.paths.join(" "),
    [...route.targets, ...route.canary.map((one) => `${one} (canary)`)].join(" "),
    `${STATES[route.state]}${route.message ? `: ${route.message}` : ""}`,
    TLS[route.tls],
  ]);
  return [
    `${heading}   ${version ?? image}   ${state}${age}   ports ${ports.join(", ") || "none"}`,
    ...(options.length === 0 ? [] : [`  options  ${options.join(" ")}`]),
    ...(rows.length === 0
      ? ["  no route"]
      : table(["route", "host", "path", "to", "state", "tls"], rows).map((line) => `  ${line}`)),
  ].join("\n");
}
