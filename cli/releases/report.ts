import { parseReference } from "../../core/image-reference.ts";
import type { ReleaseId } from "../../core/words.ts";
import type { Hosts } from "../../hosts/index.ts";
import { imageOn } from "../../providers/container/stored-image.ts";
import type { Fleet } from "../../providers/release/fleet.ts";
import { ReleaseInputs } from "../../providers/release/inputs.ts";
import { liveOf } from "../../providers/release/live.ts";
import { observeFleet } from "../../providers/release/observe.ts";
import { openStack } from "../stack/open-stack.ts";
import { imagesAt, listReleases, type Released } from "../stack/release-history.ts";

/** What `slipway releases --json` prints. Its keys stay. */
export interface ReleasesReport {
  readonly stack: string;
  readonly declared: ReleaseId;
  /** According to the proxies; empty if all hosts are unreachable. */
  readonly serving: readonly ReleaseId[];
  /** Unreachable hosts, and why. */
  readonly unreachable: Readonly<Record<string, string>>;
  /** Newest first. */
  readonly releases: readonly ReleaseRow[];
}

export interface ReleaseRow extends Pick<Released, "release" | "version" | "image" | "at"> {
  /** What `--to` accepts, besides its id and its version. */
  readonly number: number;
  readonly serving: boolean;
  /** Whether every host has its image, so that a rollback needs no pull; unknown if a host is unreachable. */
  readonly without_pull: boolean | "unknown";
}

export async function reportReleases(stack: string | undefined, app?: string): Promise<ReleasesReport> {
  await using opened = await openStack(stack, process.cwd(), app);
  const { release: kept, hosts } = opened;
  const declared = ReleaseInputs.parse(kept.outputs);
  const released = listReleases(kept);
  const fleet = await observeFleet(declared, hosts);
  const serving = servingIn(declared, fleet);
  const reachable = Object.entries(fleet).every(([, { kind }]) => kind === "reached");
  const isThere = reachable ? await presence(declared, hosts, released) : undefined;
  return {
    stack: opened.stack,
    declared: declared.release,
    serving,
    unreachable: Object.fromEntries(
      Object.entries(fleet).flatMap(([host, found]) => (found.kind === "unreachable" ? [[host, found.reason]] : [])),
    ),
    releases: released.map((one, index) => ({
      number: index + 1,
      release: one.release,
      version: one.version,
      image: one.image,
      at: one.at,
      // A release that was released again is in the list more than once.
      serving: serving.includes(one.release) && released.findIndex(({ release }) => release === one.release) === index,
      without_pull: isThere === undefined ? "unknown" : isThere(one),
    })),
  };
}

/** The releases of the live containers. The id of a role differs from that of the whole release if there are several. */
function servingIn({ roles, release, containers }: ReleaseInputs, fleet: Fleet): ReleaseId[] {
  const live = Object.entries(fleet).flatMap(([host, found]) =>
    Object.entries(roles).flatMap(([role, { proxy }]) =>
      [liveOf(found, role, proxy !== undefined)].flat().flatMap((container) => {
        if (container?.running !== true) return [];
        return [containers[`${host}/${role}`] === container.release ? release : (container.release ?? container.name)];
      }),
    ),
  );
  return [...new Set(live)].sort();
}

/** Whether every host has what it needs of a release. */
async function presence(
  declared: ReleaseInputs,
  hosts: Hosts,
  released: readonly Released[],
): Promise<(of: Released) => boolean> {
  const needed = (of: Released) =>
    Object.values(declared.hosts).flatMap((address) =>
      imagesAt(of, address.name, declared.roles).map((image) => ({ address, image, key: `${address.name} ${image}` })),
    );
  const all = new Map(released.flatMap(needed).map((one) => [one.key, one]));
  const found = await Promise.all(
    [...all.values()].map(async ({ address, image, key }) => {
      const there = await imageOn(hosts.at(address).docker, image);
      return there === undefined ? [] : [key];
    }),
  );
  const there = new Set(found.flat());
  return (of) => needed(of).every(({ key }) => there.has(key));
}

/** The report as a table. */
export function tableOf({ releases, serving, declared, unreachable }: ReleasesReport): string {
  const rows = releases.map(({ number, release, at, image, serving: serves, without_pull: here }) => [
    String(number),
    release,
    at.replace(/\.\d+Z$/, "Z"),
    shortImage(image),
    serves ? "serves now" : (PULL[String(here)] ?? ""),
  ]);
  const table = [["", "release", "released", "image", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const others = serving.filter((release) => !releases.some((one) => one.release === release));
  const notes = [
    ...(others.length === 0 ? [] : [`serves now, but is not in the list: ${others.join(", ")}`]),
    ...(serving.includes(declared) || serving.length === 0 ? [] : [`the declared release is ${declared}: see slipway status`]),
    ...Object.entries(unreachable).map(([host, reason]) => `${host} is unreachable: ${reason}`),
  ];
  return `${[...lines, ...notes].join("\n")}\n`;
}

const PULL: Readonly<Record<string, string>> = {
  true: "rollback needs no pull",
  false: "rollback brings its image",
  unknown: "",
};

/** `shop@sha256:9f31a0b2` */
function shortImage(image: string): string {
  const { repository, digest = "" } = parseReference(image);
  return `${repository.split("/").at(-1)}@${digest.slice(0, "sha256:".length + 8)}`;
}
