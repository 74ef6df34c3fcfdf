import { type Device, RestartPolicy, type Ulimit } from "../../core/container/options.ts";
import { isIP, quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { plainPath } from "./mount.ts";

export function resolveRestart(text = "unless-stopped", place: ConfigPath): RestartPolicy {
  const [, word, retries] = /^([a-z-]+)(?::(\d+))?$/.exec(text) ?? [];
  const name = RestartPolicy.shape.name.safeParse(word).data;
  const most = Number(retries ?? 0);
  if (name === undefined || (retries !== undefined && name !== "on-failure") || !Number.isSafeInteger(most)) {
    place.refuse("should be no, always, unless-stopped, on-failure or on-failure:N");
    return { name: "unless-stopped" };
  }
  return { name, ...(retries === undefined ? {} : { maximumRetryCount: most }) };
}

/** Path → mount options. */
export function resolveTmpfs(texts: readonly string[], place: ConfigPath): Record<string, string> {
  const taken = new Set<string>();
  return Object.fromEntries(
    texts.map((text) => {
      const [path = "", options = "", ...more] = text.split(":");
      if (!path.startsWith("/")) place.refuse(`${quoted(path)} should be an absolute path`);
      else if (more.length > 0) place.refuse(`${quoted(text)} is not path or path:options`);
      else if (plainPath(path) === "/") place.refuse(`${quoted(path)} should be a folder in the container, not its root`);
      else if (taken.has(plainPath(path))) place.refuse(`${quoted(path)} is already mounted`);
      taken.add(plainPath(path));
      return [path, options];
    }),
  );
}

/** `name:address` lines. */
export function resolveAddHost(texts: string[], place: ConfigPath): string[] {
  for (const text of texts) {
    const address = text.slice(text.indexOf(":") + 1);
    if (!/^[^\s:]+:/.test(text) || (isIP(address) === 0 && address !== "host-gateway"))
      place.refuse(`${quoted(text)} is not name:address`);
  }
  return texts;
}

/** @example resolveUlimits(["nofile=65536:65536"], place) */
export function resolveUlimits(texts: readonly string[], place: ConfigPath): Ulimit[] {
  const all = texts.map((text) => resolveUlimit(text, place));
  const twice = all.find(({ name }, at) => name !== "" && all.findIndex((other) => other.name === name) < at);
  if (twice !== undefined) place.refuse(`${twice.name} is set twice`);
  return all;
}

function resolveUlimit(text: string, place: ConfigPath): Ulimit {
  const [, name = "", first, second = first] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  const [soft, hard] = [Number(first), Number(second)];
  const most = (limit: number) => (limit === -1 ? Number.POSITIVE_INFINITY : limit);
  if (name === "") place.refuse(`${quoted(text)} is not name=soft or name=soft:hard`);
  else if (![soft, hard].every(Number.isSafeInteger)) place.refuse(`${quoted(text)} is too large`);
  else if (most(soft) > most(hard)) place.refuse(`${quoted(text)}: the soft limit is above the hard one`);
  return { name, soft, hard };
}

export function resolveDevice(text: string, place: ConfigPath): Device {
  const [, source, target = source, permissions = "rwm"] = /^(\/[^:]*)(?::(\/[^:]*))?(?::([rwm]{1,3}))?$/.exec(text) ?? [];
  if (source === undefined) place.refuse(`${quoted(text)} is not path, path:path in the container, or path:rwm`);
  return { source: source ?? "", target: target ?? "", permissions };
}

export function resolveDns(texts: string[] | undefined, place: ConfigPath): string[] | undefined {
  for (const text of texts ?? []) if (isIP(text) === 0) place.refuse(`${quoted(text)} is not an IP address`);
  return texts;
}

/** Docker's command line reads the file of a seccomp profile; the engine wants what is in it. */
export function resolveSecurityOpt(texts: string[] | undefined, place: ConfigPath): string[] | undefined {
  for (const text of texts ?? []) {
    const [, profile] = /^seccomp[=:](.*)$/s.exec(text) ?? [];
    if (profile !== undefined && !/^(unconfined|builtin|\s*\{.*\}\s*)$/s.test(profile))
      place.refuse("seccomp should be unconfined, builtin or the profile itself as JSON, not the name of a file");
  }
  return texts;
}
