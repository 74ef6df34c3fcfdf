import { type Entry, entry, listNode, type MapNode, type Path, type Tree, textNode, valueNode } from "../yaml/tree.ts";
import type { OptionsContext } from "./context.ts";
import { copy } from "./copy.ts";
import { hostsIn } from "./facts.ts";
import { HEALTH_KEYS, healthcheckOf } from "./health.ts";
import { mountOf } from "./mount.ts";
import { hasAddress, translatePublish } from "./ports.ts";
import { as, byHand, isEmpty, type Rule, type Rules, same, translated, unneeded } from "./rule.ts";
import { type Cursor, childrenIn, type Run } from "./run.ts";

const health: Rule<OptionsContext> = translated(
  "`healthcheck` of a role that is not proxied; the proxy checks the others",
  // All of them together: see `optionsOf`.
  () => [],
);

/** Docker's flags, in Kamal's spelling, with `-`. */
const OPTIONS: Rules<OptionsContext> = {
  memory: same(),
  "memory-swap": as("memory_swap"),
  "memory-reservation": as("memory_reservation"),
  cpus: same("number"),
  "cpu-shares": as("cpu_shares"),
  "pids-limit": as("pids_limit"),
  "oom-score-adj": as("oom_score_adj"),
  "shm-size": as("shm_size"),
  ulimit: same(),
  restart: same(),
  publish: {
    ...translated("without an address: on all, as in Docker; a role with ports stops before it starts again", publish),
  },
  "add-host": as("add_host"),
  dns: same(),
  device: as("devices"),
  gpus: same(),
  tmpfs: same(),
  "read-only": as("read_only"),
  "cap-add": as("cap_add", "list"),
  "cap-drop": as("cap_drop", "list"),
  privileged: same(),
  "security-opt": as("security_opt"),
  sysctl: translated("`sysctls`, a map", sysctls),
  ipc: same(),
  pid: same(),
  init: same(),
  "stop-signal": as("stop_signal"),
  "stop-timeout": translated("`stop_timeout` of the role", beside("stop_timeout")),
  entrypoint: same(),
  user: same(),
  "group-add": as("group_add", "list"),
  "no-healthcheck": as("no_healthcheck"),
  workdir: same(),
  volume: translated("`volumes` of the role", beside("volumes", "list")),
  mount: translated("`volumes` of the role, or `tmpfs`; a volume with a driver of its own is by hand", mounts),
  network: translated("all are in the network kamal; `host` and networks of others are by hand", network),
  "network-alias": byHand(
    "is a second name in a Docker network, which would lead to the old and the new container at once: reach it through kamal-proxy by a host name",
  ),
  hostname: same("text"),
  "env-file": byHand("is a file of the host: write its variables under env, and what is secret under env.secret"),
  env: byHand("write its variables under env"),
  label: byHand("write it under labels"),
  platform: byHand("is the host's: slipway:builder.arch builds for others"),
  expose: unneeded("containers of one network reach every port"),
  rm: unneeded("stopped containers are kept for a rollback, and removed by later releases"),
  "log-driver": byHand("write logging.driver"),
  "log-opt": byHand("write it under logging.options"),
  link: byHand("containers of the network kamal find each other by name"),
  userns: byHand("has no key: set it for the host's Docker, in slipway:docker.settings"),
  runtime: byHand("has no key: set the default runtime of the host's Docker, in slipway:docker.settings"),
  ...Object.fromEntries(HEALTH_KEYS.map((key) => [key, health])),
};

/** `options` of a role or an accessory, whose keys may be written with `_` as well. */
export const optionsRule = (note: string): Rule<{ readonly options: OptionsContext }> => ({
  ...translated(note, (cursor, run, { to }, { options }) => {
    const { node } = cursor;
    if (node.kind !== "map") {
      run.ask(cursor, "should be a map of flags of docker run");
      return [];
    }
    const entries = optionsOf(cursor, node, run, to, options);
    return entries.length === 0 ? [] : [entry("options", { ...node, entries })];
  }),
  below: OPTIONS,
});

function optionsOf(cursor: Cursor, node: MapNode, run: Run, to: Path, context: OptionsContext): Entry[] {
  const made = childrenIn(cursor).flatMap((child) => {
    const written = String(child.path.at(-1));
    const name = [written, written.replaceAll("_", "-")].find((one) => Object.hasOwn(OPTIONS, one));
    const rule = name === undefined ? undefined : OPTIONS[name];
    const above = node.entries.find(({ key }) => key === written);
    if (rule === undefined) {
      run.ask(child, "is a flag of docker run that has no key here");
      return [];
    }
    const before = run.findings.length;
    const entries = rule.apply(child, run, { to: [...to, "options"], key: written }, context);
    if (run.findings.length === before && isEmpty(child.node)) run.empty(child);
    return entries.map((one, at) => (at === 0 ? { ...one, above: above?.above, isApart: above?.isApart ?? false } : one));
  });
  context.beside.push(...healthcheckOf(cursor, run, context));
  return made;
}

function publish(
  cursor: Cursor,
  run: Run,
  { to, key }: { readonly to: Path; readonly key: string },
  context: OptionsContext,
): Entry[] {
  if (context.isAccessory) {
    const [only, ...more] = hostsIn(cursor.node);
    if (!context.hasPort && only !== undefined && more.length === 0) return asPort(cursor, run, only, context);
    const isOpen = [only ?? "", ...more].some((text) => !/^(?:127\.|localhost:|\[::1\])/.test(text));
    if (isOpen) context.beside.push(entry("public", valueNode(true, { at: cursor.at, comment: undefined })));
  }
  const value = translatePublish(cursor, run, [...to, key]);
  return value === undefined ? [] : [entry(key, value)];
}

/** The only port of an accessory is its `port`. */
function asPort(cursor: Cursor, run: Run, text: string, { beside, to }: OptionsContext): Entry[] {
  const at = { at: cursor.at, comment: undefined };
  beside.push(entry("port", { ...textNode(text, at), isQuoted: true }));
  if (!hasAddress(text)) beside.push(entry("public", valueNode(true, at)));
  run.translate(cursor, hasAddress(text) ? "is port" : "is port, on all addresses as in Docker: public: true says so", [
    ...to,
    "port",
  ]);
  return [];
}

function beside(name: string, kind: "any" | "list" = "any"): Rule<OptionsContext>["apply"] {
  return (cursor, run, _place, context) => {
    const before = run.findings.length;
    const value = copy(cursor, run, [...context.to, name], kind);
    for (let at = before; at < run.findings.length; at++) {
      const finding = run.findings[at];
      if (finding?.outcome === "taken") run.findings[at] = { ...finding, outcome: "translated", says: `is under ${name}` };
    }
    if (value !== undefined) context.beside.push(entry(name, value));
    return [];
  };
}

/** `["net.core.somaxconn=1024"]` */
function sysctls(cursor: Cursor, run: Run, { to }: { readonly to: Path }): Entry[] {
  if (cursor.node.kind === "map") {
    const value = copy(cursor, run, [...to, "sysctls"]);
    return value === undefined ? [] : [entry("sysctls", value)];
  }
  const entries = hostsIn(cursor.node).map((text) => {
    const [name = "", value = ""] = text.split("=", 2);
    return entry(name, { ...textNode(value, { at: cursor.node.at, comment: undefined }), isQuoted: true });
  });
  run.translate(cursor, "is a map", [...to, "sysctls"]);
  return [entry("sysctls", { kind: "map", entries, isFlow: false, at: cursor.node.at })];
}

function mounts(cursor: Cursor, run: Run, _place: unknown, context: OptionsContext): Entry[] {
  const all = cursor.node.kind === "list" ? childrenIn(cursor) : [cursor];
  const tmpfs: Tree[] = [];
  const volumes: Tree[] = [];
  for (const one of all) {
    const text = one.node.kind === "scalar" ? one.node.text : "";
    const mount = mountOf(text);
    if (mount.kind === "other") run.ask(one, mount.says);
    else {
      run.translate(one, `is ${mount.text}, under ${mount.kind === "tmpfs" ? "options.tmpfs" : "volumes"}`);
      const node = textNode(mount.text, { at: one.node.at, comment: undefined });
      (mount.kind === "tmpfs" ? tmpfs : volumes).push(node);
    }
  }
  if (volumes.length > 0) context.beside.push(entry("volumes", listNode(volumes, { at: cursor.node.at, comment: undefined })));
  return tmpfs.length === 0 ? [] : [entry("tmpfs", listNode(tmpfs, { at: cursor.node.at, comment: undefined }))];
}

function network(cursor: Cursor, run: Run, _place: unknown, { isAccessory }: OptionsContext): Entry[] {
  const all = cursor.node.kind === "list" ? childrenIn(cursor) : [cursor];
  for (const one of all) {
    const name = one.node.kind === "scalar" ? one.node.text : "";
    if (one.node.kind === "scalar" && one.node.isUnknown) run.ask(one, "is unknown: remove it if it is kamal");
    else if (name === "kamal") run.translate(one, "not needed: all of the app is in the network kamal");
    else if (name === "host") run.ask(one, HOST_NETWORK);
    else if (isAccessory || run.facts.networks.has(name))
      run.translate(
        one,
        `not needed: the app and its accessories are in the network kamal, where they find each other; containers of others in ${name} do not reach them any more`,
      );
    else
      run.ask(
        one,
        `is a network beside kamal, which is not supported for a role: if a container of another project in ${name} has to reach it, connect that one to the network kamal`,
      );
  }
  return [];
}

const HOST_NETWORK =
  "the network of the host is not supported for a role: write the ports that it needs under options.publish, and 0.0.0.0: in front of those that others reach";
