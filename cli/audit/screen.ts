import { hostNames } from "../../core/host-names.ts";
import type { HostName, Milliseconds } from "../../core/words.ts";
import { duration } from "../terminal/format.ts";
import { table } from "../terminal/table.ts";
import type { AuditEntry, AuditReport } from "./report.ts";

interface Row extends AuditEntry {
  /** Where it is written; none: in the state. */
  readonly hosts: readonly HostName[];
}

/** One change of several hosts began on all of them within this time, by clocks that differ a little. */
const TOGETHER: Milliseconds = 120_000;

/** One line a change, oldest first; the same change on several hosts is one line. Times are those of the reader's time zone. */
export function auditLines({ state, hosts }: AuditReport, most: number): string[] {
  const rows: Row[] = [...state.map((entry) => ({ ...entry, hosts: [] })), ...merged(hosts)];
  const newest = rows.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-most);
  const silent = hosts.flatMap(({ host, unreachable }) =>
    unreachable === null ? [] : [`${host} could not be asked: ${unreachable}`],
  );
  if (newest.length === 0) return ["nothing is recorded", ...silent];
  return [
    ...table(
      ["when", "took", "who", "where", "what", "result"],
      newest.map((row) => [
        localTime(new Date(row.at)),
        duration(row.seconds),
        row.who === "" ? "–" : row.who,
        row.hosts.length === 0 ? "state" : hostNames(row.hosts),
        row.what,
        row.result,
      ]),
    ),
    ...silent,
  ];
}

function merged(hosts: AuditReport["hosts"]): Row[] {
  const rows: Row[] = [];
  for (const { host, entries } of hosts)
    for (const entry of entries) {
      const at = rows.findIndex((row) => !row.hosts.includes(host) && isSame(row, entry));
      const row = rows[at];
      if (row === undefined) rows.push({ ...entry, hosts: [host] });
      else rows[at] = { ...row, hosts: [...row.hosts, host], seconds: Math.max(row.seconds, entry.seconds) };
    }
  return rows;
}

const isSame = (a: AuditEntry, b: AuditEntry): boolean =>
  a.who === b.who && a.what === b.what && a.result === b.result && Math.abs(Date.parse(a.at) - Date.parse(b.at)) <= TOGETHER;

/** @example localTime(new Date(0)) // "1970-01-01 00:00:00" */
function localTime(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}
