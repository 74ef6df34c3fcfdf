import { isIPv6 } from "node:net";

/**
 * A host's address or name in one spelling of all that it has: IPv6 in its shortest form, IPv4 inside IPv6 as IPv4, names in small
 * letters.
 *
 * @example plainAddress("2001:DB8:0::10") // "2001:db8::10"
 */
export function plainAddress(text: string): string {
  const [address = "", zone] = text.split("%");
  if (!isIPv6(address)) return text.toLowerCase().replace(/(?<=.)\.$/, "");
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  if (high !== undefined && low !== undefined) return ipv4(Number.parseInt(high, 16), Number.parseInt(low, 16));
  return zone === undefined ? short : `${short}%${zone}`;
}

const ipv4 = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");

/** Whether two texts name one host. @example isSameAddress("Web.example.com", "web.example.com") // true */
export const isSameAddress = (a: string, b: string): boolean => plainAddress(a) === plainAddress(b);

/** The key that is pinned for a host, whose name and address have several spellings. */
export const pinFor = (pins: Readonly<Record<string, string>>, host: string): string | undefined =>
  Object.entries(pins).find(([name]) => isSameAddress(name, host))?.[1];
