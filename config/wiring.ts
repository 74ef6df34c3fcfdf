import { hostInUrl, inUrl } from "../core/url.ts";
import { canonical, stableHash } from "../core/values.ts";
import type { HostName } from "../core/words.ts";
import type { Accessory } from "./accessory/accessory.ts";
import { type Client, type Networks, networksOf, reachOf } from "./accessory/reach.ts";
import { type Env, isTooLong, namesOf, TOO_LONG } from "./env/env.ts";
import { isUrl, type Reference, type Wire } from "./env/reference.ts";
import type { Host } from "./hosts/host.ts";
import type { Role } from "./release/role.ts";
import { quoted } from "./schema/name.ts";
import type { ConfigPath } from "./schema/problem.ts";
import { orNearest } from "./schema/unknown-key.ts";

/** What refers to accessories, and all that the references depend on. */
export interface Wirable {
  readonly roles: readonly Role[];
  readonly accessories: readonly Accessory[];
  readonly hosts: readonly Host[];
  /** Name → value, as `Config.secrets`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The same with every reference replaced, and the secrets that result. */
export type Wired = Omit<Wirable, "hosts">;

/**
 * Replaces the references to accessories in each environment, for each host: on the same host an accessory is reached by name over
 * the Docker network, from other hosts by its published address.
 *
 * @param place of `slipway:accessories`
 */
export function wire({ roles, accessories, hosts, secrets }: Wirable, place: ConfigPath): Wired {
  const board: Switchboard = {
    accessories: new Map(accessories.map((one) => [one.name, one])),
    hosts: new Map(hosts.map((host) => [host.name, host])),
    given: secrets,
    made: {},
  };
  const wired = {
    roles: roles.map((role) => wireRole(role, board)),
    accessories: accessories.map((accessory) => wireAccessory(accessory, board)),
  };
  refuseCycles(wired.accessories, place);
  return { ...wired, secrets: { ...secrets, ...board.made } };
}

/** What references are resolved from. */
interface Switchboard {
  readonly accessories: ReadonlyMap<string, Accessory>;
  readonly hosts: ReadonlyMap<HostName, Host>;
  readonly given: Readonly<Record<string, string>>;
  /** New secrets: values that contain a secret, by their new name. */
  readonly made: Record<string, string>;
}

function wireRole(role: Role, board: Switchboard): Role {
  const written = (host: HostName): Env | undefined => role.on[host]?.env;
  if (![role.env, ...role.hosts.map(written)].some((env) => env?.wired)) return role;
  const { shared, own } = spread(role.env, role.hosts, written, networksOf(undefined, role.options), board);
  const on = role.hosts.flatMap((host) => {
    const [env, proxy] = [own.get(host), role.on[host]?.proxy];
    if (env === undefined && proxy === undefined) return [];
    return [[host, { env: env ?? shared, ...(proxy === undefined ? {} : { proxy }) }] as const];
  });
  return { ...role, env: shared, on: Object.fromEntries(on) };
}

function wireAccessory(accessory: Accessory, board: Switchboard): Accessory {
  const { name, env, hosts, network, options } = accessory;
  if (env.wired === undefined) return accessory;
  const { shared, own } = spread(env, hosts, () => undefined, networksOf(network, options), board);
  const named = Object.values(env.wired).flatMap(({ parts }) =>
    parts.flatMap((part) => (typeof part === "string" ? [] : part.accessory)),
  );
  const after = [...new Set(named)].filter((other) => other !== name && board.accessories.has(other)).sort();
  return { ...accessory, env: shared, on: Object.fromEntries(own), after };
}

/** The environment that most hosts share, and the complete one of each host where it differs. */
function spread(
  env: Env,
  hosts: readonly HostName[],
  written: (host: HostName) => Env | undefined,
  networks: Networks,
  board: Switchboard,
): { readonly shared: Env; readonly own: ReadonlyMap<HostName, Env> } {
  const first = hosts.find((host) => written(host) === undefined) ?? hosts[0];
  if (first === undefined) return { shared: env, own: new Map() };
  const shared = envAt(written(first) ?? env, { host: first, networks }, board);
  const all = hosts.map((host) => [host, envAt(written(host) ?? env, { host, networks }, board)] as const);
  return { shared, own: new Map(all.filter(([, own]) => canonical(own) !== canonical(shared))) };
}

const SHORT = 8;

function envAt({ wired = {}, ...plain }: Env, client: Client, board: Switchboard): Env {
  const clear = { ...plain.clear };
  const secret = { ...plain.secret };
  for (const [name, one] of Object.entries(wired)) {
    const { text, from, isSecret } = fill(one, client, board);
    if (isTooLong(name, text)) one.place.refuse(TOO_LONG);
    if (!isSecret) {
      clear[name] = text;
      continue;
    }
    // No name in slipway:secrets has a dot. The hashed text is public, and equal for equal values.
    const key = `${name}.${stableHash([one.id, from]).slice(0, SHORT)}`;
    board.made[key] = text;
    secret[name] = key;
  }
  return { clear, secret };
}

interface Filled {
  readonly text: string;
  /** The values that were inserted; for a secret its name. */
  readonly from: readonly string[];
  readonly isSecret: boolean;
}

function fill(one: Wire, client: Client, board: Switchboard): Filled {
  const encode = isUrl(one) ? inUrl : (value: string) => value;
  const bracket = isUrl(one) ? hostInUrl : (host: string) => host;
  const answers = one.parts.map((part) =>
    typeof part === "string" ? ({ kind: "text", value: part } as const) : answer(part, client, board, one.place),
  );
  const text = answers.map((said) =>
    said.kind === "variable" || said.kind === "secret"
      ? encode(said.value)
      : said.kind === "host"
        ? bracket(said.value)
        : said.value,
  );
  return {
    text: text.join(""),
    from: answers.flatMap((said) => (said.kind === "text" ? [] : said.kind === "secret" ? said.source : said.value)),
    isSecret: one.hidden || answers.some(({ kind }) => kind === "secret"),
  };
}

type Answer =
  | { readonly kind: "text" | "host" | "variable"; readonly value: string }
  | { readonly kind: "secret"; readonly value: string; readonly source: string };

/** For a refused reference, so that the rest is checked too. */
const NOTHING: Answer = { kind: "text", value: "" };

function answer(reference: Reference, client: Client, board: Switchboard, place: ConfigPath): Answer {
  const target = board.accessories.get(reference.accessory);
  if (target === undefined) {
    place.refuse(
      `unknown accessory ${quoted(reference.accessory)}; ${orNearest(reference.accessory, [...board.accessories.keys()])}`,
    );
    return NOTHING;
  }
  if (reference.part === "env" || reference.part === "secret") return variable(target, reference, board, place);
  // No host at all has already been refused.
  if (target.hosts.length === 0) return NOTHING;
  const reach = reachOf(target, client, board.hosts);
  if (reach.kind === "unreachable") {
    place.refuse(reach.because);
    return NOTHING;
  }
  if (reference.part === "host") return { kind: "host", value: reach.host };
  if (reach.port !== undefined) return { kind: "text", value: String(reach.port) };
  place.refuse(`${target.name} has no known port: write the number here`);
  return NOTHING;
}

function variable(
  { name: accessory, env }: Accessory,
  { part, name = "" }: Reference,
  board: Switchboard,
  place: ConfigPath,
): Answer {
  const [clear, source] = [own(env.clear, name), own(env.secret, name)];
  if (part === "env" && clear !== undefined) return { kind: "variable", value: clear };
  if (part === "secret" && source !== undefined) return { kind: "secret", value: board.given[source] ?? "", source };
  const why =
    source !== undefined
      ? `is secret: write .secret.${name}`
      : clear !== undefined
        ? `is not secret: write .env.${name}`
        : own(env.wired ?? {}, name) !== undefined
          ? "refers to accessories itself: write that reference here"
          : `is not in its env; ${orNearest(name, namesOf(env))}`;
  place.refuse(`${name} of ${accessory} ${why}`);
  return NOTHING;
}

const own = <T>(map: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined;

/** Each would wait for the other. */
function refuseCycles(accessories: readonly Accessory[], place: ConfigPath): void {
  const after = new Map(accessories.map((one) => [one.name, one.after]));
  const waitsFor = (name: string, seen = new Set<string>()): Set<string> => {
    for (const other of after.get(name) ?? []) if (!seen.has(other)) waitsFor(other, seen.add(other));
    return seen;
  };
  for (const { name } of accessories) {
    const circle = [...waitsFor(name)].filter((other) => waitsFor(other).has(name)).sort();
    if (circle[0] === name) place.at(name, "env").refuse(`${circle.join(", ")} form a reference cycle`);
  }
}
