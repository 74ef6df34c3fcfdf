import { type Entry, entry, listNode, type Tree, textNode, valueNode } from "../yaml/tree.ts";
import type { OptionsContext } from "./context.ts";
import { type Cursor, childAt, type Run } from "./run.ts";

export const HEALTH_KEYS = [
  "health-cmd",
  "health-interval",
  "health-timeout",
  "health-retries",
  "health-start-period",
  "health-start-interval",
] as const;

/** `10s`, `1m30s`, `500ms` → whole seconds, one at least. */
export function secondsOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) return undefined;
  const sizes: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return Math.max(1, Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (sizes[unit ?? ""] ?? 0), 0)));
}

/** Docker's health check of `options`, which its shell runs, as `healthcheck` of the role. */
export function healthcheckOf(cursor: Cursor, run: Run, { isProxied, isAccessory, to }: OptionsContext): Entry[] {
  const written = HEALTH_KEYS.flatMap((key) => {
    const child = childAt(cursor, key);
    return child === undefined ? [] : [{ key, child }];
  });
  if (written.length === 0) return [];
  const command = written.find(({ key }) => key === "health-cmd")?.child;
  if (isProxied || command === undefined || command.node.kind !== "scalar") {
    const because = isProxied ? "the proxy's own check decides" : "there is no health-cmd";
    for (const { child } of written) run.translate(child, `not needed: ${because}`);
    return [];
  }
  const list = ["/bin/sh", "-c", command.node.text].map((word) => textNode(word, { at: command.node.at, comment: undefined }));
  run.translate(command, "is a command of healthcheck, run by a shell as in Docker", [...to, "healthcheck", "cmd"]);
  const entries = [entry("cmd", listNode(list, command.node, true))];
  for (const { key, child } of written) {
    if (key === "health-cmd") continue;
    const name = key.replace("health-", "");
    const seconds = child.node.kind === "scalar" ? secondsOf(child.node.text) : undefined;
    if ((name === "interval" && !isAccessory) || name === "timeout") {
      if (seconds === undefined) run.ask(child, "should be a time, as 10s");
      else {
        run.translate(child, `is ${seconds} seconds`, [...to, "healthcheck", name]);
        entries.push(entry(name, valueNode(seconds, child.node)));
      }
    } else if (name === "retries" || name === "start-period" || name === "start-interval")
      run.translate(
        child,
        `not needed: a container has until ${isAccessory ? "boot_timeout" : "slipway:deploy_timeout"} to become healthy`,
      );
    else run.translate(child, "not needed: the check is repeated until it succeeds");
  }
  const value: Tree = { kind: "map", entries, isFlow: false, at: command.node.at };
  return [entry("healthcheck", value)];
}
