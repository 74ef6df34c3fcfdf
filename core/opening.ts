import { ANYWHERE, isEverybody, normalRange } from "./range.ts";

/** A port of a host that is reachable from outside. */
export interface Opening {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Address ranges; empty allows no one. */
  readonly from: readonly string[];
}

/** How an opening is written in inputs and plans. @example "80/tcp", "5432/tcp from 10.0.0.0/16, fd00::/8" */
export function openingText({ port, protocol, from }: Opening): string {
  const text = rangesText(from);
  return `${port}/${protocol}${text === "anywhere" ? "" : ` from ${text}`}`;
}

const FORM = /^(\d{1,5})\/(tcp|udp)(?: from (.+))?$/;

export const isOpeningText = (text: string): boolean => FORM.test(text);

export function parseOpening(text: string): Opening {
  const [, port, protocol, from] = FORM.exec(text) ?? [];
  if (port === undefined) throw new TypeError(`${text} is no opening`);
  return { port: Number(port), protocol: protocol === "udp" ? "udp" : "tcp", from: rangesOf(from ?? "anywhere") };
}

/** `anywhere`, `anywhere by IPv4`, or the ranges. */
export function rangesText(ranges: readonly string[]): string {
  const normal = [...new Set(ranges.map(normalRange))].sort();
  const everybody = normal.filter(isEverybody);
  if (everybody.length === 2) return "anywhere";
  return normal.map((range) => EVERYBODY[range] ?? range).join(", ");
}

const EVERYBODY: Readonly<Record<string, string>> = { "0.0.0.0/0": "anywhere by IPv4", "::/0": "anywhere by IPv6" };

const rangesOf = (text: string): string[] =>
  text === "anywhere"
    ? [...ANYWHERE]
    : text.split(", ").map((word) => Object.entries(EVERYBODY).find(([, name]) => name === word)?.[0] ?? word);
