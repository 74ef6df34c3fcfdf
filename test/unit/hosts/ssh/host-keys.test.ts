import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { algorithmsFor, fingerprint, knownKeys, parseKnownHosts, parsePin, pinText } from "../../../../hosts/ssh/host-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A fresh public key made by OpenSSH itself. */
function aKey(type: string): string {
  const file = join(folder, `${type}-${Math.random()}`);
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", file]);
  return readFileSync(`${file}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");
}

const ed = aKey("ed25519");
const ec = aKey("ecdsa");
const rsa = aKey("rsa");
const trusted = (text: string, address: string, port = 22) =>
  knownKeys(parseKnownHosts(text), address, port).trusted.map(pinText);

it("prints fingerprints as OpenSSH does", () => {
  const file = join(folder, "printed.pub");
  writeFileSync(file, ed);
  const printed = execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).split(" ")[1];
  expect(fingerprint(parsePin(ed)?.blob ?? Buffer.alloc(0))).toBe(printed);
});

it("parses pins with a comment and rejects what is not a key", () => {
  expect(parsePin(`  ${ed} web-1 `)?.type).toBe("ssh-ed25519");
  for (const wrong of ["", "ssh-ed25519", "ssh-rsa AAAA", `ssh-rsa ${ed.split(" ")[1]}`, "SHA256:abc"])
    expect(parsePin(wrong)).toBeUndefined();
});

it("finds plain names, several names and several keys", () => {
  const text = `# comment\n\nweb-1,10.0.0.1 ${ed}\nweb-1 ${rsa} comment\nweb-2 ${ec}\n`;
  expect(trusted(text, "web-1")).toEqual([ed, rsa]);
  expect(trusted(text, "WEB-1")).toEqual([ed, rsa]);
  expect(trusted(text, "10.0.0.1")).toEqual([ed]);
  expect(trusted(text, "web")).toEqual([]);
});

it("finds names hashed by ssh-keygen -H, with and without a port", () => {
  const file = join(folder, "hashed");
  writeFileSync(file, `web-1 ${ed}\n[web-1]:2222 ${ec}\n`);
  execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
  const text = readFileSync(file, "utf8");
  expect(text).not.toContain("web-1");
  expect(trusted(text, "web-1")).toEqual([ed]);
  expect(trusted(text, "web-1", 2222)).toEqual([ec]);
  expect(trusted(text, "web-2")).toEqual([]);
});

it("uses the plain name for a custom port only if that port has no line", () => {
  expect(trusted(`web-1 ${ed}\n[web-1]:2222 ${ec}`, "web-1", 2222)).toEqual([ec]);
  expect(trusted(`web-1 ${ed}`, "web-1", 2222)).toEqual([ed]);
  expect(trusted(`[web-1]:2222 ${ec}`, "web-1", 22)).toEqual([]);
});

it("supports wildcards and negated patterns", () => {
  const text = `*.example.com,!bad.example.com ${ed}\n10.0.0.? ${ec}\n[*.example.com]:2222 ${rsa}`;
  expect(trusted(text, "a.example.com")).toEqual([ed]);
  expect(trusted(text, "bad.example.com")).toEqual([]);
  expect(trusted(text, "10.0.0.7")).toEqual([ec]);
  expect(trusted(text, "10.0.0.77")).toEqual([]);
  expect(trusted(text, "a.example.com", 2222)).toEqual([rsa]);
});

it("separates revoked keys and ignores certificate authorities", () => {
  const known = knownKeys(parseKnownHosts(`@revoked * ${rsa}\n@cert-authority * ${ec}\nweb-1 ${ed}`), "web-1", 22);
  expect(known.trusted.map(pinText)).toEqual([ed]);
  expect(known.revoked.map(pinText)).toEqual([rsa]);
});

it("asks the host for a key of the pinned type first", () => {
  const key = parsePin(rsa);
  expect(algorithmsFor(key === undefined ? [] : [key]).slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
});

it("knows a host by every spelling of its IPv6 address", () => {
  expect(trusted(`2001:db8:0::10 ${ed}`, "2001:db8::10")).toEqual([ed]);
  expect(trusted(`2001:db8::10 ${ed}`, "2001:DB8:0::10")).toEqual([ed]);
  expect(trusted(`[2001:db8:0::10]:2222 ${ed}`, "2001:db8::10", 2222)).toEqual([ed]);
  expect(trusted(`2001:db8:0::10,!2001:db8::10 ${ed}`, "2001:db8::10")).toEqual([]);
});
