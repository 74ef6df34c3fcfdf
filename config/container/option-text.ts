import { isIP, quoted } from "../schema/name.ts";
import type { Place } from "../schema/problem.ts";

/** When Docker starts a container again by itself. */
export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  readonly maximumRetryCount?: number;
}

export function resolveRestart(text = "unless-stopped", place: Place): RestartPolicy {
  const [, name, retries] = /^(no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text) ?? [];
  if (name === undefined || (retries !== undefined && name !== "on-failure")) {
    place.refuse("should be no, always, unless-stopped, on-failure or on-failure:N");
    return { name: "unless-stopped" };
  }
  return { name: name as RestartPolicy["name"], ...(retries === undefined ? {} : { maximumRetryCount: Number(retries) }) };
}

/** Path → mount options. */
export function resolveTmpfs(texts: readonly string[], place: Place): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [path = "", options = ""] = text.split(":", 2);
      if (!path.startsWith("/")) place.refuse(`${quoted(path)} should be an absolute path`);
      return [path, options];
    }),
  );
}

/** `name:address` lines. */
export function resolveAddHost(texts: readonly string[], place: Place): readonly string[] {
  for (const text of texts) {
    const address = text.slice(text.indexOf(":") + 1);
    if (!/^[^\s:]+:/.test(text) || (isIP(address) === 0 && address !== "host-gateway"))
      place.refuse(`${quoted(text)} is not name:address`);
  }
  return texts;
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export function resolveUlimit(text: string, place: Place): Ulimit {
  const [, name, soft, hard = soft] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (name === undefined) place.refuse(`${quoted(text)} is not name=soft or name=soft:hard`);
  return { name: name ?? "", soft: Number(soft), hard: Number(hard) };
}

/** A device of the host inside the container. */
export interface Device {
  readonly source: string;
  readonly target: string;
  /** Of `rwm`: read, write, make nodes. */
  readonly permissions: string;
}

export function resolveDevice(text: string, place: Place): Device {
  const [, source, target = source, permissions = "rwm"] = /^(\/[^:]*)(?::(\/[^:]*))?(?::([rwm]{1,3}))?$/.exec(text) ?? [];
  if (source === undefined) place.refuse(`${quoted(text)} is not path, path:path in the container, or path:rwm`);
  return { source: source ?? "", target: target ?? "", permissions };
}

export function resolveDns(texts: readonly string[] | undefined, place: Place): readonly string[] | undefined {
  for (const text of texts ?? []) if (isIP(text) === 0) place.refuse(`${quoted(text)} is not an IP address`);
  return texts;
}

/** Docker's command line reads the file of a seccomp profile; the engine wants what is in it. */
export function resolveSecurityOpt(texts: readonly string[] | undefined, place: Place): readonly string[] | undefined {
  for (const text of texts ?? []) {
    const [, profile] = /^seccomp[=:](.*)$/s.exec(text) ?? [];
    if (profile !== undefined && !/^(unconfined|builtin|\s*\{.*\}\s*)$/s.test(profile))
      place.refuse("seccomp should be unconfined, builtin or the profile itself as JSON, not the name of a file");
  }
  return texts;
}
