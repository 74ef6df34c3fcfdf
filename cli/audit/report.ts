import type { HostName, Seconds } from "../../core/words.ts";
import type { Recorded } from "../../hosts/index.ts";
import type { StoredUpdate } from "../stack/stored-stack.ts";

/** What `slipway audit --json` prints. Keys are added, never renamed or removed. */
export interface AuditReport {
  readonly schema: 1;
  readonly stack: string;
  /** The updates that the state's backend has recorded, oldest first. */
  readonly state: readonly AuditEntry[];
  readonly hosts: readonly HostAudit[];
}

/** The journal of one host. */
export interface HostAudit {
  readonly host: HostName;
  /** Why it could not be read; null if it was. */
  readonly unreachable: string | null;
  /** Oldest first. */
  readonly entries: readonly AuditEntry[];
}

/** One change. */
export interface AuditEntry {
  /** When it began, in ISO 8601: by the clock of the host, or of the machine that ran the update. */
  readonly at: string;
  readonly seconds: Seconds;
  /** `ann@laptop (shop/production)`; empty if it is not known. */
  readonly who: string;
  /** `slipway deploy: release 1.4.2-ab12cd34 of shop-production` */
  readonly what: string;
  /** `done`, or why it failed. */
  readonly result: string;
}

/** @example ofHost({ at: "2026-12-01T14:02:11Z", … }) */
export const ofHost = ({ at, seconds, who, what, result }: Recorded): AuditEntry => ({ at, seconds, who, what, result });

/** What our own commands write as the message of an update. */
const OURS = /^(slipway [a-z ]+?) by (.+)$/;

/** An update as the state has it. Pulumi itself does not say who has begun one. */
export function ofUpdate({
  kind,
  result,
  startTime,
  endTime,
  message = "",
  environment,
}: Pick<StoredUpdate, "kind" | "result" | "startTime" | "endTime" | "message" | "environment">): AuditEntry {
  const [, command, who] = OURS.exec(message) ?? [];
  const job = [environment?.["ci.system"], environment?.["ci.build.id"]].filter(Boolean).join("#");
  return {
    at: startTime.toISOString().replace(/\.\d+Z$/, "Z"),
    seconds: Math.max(0, Math.round((endTime.getTime() - startTime.getTime()) / 1000)),
    who: who ?? job,
    what: command === undefined ? [`pulumi ${kind}`, message.split("\n")[0]].filter(Boolean).join(": ") : `${command}: ${kind}`,
    result: result === "succeeded" ? "done" : result,
  };
}
