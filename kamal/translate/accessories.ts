import { type Entry, entry, mapNode, type Path, type Tree, textNode, valueNode } from "../yaml/tree.ts";
import { command } from "./command.ts";
import type { OptionsContext, Scope } from "./context.ts";
import { copy } from "./copy.ts";
import { env } from "./env.ts";
import { directories, files } from "./files.ts";
import { labels } from "./labels.ts";
import { hasOptionsEnv, optionsRule } from "./options.ts";
import { hasAddress, sayPort, withAddress } from "./ports.ts";
import { roleProxy } from "./proxy.ts";
import { accessoryRegistry } from "./registry.ts";
import { mapIn, type Rule, type Rules, same, together, translated, translateKeys } from "./rule.ts";
import { type Cursor, childAt, type Run } from "./run.ts";
import { volumes } from "./volumes.ts";

/** An accessory while it is translated. */
interface AccessoryContext extends Scope {
  readonly container: string;
  readonly options: OptionsContext;
}

const ACCESSORY: Rules<AccessoryContext> = {
  service: { ...same("text", "the name of its container") },
  image: same("text"),
  registry: accessoryRegistry,
  host: same("text"),
  hosts: same("list"),
  role: same("text"),
  roles: same("list"),
  tag: same("text"),
  tags: same("list"),
  cmd: command,
  port: translated("without an address: `public: true`, as Kamal listens on all addresses", port),
  labels: labels((run, { path }) => run.facts.accessories.find(({ name }) => name === path[1])?.container ?? ""),
  env: env(false),
  files,
  directories,
  volumes,
  network: same("text"),
  proxy: roleProxy,
  options: optionsRule("as of a role; a port is under port"),
};

export const accessories: Rule<unknown> = {
  status: "same",
  note: "",
  below: { "<accessory>": { status: "same", note: "", below: ACCESSORY, apply: () => [] } },
  apply: (cursor, run, { to, key }) => {
    const node = mapIn(cursor, run, "should be a map of accessories");
    if (node === undefined) return [];
    const all = node.entries.flatMap((one): Entry[] => {
      const child = childAt(cursor, one.key);
      const value = child && accessory(one.key, child, run, [...to, key, one.key]);
      return value === undefined ? [] : [{ ...one, value }];
    });
    return [entry(key, { ...node, entries: all })];
  },
};

function accessory(name: string, cursor: Cursor, run: Run, to: Path): Tree | undefined {
  const facts = run.facts.accessories.find((one) => one.name === name);
  const beside: Entry[] = [];
  const onHosts = facts?.hosts ?? [];
  const scope: Scope = { name, own: name, hosts: onHosts, isSplit: hasOptionsEnv(cursor) };
  const context: AccessoryContext = {
    ...scope,
    container: facts?.container ?? name,
    options: {
      isProxied: childAt(cursor, "proxy") !== undefined,
      isAccessory: true,
      hasPort: childAt(cursor, "port") !== undefined,
      beside,
      to,
      scope,
    },
  };
  const made = translateKeys(cursor, ACCESSORY, run, to, context);
  if (made === undefined) return undefined;
  const at = { at: cursor.at, comment: undefined };
  const isNamed = childAt(cursor, "service") !== undefined || run.facts.destination === undefined;
  const named = isNamed ? [] : [entry("service", textNode(context.container, at))];
  if (!isNamed)
    run.translate(
      { ...cursor, path: [...cursor.path, "service"] },
      `is ${context.container}: Kamal puts no destination into the name of an accessory`,
      [...to, "service"],
    );
  return {
    ...mapNode(together([...made, ...beside, ...named]), cursor.node),
    isFlow: cursor.node.kind === "map" && cursor.node.isFlow,
  };
}

function port(cursor: Cursor, run: Run, { to, key }: { readonly to: Path; readonly key: string }): Entry[] {
  const { node } = cursor;
  const place = [...to, key];
  if (node.kind !== "scalar") {
    run.ask(cursor, "should be a port, as 127.0.0.1:5432:5432");
    return [];
  }
  const fault = sayPort(node);
  if (fault !== undefined) {
    run.ask(cursor, fault, place);
    return [entry(key, textNode(node.text, node))];
  }
  if (node.isUnknown || node.is === "null") {
    const value = copy(cursor, run, place, "text");
    return value === undefined ? [] : [entry(key, value)];
  }
  if (hasAddress(node.text)) {
    const local = withAddress(node.text);
    if (/^(?:0\.0\.0\.0|\[::\]):/.test(local))
      return open(cursor, run, place, entry(key, { ...textNode(local, node), isQuoted: true }));
    if (local === node.text) run.take(cursor, place);
    else run.translate(cursor, `is ${local}`, place);
    return [entry(key, { ...textNode(local, node), isQuoted: node.isQuoted })];
  }
  const value = node.is === "integer" ? node : { ...textNode(node.text, node), isQuoted: true };
  return open(cursor, run, place, entry(key, value));
}

function open(cursor: Cursor, run: Run, to: Path, written: Entry): Entry[] {
  run.translate(
    cursor,
    "listens on all addresses, as in Kamal: public: true says so. Remove that line if only containers of the same host use it",
    to,
  );
  return [written, entry("public", valueNode(true, { at: cursor.at, comment: undefined }))];
}
