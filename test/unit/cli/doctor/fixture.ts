import type { Asked, Facts, HostFacts, Machine, ReachedHost } from "../../../../cli/doctor/facts.ts";
import type { Check, DoctorReport, Finding } from "../../../../cli/doctor/report.ts";
import type { ExistingHost } from "../../../../config/hosts/host.ts";
import { read, type Section } from "../../config/fixture.ts";

export const IMAGE = "ghcr.io/acme/shop:1.4.2";
export const DIGEST = `sha256:${"9f31".repeat(16)}`;
export const AMD64 = [{ os: "linux", arch: "amd64" }];
export const SERVERS = { web: { hosts: { "web-1": "203.0.113.10" } } };

export const known = <T>(value: T): Asked<T> => ({ kind: "known", value });
export const unknown = (why: string, next?: string): Asked<never> => ({
  kind: "unknown",
  why,
  evidence: [],
  ...(next ? { next } : {}),
});

export const HOST: ExistingHost = { name: "web-1", address: "203.0.113.10", port: 22, user: "root" };

export const aMachine = (over: Partial<Machine> = {}): Machine => ({
  uid: 0,
  groups: ["root"],
  sudo: "none",
  release: { ID: "debian" },
  arch: "amd64",
  ahead: 0,
  memory: { total: 4e9, available: 2e9 },
  addresses: ["203.0.113.10"],
  kamal: [],
  listeners: [],
  ...over,
});

export const anOpenHost = (over: Partial<ReachedHost> = {}): ReachedHost => ({
  kind: "reached",
  host: HOST,
  took: 214.6,
  resolved: ["203.0.113.10"],
  machine: known(aMachine()),
  lease: known({ heldBy: undefined, warnings: [] }),
  docker: known({ engine: "26.1.5", arch: "amd64" }),
  trouble: undefined,
  disk: known({ path: "/var/lib/docker", free: 41e9, usedPercent: 30 }),
  published: known([]),
  kamal: known({ roles: [], accessories: [] }),
  left: known([]),
  restores: known([]),
  inbound: [],
  pulls: [{ image: IMAGE, there: known(true) }],
  supports: known({ memory: true, cpus: true, pids: true }),
  ...over,
});

export const withMachine = (over: Partial<Machine>, host: Partial<ReachedHost> = {}): ReachedHost =>
  anOpenHost({ machine: known(aMachine(over)), ...host });

/** The facts of a stack with one host, which is all right. */
export const facts = (hosts: readonly HostFacts[] = [anOpenHost()], over: Partial<Facts> = {}, config: Section = {}): Facts => ({
  stack: "production",
  file: "stacks/Pulumi.production.yaml",
  config: read({ servers: SERVERS, ...config }),
  sources: [],
  hasHetznerToken: true,
  images: [{ image: IMAGE, built: known({ digest: DIGEST, platforms: AMD64 }) }],
  names: [],
  hosts,
  ...over,
});

export const findingOf = (report: DoctorReport, check: Check): Finding | undefined =>
  report.findings.find((finding) => finding.check === check);
