import { posix } from "node:path";
import type { PresetName } from "../core/accessory/preset.ts";
import { accessoryVolume } from "../core/names.ts";
import type { HostName } from "../core/words.ts";
import type { Accessory } from "./accessory/accessory.ts";
import { plainPath } from "./container/mount.ts";
import type { Role } from "./release/role.ts";
import { quoted } from "./schema/name.ts";
import type { ConfigPath } from "./schema/problem.ts";

/** Where a preset's server has its data in its container: folders that its images declare as volumes. */
const DATA: Readonly<Record<PresetName, readonly string[]>> = {
  postgres: ["/var/lib/postgresql", "/var/lib/postgresql/data"],
  mysql: ["/var/lib/mysql"],
  mariadb: ["/var/lib/mysql"],
  redis: ["/data"],
  valkey: ["/data"],
};

/** A folder of a host or a volume that a container can write to. */
interface Writer {
  readonly who: string;
  readonly isAccessory: boolean;
  readonly hosts: readonly HostName[];
  /** A path on the host, a path below the home of the SSH user, or the name of a volume. */
  readonly source: string;
  /** Whether a database has its data there: no other program may write to it. */
  readonly isData: boolean;
  readonly place: ConfigPath;
}

/**
 * Refuses two writers of one folder or volume on one host: two servers on one data folder destroy it. Roles share folders with each other
 * and with accessories, unless these are databases: that is what a volume for uploads is for.
 */
export function refuseSharedData(roles: readonly Role[], accessories: readonly Accessory[], place: ConfigPath): void {
  const writers = [
    ...roles.flatMap((role) => writersOfRole(role, place)),
    ...accessories.flatMap((accessory) => writersOfAccessory(accessory, place)),
  ];
  writers.forEach((one, at) => {
    for (const other of writers.slice(0, at)) {
      const host = one.hosts.find((name) => other.hosts.includes(name));
      if (host === undefined || one.who === other.who || !isUnsafe(one, other)) continue;
      const what =
        one.source === other.source ? `${quoted(one.source)} is` : `${quoted(one.source)} and ${quoted(other.source)} are`;
      one.place.refuse(
        `${what} written by ${other.who} on ${host}, too, which destroys the data of a server: use another one, or mount it with :ro`,
      );
    }
  });
}

function isUnsafe(one: Writer, other: Writer): boolean {
  if (!overlap(one.source, other.source)) return false;
  if (one.isData || other.isData) return true;
  return one.isAccessory && other.isAccessory && !isOfSystem(one.source) && !isOfSystem(other.source);
}

/** Sockets, devices and the host as a whole, which agents mount. */
const isOfSystem = (source: string): boolean => source === "/" || /^\/(dev|proc|run|sys|var\/run)(\/|$)|\.sock$/.test(source);

/** The same, or one above the other. */
function overlap(a: string, b: string): boolean {
  const isBelow = (inner: string, outer: string) => inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
  return a === b || (isPath(a) && isPath(b) && (isBelow(a, b) || isBelow(b, a)));
}

const isPath = (source: string): boolean => /^[/~]/.test(source);

function writersOfRole({ name, hosts, mounts }: Role, place: ConfigPath): Writer[] {
  const shared = { who: `the role ${name}`, isAccessory: false, hosts, isData: false };
  return mounts
    .filter(({ readOnly }) => !readOnly)
    .map(({ source }) => ({ ...shared, source: plainSource(source), place: place.elsewhere("servers", name, "volumes") }));
}

function writersOfAccessory(accessory: Accessory, place: ConfigPath): Writer[] {
  const { name, container, hosts, preset, mounts, directories } = accessory;
  const here = place.elsewhere("accessories", name);
  const shared = { who: `the accessory ${name}`, isAccessory: true, hosts };
  const isData = (target: string) => preset !== undefined && DATA[preset].some((path) => overlap(plainPath(target), path));
  const paths = preset === undefined ? [] : DATA[preset];
  const isMounted = [...mounts, ...directories].some(({ target }) => isData(target));
  return [
    ...(isMounted ? [] : paths).map((path) => ({
      ...shared,
      source: accessoryVolume(container, path),
      isData: true,
      place: here,
    })),
    ...mounts.flatMap(({ source, target, readOnly }, at) =>
      readOnly ? [] : [{ ...shared, source: plainSource(source), isData: isData(target), place: here.at("volumes", at) }],
    ),
    ...directories.map(({ source, target }, at) => {
      const full = posix.isAbsolute(source) ? source : `~/${container}/${source}`;
      return { ...shared, source: plainSource(full), isData: isData(target), place: here.at("directories", at) };
    }),
  ];
}

const plainSource = (source: string): string => (isPath(source) ? plainPath(source) : source);
