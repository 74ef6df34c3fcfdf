import { type Entry, entry, listNode, mapNode, type Path, textNode, valueNode } from "../yaml/tree.ts";
import type { OptionsContext } from "./context.ts";
import { copy } from "./copy.ts";
import { secondsOf } from "./health.ts";
import { as, type Rule, type Rules, translated, translateKeys, unneeded } from "./rule.ts";
import { type Cursor, childAt, childrenIn, type Run } from "./run.ts";

/** Where Kamal 1 asks a container, if nothing is written. */
const PORT = 3000;

const HEALTHCHECK: Rules = {
  path: translated("`proxy.healthcheck.path`", (cursor, run, { to }) => {
    const path = [...to, "healthcheck", "path"];
    const value = copy(cursor, run, path, "text");
    if (value === undefined) return [];
    if (run.findings.at(-1)?.outcome === "taken") {
      run.findings.pop();
      run.translate(cursor, "is proxy.healthcheck.path", path);
    }
    return [entry("healthcheck", mapNode([entry("path", value)], { at: cursor.at, comment: undefined }))];
  }),
  port: translated("`proxy.app_port`", (cursor, run, { to }) => {
    const { node } = cursor;
    if (node.kind !== "scalar" || typeof node.value !== "number") {
      const value = copy(cursor, run, [...to, "app_port"]);
      return value === undefined ? [] : [entry("app_port", value)];
    }
    run.translate(cursor, "is proxy.app_port", [...to, "app_port"]);
    return [entry("app_port", valueNode(node.value, node))];
  }),
  interval: translated("`proxy.healthcheck.interval`, in seconds", (cursor, run, { to }) => {
    const seconds = cursor.node.kind === "scalar" ? secondsOf(cursor.node.text) : undefined;
    if (seconds === undefined) {
      run.ask(cursor, "should be a time, as 10s");
      return [];
    }
    run.translate(cursor, `is proxy.healthcheck.interval: ${seconds}`, [...to, "healthcheck", "interval"]);
    return [entry("healthcheck", mapNode([entry("interval", valueNode(seconds, cursor.node))], cursor.node))];
  }),
  max_attempts: unneeded("a container has slipway:deploy_timeout to become healthy"),
  retries: unneeded("a container has slipway:deploy_timeout to become healthy"),
  cmd: translated(
    "`proxy.healthcheck.path` and `proxy.app_port`, if it asks an address of the container by curl or wget",
    (cursor, run, { to }) => {
      const asked = cursor.node.kind === "scalar" && !cursor.node.isUnknown ? askedBy(cursor.node.text) : undefined;
      if (asked === undefined) {
        run.ask(cursor, "is a command in the container: a proxied role is checked over HTTP, by proxy.healthcheck");
        return [];
      }
      run.translate(cursor, `asks ${asked.path} on port ${asked.port}: proxy.healthcheck.path and proxy.app_port`, to);
      const at = { at: cursor.at, comment: undefined };
      return [
        entry("healthcheck", mapNode([entry("path", textNode(asked.path, at))], at)),
        entry("app_port", valueNode(asked.port, at)),
      ];
    },
  ),
  cord: unneeded("the proxy takes a container out before it stops"),
  log_lines: unneeded("an error has the last lines of the log"),
  exposed_port: unneeded("the container itself is checked, through SSH"),
};

/** What a command asks over HTTP, if it is nothing but that. @example askedBy("curl -f http://localhost:3000/up || exit 1") */
function askedBy(command: string): { readonly path: string; readonly port: number } | undefined {
  const plain =
    /^(?:curl|wget)(?:\s+-{1,2}[\w-]+)*\s+["']?http:\/\/(?:localhost|127\.0\.0\.1)(?::(\d+))?(\/[^\s"'?#]*)?["']?(?:\s*\|\|\s*exit 1)?$/;
  const match = plain.exec(command.trim());
  // One that follows redirects asks something else.
  const isPlain = !/\s(?:-[a-zA-Z]*L|--location)/.test(command);
  return match === null || !isPlain ? undefined : { port: Number(match[1] ?? 80), path: match[2] ?? "/" };
}

/** `healthcheck` of the root, as Kamal 1 has it. */
export const healthcheck1: Rule<unknown> = {
  ...translated("Kamal 1: `proxy.healthcheck` and `proxy.app_port`", (cursor, run) => {
    const made = translateKeys(cursor, HEALTHCHECK, run, ["proxy"], undefined) ?? [];
    const hasPort = made.some(({ key }) => key === "app_port");
    if (!hasPort) run.translate(cursor, `is asked on port ${PORT}, Kamal 1's default: proxy.app_port`, ["proxy", "app_port"]);
    const entries = hasPort ? made : [...made, entry("app_port", valueNode(PORT, { at: cursor.at, comment: undefined }))];
    return [entry("proxy", mapNode(entries, { at: cursor.at, comment: undefined }))];
  }),
  below: HEALTHCHECK,
};

/** Of a role that is not proxied: Docker's shell runs the command in the container. */
const CONTAINER_CHECK: Rules = {
  path: as("path", "text"),
  port: as("port", "number"),
  cmd: translated("`cmd`, run by a shell", (cursor, run, { to }) => {
    if (cursor.node.kind !== "scalar" || cursor.node.isUnknown) {
      const value = copy(cursor, run, [...to, "cmd"], "text");
      return value === undefined ? [] : [entry("cmd", value)];
    }
    run.translate(cursor, "is run by a shell, as in Docker", [...to, "cmd"]);
    const words = ["/bin/sh", "-c", cursor.node.text].map((word) => textNode(word, { at: cursor.at, comment: undefined }));
    return [entry("cmd", listNode(words, cursor.node, true))];
  }),
  interval: translated("`interval`, in seconds", (cursor, run, { to }) => {
    const seconds = cursor.node.kind === "scalar" ? secondsOf(cursor.node.text) : undefined;
    if (seconds === undefined) {
      run.ask(cursor, "should be a time, as 10s");
      return [];
    }
    run.translate(cursor, `is ${seconds} seconds`, [...to, "interval"]);
    return [entry("interval", valueNode(seconds, cursor.node))];
  }),
  max_attempts: unneeded("a container has slipway:deploy_timeout to become healthy"),
  retries: unneeded("a container has slipway:deploy_timeout to become healthy"),
  cord: unneeded("a container of this role gets no requests"),
  log_lines: unneeded("an error has the last lines of the log"),
};

/** `healthcheck` of a role, as Kamal 1 has it. */
export const roleHealthcheck: Rule<{ readonly options: OptionsContext }> = {
  ...translated("Kamal 1: `healthcheck`; of a proxied role `proxy.healthcheck`", (cursor, run, { to, key }, { options }) => {
    const at = { at: cursor.at, comment: undefined };
    if (!options.isProxied) {
      const made = translateKeys(cursor, CONTAINER_CHECK, run, [...to, key], undefined) ?? [];
      return made.length === 0 ? [] : [entry(key, mapNode(made, at))];
    }
    const made = translateKeys(cursor, HEALTHCHECK, run, [...to, "proxy"], undefined) ?? [];
    return made.length === 0 ? [] : [entry("proxy", mapNode(made, at))];
  }),
  below: CONTAINER_CHECK,
};

export const traefik: Rule<unknown> = {
  ...translated("Kamal 1: kamal-proxy is in its place; Traefik has to free the ports", (cursor, run) => {
    run.ask(
      cursor,
      "kamal-proxy takes the place of Traefik, which has ports 80 and 443 until it stops: run `docker stop traefik` on each host right before `pulumi up`, which is a gap of some seconds",
    );
    return [];
  }),
};

/** The rule of a router of Traefik, ``Host(`a`) || Host(`b`)``, and its TLS, as hosts of the proxy. */
export function routeByLabels(cursor: Cursor, run: Run, to: Path): Entry[] {
  const labels = childAt(cursor, "labels");
  if (labels === undefined || run.facts.hasHost) return [];
  const written = childrenIn(labels).filter(({ path }) => /^traefik\.http\.routers\./.test(String(path.at(-1))));
  const hosts = new Set<string>();
  for (const { path, node } of written)
    if (String(path.at(-1)).endsWith(".rule") && node.kind === "scalar")
      for (const [, host = ""] of node.text.matchAll(/Host\(`([^`]+)`\)/g)) hosts.add(host);
  const [first] = written;
  if (first === undefined || hosts.size === 0) return [];
  const isTls = written.some(({ path }) => /\.tls(\.|$)/.test(String(path.at(-1))));
  const place = { at: first.at, comment: undefined };
  run.translate(first, `its hosts are proxy.hosts${isTls ? ", and ssl: true for their certificates" : ""}`, to);
  const names = [...hosts].map((host) => textNode(host, place));
  const ssl = isTls ? [entry("ssl", valueNode(true, place))] : [];
  return [entry("proxy", mapNode([entry("hosts", listNode(names, place)), ...ssl], place))];
}
