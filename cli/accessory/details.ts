import { reasonOf } from "../../core/error.ts";
import type { Bytes, ContainerName, HostName, Seconds } from "../../core/words.ts";
import type { Access, Container, Host } from "../../hosts/index.ts";
import { hostsAt } from "../stack/access.ts";
import { type DeclaredAccessory, lookAt } from "../stack/accessories.ts";
import { bytes, duration } from "../terminal/format.ts";
import { sizesOf } from "./mount-size.ts";
import { type AccessoryReport, reportAccessory } from "./report.ts";

/** What `slipway accessory details --json` prints, once for each host. It never contains a value of the environment. */
export interface AccessoryDetails extends AccessoryReport {
  readonly host: HostName;
  /** Why its host is unreachable; null if it was reached. */
  readonly unreachable: string | null;
  readonly mounts: readonly {
    /** The volume's name, or the folder on the host. */
    readonly source: string;
    readonly target: string;
    /** Null if it is unknown, or takes too long to count. */
    readonly bytes: Bytes | null;
  }[];
  /** The port in the container; null if it is unknown. */
  readonly port: number | null;
  /** Where it is published on the host: `127.0.0.1:5432`; empty if it is on its Docker network only. */
  readonly published: readonly string[];
  /** Names only. */
  readonly env: { readonly clear: readonly string[]; readonly secret: readonly string[] };
  /** The downtime of the last replacement; null before the first one. */
  readonly last_gap_seconds: Seconds | null;
}

/** Reads all its hosts in parallel; changes nothing. */
export async function detailsOf(places: readonly DeclaredAccessory[], access: Access): Promise<AccessoryDetails[]> {
  const hosts = hostsAt(access);
  try {
    return await Promise.all(places.map((place) => detailsOn(place, hosts.at(place.host))));
  } finally {
    await hosts.close();
  }
}

async function detailsOn(place: DeclaredAccessory, host: Host): Promise<AccessoryDetails> {
  const declared = {
    host: host.name,
    port: place.containerPort ?? null,
    env: { clear: Object.keys(place.env).sort(), secret: Object.keys(place.secretEnv).sort() },
    last_gap_seconds: place.gap ?? null,
  };
  try {
    const found = await lookAt(place, host);
    const mounts = found.main === undefined ? [] : await mountsOf(found.main, host);
    const published = (found.main?.ports ?? []).map(
      ({ hostIp, hostPort }) => `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:${hostPort}`,
    );
    return { ...reportAccessory(place, found), ...declared, unreachable: null, mounts, published };
  } catch (thrown) {
    const nothing = { ...reportAccessory(place, undefined), mounts: [], published: [] };
    return { ...nothing, ...declared, unreachable: reasonOf(thrown, host.name) };
  }
}

async function mountsOf(container: Container, host: Host): Promise<AccessoryDetails["mounts"]> {
  const sizes = await sizesOf(container, host);
  return container.mounts.map(({ name, source, target }) => ({ source: name ?? source, target, bytes: sizes[target] ?? null }));
}

export function detailsText(details: AccessoryDetails, now: Date): string {
  const { accessory, host, container, unreachable } = details;
  const rows: readonly (readonly [string, string])[] = [
    ["image", `${details.image}${details.digest === null ? "" : `  ${details.digest}`}`],
    ...(unreachable === null
      ? [["state", stateLine(details, now)] as const]
      : [["state", `unreachable: ${unreachable}`] as const]),
    ...(details.drift === null ? [] : [["drift", details.drift] as const]),
    ["port", portLine(details)],
    ...details.mounts.map(
      ({ source, target, bytes: size }, at) => [at === 0 ? "data" : "", dataLine(source, target, size)] as const,
    ),
    ["env", [...details.env.clear, ...details.env.secret.map((name) => `${name} (secret)`)].join(", ") || "none"],
    ["last gap", details.last_gap_seconds === null ? "not measured yet" : `${details.last_gap_seconds.toFixed(1)} s`],
  ];
  return [
    `${accessory} on ${host}${container === null ? "" : `   ${container}`}`,
    ...rows.map(([key, text]) => `  ${key.padEnd(9)}${text}`),
  ].join("\n");
}

function stateLine({ state, health, since }: AccessoryDetails, now: Date): string {
  const age = since === null ? "" : ` for ${duration(Math.max(0, (now.getTime() - Date.parse(since)) / 1000))}`;
  return `${state}${age}${health === null ? "" : `, ${health}`}`;
}

const portLine = ({ port, published }: AccessoryDetails): string => {
  const inside = port === null ? "unknown port" : `${port} inside its network`;
  return published.length === 0 ? `${inside}, not published` : `${inside}, published at ${published.join(", ")}`;
};

const dataLine = (source: string, target: ContainerName, size: Bytes | null): string =>
  `${source} at ${target}${size === null ? "" : `  ${bytes(size)}`}`;
