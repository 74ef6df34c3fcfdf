import { type Entry, entry, listNode, mapNode, type Path, type Tree, textNode, valueNode } from "../yaml/tree.ts";
import { command } from "./command.ts";
import type { OptionsContext, Scope } from "./context.ts";
import { copy, itemsOf, scalarOf } from "./copy.ts";
import { env } from "./env.ts";
import { hostsIn } from "./facts.ts";
import { roleHealthcheck, routeByLabels } from "./kamal-1.ts";
import { labels } from "./labels.ts";
import { hasOptionsEnv, optionsRule } from "./options.ts";
import { roleProxy } from "./proxy.ts";
import { type Rule, type Rules, same, section, together, translated, translateKeys } from "./rule.ts";
import { type Cursor, childAt, childrenIn, type Run } from "./run.ts";

/** A role while it is translated. */
interface RoleContext extends Scope {
  readonly options: OptionsContext;
}

const ROLE: Rules<RoleContext> = {
  hosts: { status: "same", note: "`host`, or `host: tag`", apply: (cursor, run, { to, key }) => hosts(cursor, run, to, key) },
  cmd: command,
  env: env(false),
  options: optionsRule("with `_`; see below"),
  labels: labels(({ facts }) => facts.service),
  logging: section({ driver: same("text"), options: same("text") }),
  proxy: roleProxy,
  asset_path: { ...same("text"), apply: (cursor, run, target) => assetPath(cursor, run, target) },
  stop_timeout: same("number"),
  traefik: translated("Kamal 1: `proxy`", (cursor, run, { to }) => {
    const isOn = cursor.node.kind === "scalar" && cursor.node.value === true;
    run.translate(cursor, `is proxy: ${isOn}`, [...to, "proxy"]);
    return [entry("proxy", valueNode(isOn, cursor.node))];
  }),
  healthcheck: roleHealthcheck,
};

export const ROLE_KEYS: Rules<never> = ROLE;

/** `servers` */
export const servers: Rule<unknown> = {
  status: "same",
  note: "a list, or a map of roles",
  below: { "<role>": { status: "same", note: "a list of hosts, or a map", below: ROLE, apply: () => [] } },
  apply: (cursor, run, { to, key }) => {
    const place = [...to, key];
    const { node } = cursor;
    if (node.kind === "list") return hosts(cursor, run, to, key);
    if (node.kind !== "map") {
      run.ask(cursor, "should be a list of hosts, or a map of roles");
      return [];
    }
    const roles = node.entries.flatMap((one): Entry[] => {
      const child = childAt(cursor, one.key);
      return child === undefined ? [] : [{ ...one, value: role(one.key, child, run, [...place, one.key]) }];
    });
    return [entry(key, { ...node, entries: roles })];
  },
};

function role(name: string, cursor: Cursor, run: Run, to: Path): Tree {
  const { node } = cursor;
  if (node.kind === "list") return listOfHosts(cursor, run, to);
  if (node.kind === "scalar" && node.is === "null") {
    run.translate(cursor, "is a role without hosts", to);
    return listNode([], node, true);
  }
  if (node.kind === "scalar") {
    run.ask(cursor, "should be a list of hosts, or a map", to);
    return listNode([], node, true);
  }
  const onHosts = run.facts.roles.get(name) ?? [];
  const isProxied = isProxiedRole(name, cursor, run);
  const beside: Entry[] = [];
  const scope: Scope = { name, hosts: onHosts, isSplit: hasOptionsEnv(cursor) };
  const context: RoleContext = {
    ...scope,
    options: { isProxied, isAccessory: false, hasPort: false, beside, to, scope },
  };
  const made = translateKeys(cursor, ROLE, run, to, context) ?? [];
  const routed = isProxied ? routeByLabels(cursor, run, [...to, "proxy"]) : [];
  const entries = together([...made, ...beside, ...routed]);
  return { ...mapNode(entries, node), isFlow: node.isFlow };
}

function isProxiedRole(name: string, cursor: Cursor, { facts }: Run): boolean {
  const written = childAt(cursor, "proxy")?.node ?? childAt(cursor, "traefik")?.node;
  if (written === undefined) return name === facts.primaryRole;
  return written.kind !== "scalar" || written.value !== false;
}

function hosts(cursor: Cursor, run: Run, to: Path, key: string): Entry[] {
  const { node } = cursor;
  if (node.kind === "scalar" && node.is === "null") {
    run.empty(cursor);
    return [];
  }
  return [entry(key, listOfHosts(cursor, run, [...to, key]))];
}

/** Addresses, or addresses with tags: `203.0.113.10: eu`. */
function listOfHosts(cursor: Cursor, run: Run, to: Path): Tree {
  const { node } = cursor;
  if (node.kind !== "list") {
    run.ask(cursor, "should be a list of hosts");
    return listNode(
      hostsIn(node).map((host) => textNode(host, node)),
      node,
    );
  }
  if (node.items.length === 0) run.take(cursor, to);
  const items = itemsOf(cursor, to, (child, path) => {
    if (child.node.kind !== "scalar") return copy(child, run, path, "text");
    const before = run.findings.length;
    const value = scalarOf(child, child.node, run, "text", path);
    if (value !== undefined && run.findings.length === before) run.take(child, path);
    return value;
  });
  return { ...node, items };
}

/** `path:ro,z`: it is always read-only. */
export function assetPath(cursor: Cursor, run: Run, { to, key }: { readonly to: Path; readonly key: string }): Entry[] {
  const value = copy(cursor, run, [...to, key], "text");
  if (value?.kind !== "scalar") return value === undefined ? [] : [entry(key, value)];
  const [path = "", options] = value.text.split(":");
  const kept = options?.split(",").filter((option) => option !== "ro") ?? [];
  const text = [path, ...(kept.length === 0 ? [] : [kept.join(",")])].join(":");
  if (text === value.text) return [entry(key, value)];
  run.findings.pop();
  run.translate(cursor, "is read-only in any case", [...to, key]);
  return [entry(key, textNode(text, value))];
}

/** Tags that hosts have, for accessories, and that no environment has. */
export function tagsWithoutEnv(root: Cursor): string[] {
  const list = childAt(root, "servers");
  const tags = childAt({ ...root, node: childAt(root, "env")?.node ?? root.node }, "tags")?.node;
  const known = new Set(tags?.kind === "map" ? tags.entries.map(({ key }) => key) : []);
  const lists =
    list === undefined ? [] : [list, ...childrenIn(list), ...childrenIn(list).flatMap((one) => childAt(one, "hosts") ?? [])];
  const used = lists.flatMap(({ node }) =>
    node.kind === "list"
      ? node.items.flatMap(({ value }) => (value.kind === "map" ? value.entries.flatMap((one) => hostsIn(one.value)) : []))
      : [],
  );
  return [...new Set(used)].filter((tag) => !known.has(tag));
}
