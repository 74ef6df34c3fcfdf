import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import type { Config } from "../../config/index.ts";
import type { Deadline } from "../../core/deadline.ts";
import type { RouteSpec } from "../../core/route.ts";
import type { HostName, Milliseconds } from "../../core/words.ts";
import { ask } from "./ask.ts";
import type { Asked, NameFacts } from "./facts.ts";

/** For one query to one server. */
const TIMEOUT: Milliseconds = 2_000;
const TRIES = 2;
/** There is no such name, or it has no address. */
const NO_RECORD = new Set(["ENOTFOUND", "ENODATA"]);

/** The host names that proxies serve, each once, and which hosts serve them. Addresses need no DNS. */
export function servedNames({ roles }: Pick<Config, "roles">): Omit<NameFacts, "addresses" | "elsewhere">[] {
  const routes = roles.flatMap(({ proxy, hosts, on }) =>
    proxy === undefined ? [] : hosts.map((host): [HostName, RouteSpec] => [host, on[host]?.proxy ?? proxy]),
  );
  const names = [...new Set(routes.flatMap(([, { hosts }]) => hosts))].filter((name) => isIP(name) === 0);
  return names.map((name) => {
    const serving = routes.filter(([, { hosts }]) => hosts.includes(name));
    const servedBy = [...new Set(serving.map(([host]) => host))];
    return { name, acme: serving.some(([, { tls }]) => tls.kind === "acme"), servedBy };
  });
}

/** Resolvers that anyone may ask, of two operators: visitors elsewhere get what these say. */
const PUBLIC = ["1.1.1.1", "8.8.8.8"] as const;

/** What a name leads to for this machine, and for others: this one may have a DNS of its own, or an older answer. */
export async function resolveForAll(
  name: string,
  deadline: Deadline,
  publicServers: readonly string[] = PUBLIC,
): Promise<Pick<NameFacts, "addresses" | "elsewhere">> {
  const asked = publicServers.map(async (server) => {
    const resolver = new Resolver({ timeout: TIMEOUT, tries: 1 });
    resolver.setServers([server]);
    return resolveName(name, deadline, resolver);
  });
  const [addresses, ...others] = await Promise.all([resolveName(name, deadline), ...asked]);
  const elsewhere = others.find(({ kind }) => kind === "known") ?? others[0];
  if (elsewhere === undefined) return { addresses };
  return { addresses: addresses.kind === "unknown" && elsewhere.kind === "known" ? elsewhere : addresses, elsewhere };
}

/** Resolves a name as visitors and Let's Encrypt do: with DNS only, not with this machine's hosts file. */
export async function resolveName(
  name: string,
  deadline: Deadline,
  resolver = new Resolver({ timeout: TIMEOUT, tries: TRIES }),
): Promise<Asked<readonly string[]>> {
  // A wildcard matches every name below it.
  const asked = name.replace(/^\*\./, "slipway-doctor.");
  const late = setTimeout(() => resolver.cancel(), deadline.remaining);
  const answers = await Promise.allSettled([resolver.resolve4(asked), resolver.resolve6(asked)]);
  clearTimeout(late);
  const value = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const why = answers.flatMap((answer) => (answer.status === "rejected" ? [codeOf(answer.reason)] : []));
  const failed = why.find((code) => !NO_RECORD.has(code));
  if (value.length > 0 || failed === undefined) return { kind: "known", value };
  return { kind: "unknown", why: `the DNS query for ${asked} failed from here (${failed})`, evidence: [] };
}

/** The addresses of a host's name; empty if it does not resolve, as with an alias of ~/.ssh/config. */
export async function resolveAddress(address: string, deadline: Deadline): Promise<readonly string[]> {
  if (isIP(address) !== 0) return [address];
  const found = await ask(lookup(address, { all: true }), deadline);
  return found.kind === "known" ? found.value.map((one) => one.address) : [];
}

const codeOf = (reason: unknown): string =>
  reason instanceof Error && "code" in reason ? String(reason.code) : "no reason given";
