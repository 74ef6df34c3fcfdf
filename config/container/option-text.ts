import { type Device, RestartPolicy, type Ulimit } from "../../core/container/options.ts";
import { isIP, quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

export function resolveRestart(text = "unless-stopped", place: ConfigPath): RestartPolicy {
  const [, word, retries] = /^([a-z-]+)(?::(\d+))?$/.exec(text) ?? [];
  const name = RestartPolicy.shape.name.safeParse(word).data;
  if (name === undefined || (retries !== undefined && name !== "on-failure")) {
    place.refuse("should be no, always, unless-stopped, on-failure or on-failure:N");
    return { name: "unless-stopped" };
  }
  return { name, ...(retries === undefined ? {} : { maximumRetryCount: Number(retries) }) };
}

/** Path → mount options. */
export function resolveTmpfs(texts: readonly string[], place: ConfigPath): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [path = "", options = ""] = text.split(":", 2);
      if (!path.startsWith("/")) place.refuse(`${quoted(path)} should be an absolute path`);
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

export function resolveUlimit(text: string, place: ConfigPath): Ulimit {
  const [, name, soft, hard = soft] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (name === undefined) place.refuse(`${quoted(text)} is not name=soft or name=soft:hard`);
  return { name: name ?? "", soft: Number(soft), hard: Number(hard) };
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
