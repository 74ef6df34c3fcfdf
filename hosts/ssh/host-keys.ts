import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { plainAddress } from "../../core/address.ts";
import { isListed } from "../../core/wildcard.ts";

/** A public host key in SSH wire form, with its algorithm: `ssh-ed25519`. */
export interface HostKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly names: string;
  readonly key: HostKey;
  readonly revoked: boolean;
}

/** SHA-256 fingerprint as OpenSSH prints it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

/** The form of a pin: `ssh-ed25519 AAAA…`. */
export const pinText = ({ type, blob }: HostKey): string => `${type} ${blob.toString("base64")}`;

export const sameKey = (a: HostKey, b: HostKey): boolean => a.blob.equals(b.blob);

/** A key in wire form starts with the length and the name of its algorithm. */
export function hostKeyOf(blob: Buffer): HostKey | undefined {
  if (blob.length < 8) return undefined;
  const length = blob.readUInt32BE(0);
  if (length === 0 || length > 64 || blob.length <= 4 + length) return undefined;
  return { type: blob.toString("latin1", 4, 4 + length), blob };
}

/** Reads `ssh-ed25519 AAAA… comment`; `undefined` if that is not a public key. */
export function parsePin(text: string): HostKey | undefined {
  const [type, base64] = text.trim().split(/\s+/);
  if (type === undefined || base64 === undefined) return undefined;
  const key = hostKeyOf(Buffer.from(base64, "base64"));
  return key?.type === type ? key : undefined;
}

/** Lines without a usable key (comments, certificate authorities, old formats) are left out. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith("@") ? fields.shift() : undefined;
    if (marker !== undefined && marker !== "@revoked") return [];
    const [names, type, base64] = fields;
    if (names === undefined || names.startsWith("#") || type === undefined || base64 === undefined) return [];
    const key = parsePin(`${type} ${base64}`);
    return key === undefined ? [] : [{ names, key, revoked: marker === "@revoked" }];
  });
}

/** The keys in known_hosts for one host. */
export interface KnownKeys {
  readonly trusted: readonly HostKey[];
  readonly revoked: readonly HostKey[];
}

/** As ssh looks it up: by `[host]:port` if the port is not 22, and without such a line by the plain name. */
export function knownKeys(hosts: readonly KnownHost[], address: string, port: number): KnownKeys {
  const plain = hosts.filter(({ names }) => isNamed(names, address));
  const exact = port === 22 ? plain : hosts.filter(({ names }) => isNamed(names, `[${address}]:${port}`));
  const keys = (lines: readonly KnownHost[], revoked: boolean) =>
    lines.filter((line) => line.revoked === revoked).map(({ key }) => key);
  const trusted = keys(exact, false);
  return {
    trusted: trusted.length > 0 ? trusted : keys(plain, false),
    revoked: [...new Set([...keys(exact, true), ...keys(plain, true)])],
  };
}

function isNamed(names: string, name: string): boolean {
  if (names.startsWith("|1|")) return isHashOf(names, name) || isHashOf(names, plainName(name));
  const lower = name.toLowerCase();
  const patterns = names.toLowerCase().split(",");
  return isListed(
    patterns.map((pattern) => (plainName(pattern) === plainName(lower) ? lower : pattern)),
    lower,
  );
}

/** As ssh compares it: an IPv6 address has several spellings. */
function plainName(name: string): string {
  const [, host, port] = /^\[(.*)\]:(\d+)$/.exec(name) ?? [];
  return host === undefined ? plainAddress(name) : `[${plainAddress(host)}]:${port}`;
}

function isHashOf(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split("|");
  if (salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name.toLowerCase()).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** Pinned types first, so that the host offers a key of such a type if it has one; the others follow, so that a change of type is detected. */
export function algorithmsFor(pinned: readonly HostKey[]): string[] {
  const wanted = new Set(pinned.map(({ type }) => type));
  return [...ALGORITHMS.filter(({ type }) => wanted.has(type)), ...ALGORITHMS.filter(({ type }) => !wanted.has(type))].map(
    ({ algorithm }) => algorithm,
  );
}

/** `ssh-rsa` with SHA-1 signatures is left out: OpenSSH refuses it since 8.8, and 7.2 already has the SHA-2 forms. */
const ALGORITHMS = [
  { type: "ssh-ed25519", algorithm: "ssh-ed25519" },
  { type: "ecdsa-sha2-nistp256", algorithm: "ecdsa-sha2-nistp256" },
  { type: "ecdsa-sha2-nistp384", algorithm: "ecdsa-sha2-nistp384" },
  { type: "ecdsa-sha2-nistp521", algorithm: "ecdsa-sha2-nistp521" },
  { type: "ssh-rsa", algorithm: "rsa-sha2-512" },
  { type: "ssh-rsa", algorithm: "rsa-sha2-256" },
] as const;
