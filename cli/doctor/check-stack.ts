import { isEngineImage } from "../../core/engine-image.ts";
import { parseReference } from "../../core/image-reference.ts";
import { isLocalImage } from "../../core/local-image.ts";
import type { AskedSource } from "../../secrets/index.ts";
import type { CheckResult } from "./check-result.ts";
import { type Facts, type HostFacts, type ImageFacts, type NameFacts, nameOf } from "./facts.ts";

/** More names than this are only counted. */
const FEW = 5;
const DIGITS = 8;

/** The checks that are made from this machine. */
export const checkStack = (facts: Facts): CheckResult[] => [
  { check: "config", result: "fine", found: facts.file },
  checkSecrets(facts),
  ...facts.sources.map(checkSource),
  ...(facts.build === undefined ? [] : [checkBuild(facts.build)]),
  ...facts.images.map((image) => checkImage(image, facts)),
  ...facts.names.map((name) => checkName(name, facts.hosts)),
];

/** A config with a missing or blank secret was refused when it was read. */
function checkSecrets({ config, hosts, hasHetznerToken }: Facts): CheckResult {
  const check = "secrets";
  if (!hasHetznerToken && hosts.some((host) => host.kind === "planned"))
    return {
      check,
      result: "wrong",
      found: "hcloud:token is not set, but the config creates servers at Hetzner",
      next: "pulumi config set --secret hcloud:token",
    };
  const names = Object.keys(config.secrets).sort();
  const shown = `${names.slice(0, FEW).join(", ")}${names.length > FEW ? " …" : ""}`;
  return { check, result: "fine", found: names.length === 0 ? "none needed" : `${names.length} set: ${shown}` };
}

/** One that could not be asked was refused with the config. */
function checkSource({ label, names }: AskedSource): CheckResult {
  const shown =
    names.length === 0 ? "nothing that the config uses" : `${names.slice(0, FEW).join(", ")}${names.length > FEW ? " …" : ""}`;
  return { check: "secrets", result: "fine", found: `${label} has ${shown}` };
}

function checkBuild(build: NonNullable<Facts["build"]>): CheckResult {
  const check = "builder";
  if (build.kind === "unknown")
    return { check, result: "wrong", found: build.why, evidence: build.evidence, next: build.next ?? "try again" };
  const { store, selected, builds } = build.value;
  const by = selected !== "docker" ? `the builder that is selected (${selected})` : `this machine's Docker, ${STORES[store]}`;
  const images = builds.map(({ name, version, uncommitted }) => {
    const dirty = uncommitted === 0 ? "" : ` (${uncommitted} of its files not committed)`;
    return `the image${name === undefined ? "" : ` of ${name}`} would be built as ${version}${dirty}`;
  });
  return { check, result: "fine", found: `${images.join(", ")}, by ${by}` };
}

const STORES = { containerd: "with containerd's store", layers: "with its own layers" } as const;

function checkImage({ image, built }: ImageFacts, { config }: Facts): CheckResult {
  if (isLocalImage(image)) return checkHere(image, built);
  if (built.kind === "unknown")
    return { check: "registry", result: "wrong", found: built.why, evidence: built.evidence, next: built.next ?? "try again" };
  const { registry } = parseReference(image);
  const { unconfirmed } = built.value;
  if (unconfirmed !== undefined && unconfirmed.now.kind !== "unknown") {
    const now = unconfirmed.now.kind === "missing" ? "missing in the registry" : `${shortDigest(unconfirmed.now.digest)} there`;
    return {
      check: "registry",
      result: "warning",
      found: `the digest of ${unconfirmed.image} is written, ${shortDigest(unconfirmed.digest)}, and its tag is ${now}`,
      next: "fine for a release that this stack has made before, as after a rollback; for a new version, remove @sha256:… from slipway:image",
    };
  }
  const who = config.registry === undefined ? "without a login" : `as user ${config.registry.username}`;
  return {
    check: "registry",
    result: "fine",
    found: `${registry} reachable ${who}; ${image} is ${shortDigest(built.value.digest)}`,
  };
}

function checkHere(image: string, built: ImageFacts["built"]): CheckResult {
  const check = isEngineImage(image) ? "engine" : "file";
  if (built.kind === "unknown")
    return { check, result: "wrong", found: built.why, evidence: built.evidence, next: built.next ?? "try again" };
  return { check, result: "fine", found: `${image} is ${shortDigest(built.value.digest)}` };
}

const shortDigest = (digest: string): string => `${digest.slice(0, "sha256:".length + DIGITS)}…`;

function checkName(facts: NameFacts, hosts: readonly HostFacts[]): CheckResult {
  const { name, acme, servedBy, addresses } = facts;
  const check = "dns";
  if (addresses.kind === "unknown")
    return { check, result: "warning", found: addresses.why, next: `try from another machine: dig ${name}` };
  const own = hosts.filter((host) => servedBy.includes(nameOf(host)));
  const others = otherAnswer(facts, own);
  if (others !== undefined) return others;
  if (addresses.value.length === 0) {
    const needs = acme ? ": Let's Encrypt gives no certificate without one" : "";
    const to = own.flatMap(addressesOf)[0] ?? "the address of a host that serves it";
    return {
      check,
      result: acme ? "wrong" : "warning",
      found: `${name} has no DNS record${needs}`,
      next: `create one: ${name} → ${to}`,
    };
  }
  return checkAddresses(facts, addresses.value, own);
}

/** What others get for a name, where this machine gets the right answer. */
function otherAnswer({ name, addresses, elsewhere }: NameFacts, own: readonly HostFacts[]): CheckResult | undefined {
  if (addresses.kind === "unknown" || elsewhere === undefined || elsewhere.kind === "unknown") return undefined;
  const theirs = new Set(own.flatMap(addressesOf));
  const isRight = (all: readonly string[]) => all.length > 0 && all.every((address) => theirs.has(address));
  if (!isRight(addresses.value) || isRight(elsewhere.value)) return undefined;
  const there = elsewhere.value.length === 0 ? "has no record" : `leads to ${elsewhere.value.join(", ")}`;
  return {
    check: "dns",
    result: "warning",
    found: `${name} → ${addresses.value.join(", ")} for this machine; for a public resolver it ${there}`,
    next: `wait until the record's earlier answer has expired (dig ${name} @1.1.1.1); if this machine's network has DNS of its own, set the public record as well`,
  };
}

function checkAddresses(
  { name, acme, servedBy }: NameFacts,
  addresses: readonly string[],
  own: readonly HostFacts[],
): CheckResult {
  const whose = new Map(own.flatMap((host) => addressesOf(host).map((address) => [address, nameOf(host)] as const)));
  const strangers = addresses.filter((address) => !whose.has(address));
  const shown = addresses.map((address) => `${address}${whose.has(address) ? ` (${whose.get(address)})` : ""}`).join(", ");
  if (strangers.length === 0) return { check: "dns", result: "fine", found: `${name} → ${shown}` };
  // For a host without a login, only the address in the config is known.
  const unsure = own.some(({ kind }) => kind === "planned");
  const those = unsure ? `those of ${servedBy.join(", ")} are not known yet` : `not ${servedBy.join(", ")}`;
  const needs = acme ? "; Let's Encrypt must reach the proxy through it" : "";
  return {
    check: "dns",
    result: "warning",
    found: `${name} → ${shown}: ${those}${needs}`,
    next: `fine if a load balancer is in front; otherwise correct the DNS record of ${name}`,
  };
}

/** All addresses that a DNS record of the host may have. */
function addressesOf(host: HostFacts): readonly string[] {
  if (host.kind === "planned") return [];
  if (host.kind === "no access") return [host.host.address];
  return [...host.resolved, ...(host.machine.kind === "known" ? host.machine.value.addresses : [])];
}
