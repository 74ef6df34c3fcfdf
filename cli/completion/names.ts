import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { projectAround, projectFile, shortName } from "../../project/place.ts";
import { backendUrl, folderOf } from "../stack/backend-folder.ts";
import { selectedIn } from "../stack/selected.ts";
import type { Names } from "./complete.ts";

/**
 * Names of the project around a folder, from its files and, if its backend is a folder, the last state. Nothing is validated and no process is
 * started: a person waits for each key. What cannot be read has no names.
 *
 * @param given the stack on the command line
 */
export async function localNames(folder: string, given: string | undefined): Promise<Names> {
  const root = projectAround(folder);
  if (root === undefined) return NO_NAMES;
  const project = await readFile(projectFile(root), "utf8").catch(() => "");
  const files = join(root, keyIn(project, "stackConfigDir") ?? ".");
  const stacks = async () => {
    const found = await readdir(files).catch((): string[] => []);
    return found.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []).sort();
  };
  const backend = (await backendUrl(root)) ?? pathToFileURL(join(root, ".pulumi", "state")).href;
  const stack = once(async () => {
    const chosen = given ?? (await selectedIn(root, backend));
    if (chosen !== undefined) return shortName(chosen);
    const [only, ...more] = await stacks();
    return more.length === 0 ? only : undefined;
  });
  const config = once(async () => readConfig(files, await stack()));
  const state = once(async () => readState(folderOf(backend, root), keyIn(project, "name"), await stack()));
  const either = async (written: (config: Values) => string[], kept: (state: State) => string[]) =>
    unique([...written(await config()), ...kept(await state())]);
  return {
    stacks,
    hosts: () => either(hostsIn, ({ release }) => keysOf(release.hosts)),
    roles: () => either(rolesIn, ({ release }) => keysOf(release.roles)),
    accessories: () =>
      either(
        (written) => keysOf(written["slipway:accessories"]),
        ({ accessories }) => accessories,
      ),
    releases: async () => unique((await state()).releases),
  };
}

type Values = Readonly<Record<string, unknown>>;

interface State {
  /** The outputs of the release. */
  readonly release: Values;
  readonly accessories: string[];
  /** Newest first. */
  readonly releases: string[];
}

const nothing = async () => [];
const NO_NAMES: Names = { stacks: nothing, hosts: nothing, roles: nothing, accessories: nothing, releases: nothing };

const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let known: Promise<T> | undefined;
  return () => {
    known ??= read();
    return known;
  };
};

const unique = (names: readonly string[]): string[] => [...new Set(names)];
const keysOf = (value: unknown): string[] => (isMap(value) ? Object.keys(value) : []);

/** A text at the top of a YAML file, without a parser, which takes longer than all the rest. */
const keyIn = (yaml: string, key: string): string | undefined =>
  new RegExp(`^${key}:\\s*["']?([^"'#\\n]+?)["']?\\s*(?:#.*)?$`, "m").exec(yaml)?.[1];

async function readConfig(folder: string, stack: string | undefined): Promise<Values> {
  if (stack === undefined) return {};
  const text = await readFile(join(folder, `Pulumi.${stack}.yaml`), "utf8").catch(() => "");
  const { parse } = await import("yaml");
  try {
    const written: unknown = parse(text);
    return isMap(written) && isMap(written.config) ? written.config : {};
  } catch {
    // The file is being edited.
    return {};
  }
}

const rolesIn = ({ "slipway:servers": servers }: Values): string[] => (Array.isArray(servers) ? ["web"] : keysOf(servers));

function hostsIn({ "slipway:servers": servers, "slipway:accessories": accessories }: Values): string[] {
  const roles = isMap(servers) ? Object.values(servers) : [servers];
  const listed = roles.flatMap((role) => namesIn(isMap(role) ? role.hosts : role));
  const own = isMap(accessories) ? Object.values(accessories) : [];
  return [...listed, ...own.flatMap((one) => (isMap(one) ? [...namesIn(one.host), ...namesIn(one.hosts)] : []))];
}

/** `[203.0.113.10, web-2: {…}]`, `{web-1: 203.0.113.10}`, `203.0.113.10` */
function namesIn(hosts: unknown): string[] {
  if (typeof hosts === "string") return [hosts];
  return Array.isArray(hosts) ? hosts.flatMap(namesIn) : keysOf(hosts);
}

const NO_STATE: State = { release: {}, accessories: [], releases: [] };

async function readState(backend: string | undefined, project: string | undefined, stack: string | undefined): Promise<State> {
  if (backend === undefined || project === undefined || stack === undefined) return NO_STATE;
  const file = join(backend, ".pulumi", "stacks", project, `${stack}.json`);
  const stored = parseJson(await readFile(file, "utf8").catch(() => ""));
  const { checkpoint } = isMap(stored) ? stored : {};
  const latest = isMap(checkpoint) ? checkpoint.latest : undefined;
  const resources = isMap(latest) && Array.isArray(latest.resources) ? latest.resources.filter(isMap) : [];
  const outputsOf = (noun: string) =>
    resources.flatMap(({ type, outputs }) => (String(type).endsWith(`/slipway:${noun}`) && isMap(outputs) ? [outputs] : []));
  const releases = outputsOf("Release");
  const past = releases.flatMap(({ releases: all }) => (Array.isArray(all) ? all.filter(isMap).toReversed() : []));
  return {
    release: Object.assign({}, ...releases),
    accessories: outputsOf("Accessory").flatMap(({ accessory }) => (typeof accessory === "string" ? [accessory] : [])),
    releases: past.flatMap(({ release }) => (typeof release === "string" ? [release] : [])),
  };
}
