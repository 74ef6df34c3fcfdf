import { type Entry, entry, mapNode, type Path, textNode } from "../yaml/tree.ts";
import { copy, scalarOf } from "./copy.ts";
import { byHand, type Rule, type Rules, same, section, translated, translateKeys } from "./rule.ts";
import type { Cursor, Run } from "./run.ts";

const HEALTHCHECK: Rules<unknown> = {
  path: { ...translated("begins with `/`; a redirect is not followed", healthPath), status: "same" },
  interval: same(),
  timeout: same(),
};

function healthPath(cursor: Cursor, run: Run, { to, key }: { readonly to: Path; readonly key: string }): Entry[] {
  const { node } = cursor;
  if (node.kind !== "scalar") {
    run.ask(cursor, "should be a path");
    return [];
  }
  const before = run.findings.length;
  const value = scalarOf(cursor, node, run, "text", [...to, key]);
  if (value === undefined) return [];
  if (!value.text.startsWith("/") && !value.isUnknown) {
    run.translate(cursor, "begins with /", [...to, key]);
    return [entry(key, { ...textNode(`/${value.text}`, node), isQuoted: value.isQuoted })];
  }
  if (run.findings.length > before) return [entry(key, value)];
  if (value.text === "/")
    run.translate(cursor, "is / here, too; a redirect there is no 200: then write a path that answers by itself", [...to, key]);
  else run.take(cursor, [...to, key]);
  return [entry(key, value)];
}

const SSL: Rule<unknown> = {
  status: "same",
  note: "true, or a map of two secrets",
  below: { certificate_pem: same(), private_key_pem: same() },
  apply: (cursor, run, { to, key }) => {
    if (cursor.node.kind === "map")
      for (const { value } of cursor.node.entries) if (value.kind === "scalar") run.secrets.need(value.text);
    const value = copy(cursor, run, [...to, key]);
    return value === undefined ? [] : [entry(key, value)];
  },
};

const ROUTE: Rules<unknown> = {
  host: same("text"),
  hosts: same("list"),
  app_port: same("number"),
  ssl: SSL,
  ssl_redirect: same(),
  forward_headers: same(),
  response_timeout: same("number"),
  path_prefix: same("text"),
  path_prefixes: same("list"),
  strip_path_prefix: same(),
  healthcheck: section(HEALTHCHECK),
  buffering: section({
    requests: same(),
    responses: same(),
    memory: same("number"),
    max_request_body: same("number", "without it 250 MB; none in Kamal"),
    max_response_body: same("number"),
  }),
  logging: section({ request_headers: same("list"), response_headers: same("list") }),
};

const RUN: Rule<unknown> = section({
  http_port: same("number"),
  https_port: same("number"),
  publish: same(),
  bind_ips: same("list"),
  metrics_port: same("number"),
  debug: same(),
  log_max_size: same("text"),
  registry: same("text"),
  repository: same("text"),
  version: same("text"),
  options: byHand(
    "flags of docker run for the proxy have no key here: remove them, or run a proxy of your own with proxy.run.publish: false in front",
  ),
});

export const PROXY: Rules<unknown> = { ...ROUTE, run: RUN };

/** `proxy` of a role: `true`, `false`, or keys over those of the root. */
export const roleProxy: Rule<unknown> = {
  status: "same",
  note: "true, false, or the keys of proxy except run",
  below: ROUTE,
  apply: (cursor, run, { to, key }) => routeOf(cursor, run, [...to, key], key),
};

function routeOf(cursor: Cursor, run: Run, to: Path, key: string): Entry[] {
  const { node } = cursor;
  if (node.kind === "scalar") {
    const value = copy(cursor, run, to);
    return value === undefined ? [] : [entry(key, value)];
  }
  const entries = translateKeys(cursor, ROUTE, run, to, undefined);
  return entries === undefined ? [] : [entry(key, { ...mapNode(entries, node), isFlow: node.kind === "map" && node.isFlow })];
}

/** `proxy` of the root. */
export const proxy: Rule<unknown> = section(PROXY);
