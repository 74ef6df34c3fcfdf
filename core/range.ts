import { isIP, isIPv6 } from "node:net";

/** All addresses. */
export const ANYWHERE: readonly string[] = ["0.0.0.0/0", "::/0"];

/** An address range as firewalls write it: `198.51.100.0/24`, `2001:db8::/32`. */
export function isRange(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** Whether only the machine itself can reach an address. */
export const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

/** The IP versions, which have separate tables of rules. */
export const FAMILIES = ["4", "6"] as const;
export type Family = (typeof FAMILIES)[number];

export const familyOf = (range: string): Family => (isIPv6(addressOf(range)) ? "6" : "4");

/** All addresses of one IP version. */
export const isEverybody = (range: string): boolean => bitsOf(range) === 0;

/**
 * As iptables prints it: only zeros after the prefix, IPv6 in its shortest form.
 *
 * @example normalRange("198.51.100.7/24") // "198.51.100.0/24"
 */
export function normalRange(range: string): string {
  const family = familyOf(range);
  const size = family === "4" ? 32 : 128;
  const bits = bitsOf(range);
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(size - bits);
  const value = (family === "4" ? number4(addressOf(range)) : number6(addressOf(range))) & mask;
  return `${family === "4" ? text4(value) : text6(value)}/${bits}`;
}

const addressOf = (range: string): string => range.split("/")[0] ?? "";

function bitsOf(range: string): number {
  const [address = "", bits] = range.split("/");
  return bits === undefined ? (isIPv6(address) ? 128 : 32) : Number(bits);
}

const number4 = (address: string): bigint => address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);

const text4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");

function number6(address: string): bigint {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const between = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...between, ...right].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
}

function text6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(16 * (7 - at))) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
