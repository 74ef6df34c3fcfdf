import { styleText } from "node:util";
import { hostNames } from "../../core/host-names.ts";
import type { Seconds } from "../../core/words.ts";
import { describeFreeze } from "../../hosts/index.ts";
import { plainName, STOPPED_BY_COMMAND } from "../../providers/release/taken-out.ts";
import type { AccessoryReport } from "../accessory/report.ts";
import { bytes, duration } from "../terminal/format.ts";
import { table } from "../terminal/table.ts";
import { certificates } from "./certificate-lines.ts";
import type { ContainerReport, HostReport, RouteReport, StatusReport } from "./report.ts";
import type { ScheduledReport } from "./scheduled.ts";

const VERDICTS = {
  "as declared": ["✔ all as declared", "green"],
  "not as declared": ["✘ not as declared", "red"],
  unknown: ["? not all hosts are reachable", "yellow"],
} as const;

/** From here on, a disk is shown in yellow. */
const FULL_PERCENT = 85;

/** Fits on one screen for up to ten hosts. Colours only if stdout is a terminal. */
export function screenOf(report: StatusReport, now: Date): string {
  const sections = [
    headline(report, now),
    table(
      ["host", "role", "container", "state", "health", "since", "memory", "restarts", ""],
      report.hosts.flatMap((host) => hostRows(host, now)),
    ),
    accessories(report, now),
    scheduled(report, now),
    [...changes(report), ...proxies(report), ...leftovers(report), ...finishing(report)],
    [...certificates(report), ...rollbacks(report), ...leases(report), ...freezes(report, now), ...disks(report)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headline({ service, stack, release, verdict, urls, serves }: StatusReport, now: Date): string[] {
  const [text, colour] = VERDICTS[verdict];
  const age = release.declared_at === null ? "" : `   declared ${since(release.declared_at, now)} ago`;
  const what = release.id === "" ? "accessories" : `release ${release.id}   ${imageOf(release.image)}`;
  const title = `${service} / ${stack}   ${what}${age}   ${styleText(colour, text)}`;
  // A stack of accessories alone serves no requests of an app.
  if (release.id === "") return [title];
  return [title, ...(urls.length === 0 ? [] : [`url      ${urls.join("  ")}`]), `serves   ${serves}`];
}

/** `shop@sha256:9f31ab12…` */
const imageOf = (image: string): string =>
  image
    .split("/")
    .at(-1)
    ?.replace(/(@sha256:.{8}).*/, "$1…") ?? image;

function hostRows({ host, containers, accessories, unreachable, change, routes }: HostReport, now: Date): string[][] {
  if (unreachable !== null) return [[host, "", "", styleText("yellow", "unreachable"), "", "", "", "", unreachable]];
  if (containers.length === 0 && accessories.length > 0) return [];
  if (containers.length === 0) return [[host, "", "", "nothing of this app"]];
  return containers.map((container, at) => [
    at === 0 ? host : "",
    `${container.role}${container.replica > 1 ? `.${container.replica}` : ""}`,
    container.container ?? "–",
    stateOf(
      container,
      routes.find(({ role }) => role === container.role),
    ),
    container.health ?? "",
    container.since === null ? "" : since(container.since, now),
    memoryOf(container),
    container.restarts ? styleText("yellow", String(container.restarts)) : "",
    markOf(container, change),
  ]);
}

/** From here on, the kernel is likely to end it soon. */
const NEARLY_ALL = 0.9;

/** `182 MB of 268 MB` */
function memoryOf({ memory_bytes: used, memory_limit_bytes: limit }: ContainerReport): string {
  if (used === null) return "";
  if (limit === null) return bytes(used);
  const text = `${bytes(used)} of ${bytes(limit)}`;
  return used >= NEARLY_ALL * limit ? styleText("yellow", text) : text;
}

function stateOf({ state }: ContainerReport, route: RouteReport | undefined): string {
  if (state === "serving" && route !== undefined && route.state !== "serving") return styleText("yellow", route.state);
  // A person meant it.
  if (state === STOPPED_BY_COMMAND) return styleText("yellow", state);
  return state === "serving" || state === "running" || state === "canary" ? state : styleText("red", state);
}

function markOf({ release, wanted, container, state }: ContainerReport, change: string | null): string {
  if (state === STOPPED_BY_COMMAND) return "";
  if (container !== null && wanted === null) return styleText("red", "◀ not declared");
  if (release !== null && release !== wanted) return styleText("red", `◀ behind: ${release}, not ${wanted}`);
  return change === null ? "" : styleText("red", "◀ drifted");
}

/** One line for each accessory on each host. */
function accessories({ hosts }: StatusReport, now: Date): string[] {
  const all = hosts.flatMap(({ host, accessories }) => accessories.map((accessory) => ({ host, ...accessory })));
  if (all.length === 0) return [];
  return table(
    ["accessory", "host", "container", "image", "state", "health", "since", ""],
    all
      .sort((a, b) => (a.accessory < b.accessory ? -1 : 1))
      .map(({ host, ...accessory }) => [
        ...[accessory.accessory, host, accessory.container ?? "–", imageOf(accessory.image)],
        accessory.state === "running"
          ? accessory.state
          : styleText(accessory.state === "unknown" ? "yellow" : "red", accessory.state),
        accessory.health === "unhealthy" ? styleText("red", accessory.health) : (accessory.health ?? ""),
        accessory.since === null ? "" : since(accessory.since, now),
        driftMark(accessory),
      ]),
  );
}

/** One line for each backup and each job. */
function scheduled({ hosts }: StatusReport, now: Date): string[] {
  const all = hosts.flatMap(({ host, scheduled }) => scheduled.map((one) => ({ host, ...one })));
  if (all.length === 0) return [];
  return table(
    ["scheduled", "host", "at", "last", "", "next"],
    all.map(({ host, kind, name, schedule, last, next, ...one }) => [
      ...[`${kind} ${name}`, host, schedule],
      one.running ? "runs now" : last === null ? "never" : `${since(last.at, now)} ago`,
      resultOf({ last, ...one }),
      next === null ? styleText("red", "never: its scheduler is not running") : `in ${since(now.toISOString(), new Date(next))}`,
    ]),
  );
}

function resultOf({ last, overdue_seconds: overdue }: Pick<ScheduledReport, "last" | "overdue_seconds">): string {
  if (last !== null && !last.ok) return styleText("red", `✘ ${last.why ?? "failed"}`);
  if (overdue !== null) return styleText("red", `✘ nothing for ${duration(overdue)}`);
  if (last === null) return "";
  const size = last.bytes === null ? "" : ` ${bytes(last.bytes)} in ${duration(last.seconds)}`;
  return last.why === null ? `✔${size}` : styleText("yellow", `✔${size}, but ${last.why}`);
}

/** Does not repeat the state. */
function driftMark({ drift, state }: AccessoryReport): string {
  if (drift === null) return "";
  return styleText("red", drift === state ? "◀ drifted" : `◀ ${drift}`);
}

function changes({ hosts }: StatusReport): string[] {
  const changed = hosts.filter(({ change, unreachable }) => change !== null && unreachable === null);
  if (changed.length === 0) return [];
  return ["not as declared; an update (pulumi up) would do this:", ...changed.map(({ host, change }) => `  ${host}  ${change}`)];
}

function proxies({ hosts }: StatusReport): string[] {
  return hosts.flatMap(({ host, proxy, routes }) => [
    ...(proxy === null || proxy === "running" || routes.length === 0 ? [] : [`proxy    ${host}: ${proxy}`]),
    ...routes.flatMap(({ role, state, message, canary }) => [
      ...(state === "serving" ? [] : [`route    ${host}/${role}: ${state}${message ? ` (${message})` : ""}`]),
      ...(canary === null ? [] : [`canary   ${host}/${role}: ${shareOf(canary)}`]),
    ]),
  ]);
}

const shareOf = ({ percent, allow }: { percent: number; allow: readonly string[] }): string =>
  [...(percent > 0 ? [`${percent} % of visitors`] : []), ...(allow.length > 0 ? [`those with ${allow.join(", ")}`] : [])].join(
    " and ",
  );

const leftovers = ({ hosts }: StatusReport): string[] =>
  hosts.flatMap((host) => (host.leftovers.length === 0 ? [] : [`leftover ${host.host}: ${host.leftovers.join(", ")}`]));

/** They end by themselves: nothing is wrong with them. */
const finishing = ({ hosts }: StatusReport): string[] =>
  hosts.flatMap(({ host, finishing: all }) =>
    all.map(({ container, until }) => `finishing ${host}: ${plainName(container)}, until ${until} by its clock at the latest`),
  );

function rollbacks({ rollbacks: all }: StatusReport): string[] {
  if (all.length === 0) return ["rollback no earlier release is kept on the hosts"];
  const shown = all
    .slice(0, 4)
    .map(({ role, release, hosts, everywhere }) => `${release} (${role}, ${everywhere ? "all hosts" : hosts.join(", ")})`);
  return [`rollback without a pull to ${shown.join(", ")}${all.length > 4 ? `, ${all.length - 4} more` : ""}`];
}

function leases({ hosts }: StatusReport): string[] {
  const held = hosts.flatMap(({ host, lease }) =>
    lease === null ? [] : [`${host} by ${lease.owner} for ${duration(lease.held_seconds)}`],
  );
  return [`lease    ${held.length === 0 ? "free" : styleText("yellow", `held: ${held.join("; ")}`)}`];
}

/** One line for hosts that are frozen alike, as they usually are. */
function freezes({ hosts }: StatusReport, now: Date): string[] {
  const lines = new Map<string, string[]>();
  for (const { host, freeze } of hosts)
    if (freeze !== null) {
      const { by, why, since_seconds: age, left_seconds: left } = freeze;
      const text = `by ${describeFreeze({ app: "", by, why, age, left }, now)}${why === "" ? "" : `: ${why}`}`;
      lines.set(text, [...(lines.get(text) ?? []), host]);
    }
  return [...lines].map(([text, names]) => `frozen   ${hostNames(names)} ${styleText("yellow", text)}`);
}

function disks({ hosts }: StatusReport): string[] {
  const known = hosts.flatMap(({ host, disk }) => {
    if (disk === null) return [];
    const text = `${host} ${disk.used_percent} % (${bytes(disk.free_bytes)} free)`;
    return [disk.used_percent >= FULL_PERCENT ? styleText("yellow", text) : text];
  });
  return known.length === 0 ? [] : [`disk     ${known.join(" · ")}`];
}

const since = (moment: string, now: Date): string =>
  duration(Math.max(0, (now.getTime() - Date.parse(moment)) / 1000) satisfies Seconds);
