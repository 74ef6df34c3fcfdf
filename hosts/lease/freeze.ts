import { DESPITE_FREEZE } from "../../core/despite-freeze.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { printable } from "../../core/text.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { FIND_FREEZES, FREEZE, THAW } from "./freeze-script.ts";
import { ownerName } from "./holder.ts";
import { runScript } from "./run-script.ts";
import { LEASE_FOLDER, scopeName } from "./script.ts";
import { STATE_FOLDER } from "./state-folder.ts";

/** A stop to all changes of an app on a host, which outlives who has set it. */
export interface Freeze {
  /** The app as its lease is named: `shop-production`. */
  readonly app: string;
  /** `ann@laptop (shop/production)` */
  readonly by: string;
  /** Empty if no reason was given. */
  readonly why: string;
  /** Both by the host's own clock, so that no two clocks are compared. */
  readonly age: Seconds;
  readonly left: Seconds;
}

/** What a freeze shall say. */
export interface Freezing {
  readonly app: string;
  readonly by: string;
  readonly why: string;
  readonly seconds: Seconds;
}

const LONGEST_REASON = 200;

/** Reads what freezes an app on this host, or any app. */
export async function freezesOn(connection: Connection, app?: string): Promise<Freeze[]> {
  const name = app === undefined ? "*" : scopeName({ app });
  const { stdout } = await runScript(connection, FIND_FREEZES, [name]);
  return parseFreezes(stdout);
}

/** Freezes an app on this host. @returns how long it lasts: not longer than the host runs, where nothing that stays can be written */
export async function freeze(connection: Connection, { app, seconds, by, why }: Freezing): Promise<"kept" | "until reboot"> {
  const reason = [...oneLine(why)].slice(0, LONGEST_REASON).join("");
  const args = [scopeName({ app }), String(seconds), ownerName(by), reason];
  const { code, stdout, stderr } = await runScript(connection, FREEZE, args);
  const said = stdout.trim();
  if (code === 0 && (said === "kept" || said === "until reboot")) return said;
  throw notWritten(connection.host, stderr);
}

/** Ends the freeze of an app on this host, if there is one. */
export async function thaw(connection: Connection, app: string): Promise<void> {
  const { code, stderr } = await runScript(connection, THAW, [scopeName({ app })]);
  if (code !== 0) throw notWritten(connection.host, stderr);
}

const FROZEN = /^frozen (\d+) (\d+) ([^\t]*)\t([^\t]*)\t(.*)$/;

/** Pure. */
export const parseFreezes = (text: string): Freeze[] =>
  text.split("\n").flatMap((line) => {
    const [found, left, age, app = "", by = "", why = ""] = FROZEN.exec(line) ?? [];
    return found === undefined
      ? []
      : [{ app: printable(app), by: printable(by), why: printable(why), age: Number(age), left: Number(left) }];
  });

const oneLine = (text: string): string => printable(text.replace(/\s+/g, " ")).trim();

/** @example describeFreeze(freeze) // "ann@laptop (shop/production) since 2026-12-01 14:02, for 9 h 57 min more, until 2026-12-02 02:02" */
export function describeFreeze({ by, age, left }: Freeze, now: Date = new Date()): string {
  return `${by} since ${moment(now, -age)}, for ${spanOf(left)} more, until ${moment(now, left)}`;
}

/** By the clock of the reader, to the minute. */
function moment(now: Date, later: Seconds): string {
  const at = new Date(now.getTime() + later * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** @example spanOf(35_820) // "9 h 57 min" */
export function spanOf(seconds: Seconds): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
  const parts = [days > 0 && `${days} d`, hours > 0 && `${hours} h`, minutes > 0 && days === 0 && `${minutes} min`].filter(
    Boolean,
  );
  return parts.length === 0 ? `${Math.round(seconds)} s` : parts.join(" ");
}

/** What stops a run, and what its operator may do. */
export const frozen = (host: HostName, freeze: Freeze): SlipwayError =>
  new SlipwayError({
    code: "FROZEN",
    what: `${freeze.app} is frozen on ${host}: nothing may be changed there`,
    host,
    evidence: [`frozen by ${describeFreeze(freeze)}`, ...(freeze.why === "" ? [] : [`because: ${freeze.why}`])],
    servesNow: NOTHING_TOUCHED,
    next: `wait until then, or ask who has frozen it and end it with slipway unlock; if it cannot wait: the same command with --despite-freeze, or pulumi up with ${DESPITE_FREEZE}=1, which the journal of the host records`,
  });

const notWritten = (host: HostName, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "FREEZE_FAILED",
    what: `a freeze cannot be written there: neither ${STATE_FOLDER} nor ${LEASE_FOLDER} is writable for this user`,
    host,
    evidence: stderr.trim() === "" ? [] : [stderr.trim()],
    servesNow: NOTHING_TOUCHED,
    next: `on ${host}, as root: install -d -m 2770 -g docker ${STATE_FOLDER}; then run it again`,
  });
