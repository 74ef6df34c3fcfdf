/** An IPv4 range in CIDR notation. */
export interface IpRange {
  readonly first: number;
  readonly last: number;
  readonly bits: number;
}

/** @example parseRange("10.0.1.0/24") */
export function parseRange(text: string): IpRange | undefined {
  const [, address = "", length = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text) ?? [];
  const [start, bits] = [numberOf(address), Number(length)];
  if (start === undefined || length === "" || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return start % size === 0 ? { first: start, last: start + size - 1, bits } : undefined;
}

export const contains = (range: IpRange, inner: IpRange): boolean => range.first <= inner.first && inner.last <= range.last;

export const overlap = (a: IpRange, b: IpRange): boolean => a.first <= b.last && b.first <= a.last;

export function numberOf(address: string): number | undefined {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export const addressOf = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
