import fc from "fast-check";
import { type Address, Hosts, parseAccess } from "../../../../../hosts/index.ts";
import type { FoundAccessory } from "../../../../../providers/accessory/found.ts";
import { accessoryProvider } from "../../../../../providers/accessory/provider.ts";
import type { DockerEngineInputs } from "../../../../../providers/docker-engine/inputs.ts";
import { dockerEngineProvider } from "../../../../../providers/docker-engine/provider.ts";
import { exposureProvider } from "../../../../../providers/exposure/provider.ts";
import { bootFiles, sumOf } from "../../../../../providers/firewall/boot.ts";
import { FirewallInputs, type FoundFirewall, type ObservedFirewall } from "../../../../../providers/firewall/inputs.ts";
import { firewallProvider } from "../../../../../providers/firewall/provider.ts";
import { wantedRules } from "../../../../../providers/firewall/rules.ts";
import { DROP_IN_SUM } from "../../../../../providers/hardening/drop-in.ts";
import { type FoundHardening, HardeningInputs } from "../../../../../providers/hardening/inputs.ts";
import { hardeningProvider } from "../../../../../providers/hardening/provider.ts";
import type { FoundProxy, ProxyInputs } from "../../../../../providers/proxy/inputs.ts";
import { proxyProvider } from "../../../../../providers/proxy/provider.ts";
import { forgottenIn } from "../../../../../providers/pulumi/forgotten.ts";
import type { Provider, Run } from "../../../../../providers/pulumi/provider.ts";
import { registryLoginProvider } from "../../../../../providers/registry-login/provider.ts";
import type { Fleet } from "../../../../../providers/release/fleet.ts";
import { releaseProvider } from "../../../../../providers/release/provider.ts";
import type { ObservedSchedule } from "../../../../../providers/schedule/found.ts";
import { ScheduleInputs } from "../../../../../providers/schedule/inputs.ts";
import { partsOf } from "../../../../../providers/schedule/parts.ts";
import { scheduleProvider } from "../../../../../providers/schedule/provider.ts";
import { aContainer, aNext, anAccessory, found as asFound, stopped } from "../../../providers/accessory/fixture.ts";
import { aMess } from "../../../providers/release/arbitrary.ts";
import * as release from "../../../providers/release/fixture.ts";

const HOST: Address = { name: "a", address: "203.0.113.10", port: 22, user: "deploy" };
const MOVED: Address = { ...HOST, address: "203.0.113.11" };

const run: Run = {
  hosts: new Hosts(parseAccess(undefined, {})),
  report: { status() {}, say() {}, warn() {} },
  owner: "",
  forgotten: forgottenIn(undefined),
  declared: async () => [],
};

/** One kind of resource that may be declared. */
export interface Noun {
  readonly noun: string;
  /** Declared and found as a successful run leaves it. */
  readonly settled: Case;
  /** Declared, changed and found in any way. */
  readonly cases: fc.Arbitrary<Case>;
}

/** One resource after the last run. */
export interface Case {
  readonly noun: string;
  /** What the last run declared, and what it found then. */
  readonly state: object;
  /** What a program that has changed declares. */
  readonly next: object;
  /** What is on the hosts now. */
  readonly found: unknown;
  /** Whether the engine would change it: a refresh of the state, then the plan for what the program declares. */
  readonly changes: (state: object, declared: object) => Promise<boolean>;
}

/** @param found what may be found of a declaration; the first is what a successful run leaves, and is drawn most often */
function noun<I extends object, S extends I>(
  name: string,
  provider: Provider<I, S>,
  wishes: readonly [I, ...I[]],
  found: (declared: I) => readonly [unknown, ...fc.Arbitrary<unknown>[]],
): Noun {
  const caseOf = (declared: I, next: I, now: unknown): Case => ({
    noun: name,
    state: { ...declared, ...stateOf(name, found(declared)[0], declared) },
    next,
    found: now,
    changes: async (state, news) => {
      const reading = await provider.read(provider.inputs.parse(state), run, provider.state.parse(state));
      return provider.plan(provider.inputs.parse(news), reading.state).changes;
    },
  });
  const cases = fc.tuple(fc.constantFrom(...wishes), fc.constantFrom(...wishes)).chain(([declared, next]) => {
    const [converged, ...others] = found(declared);
    const weighted = others.map((arbitrary) => ({ arbitrary, weight: 1 }));
    return fc.oneof({ arbitrary: fc.constant(converged), weight: 12 }, ...weighted).map((now) => caseOf(declared, next, now));
  });
  return { noun: name, settled: caseOf(wishes[0], wishes[0], found(wishes[0])[0]), cases };
}

/** What a state has besides the declaration. */
function stateOf(name: string, found: unknown, declared: object): object {
  switch (name) {
    case "Release":
      return { fleet: found, releases: [] };
    case "Accessory":
      return { found, digest: "", folder: "", kept: {} };
    case "Hardening":
      return { found, connection: HOST };
    case "RegistryLogin":
    case "Exposure":
      return declared;
    default:
      return { found };
  }
}

/** Two declarations of one thing. */
function both<T, U>([one, other]: readonly [T, T], declare: (value: T) => U): readonly [U, U] {
  return [declare(one), declare(other)];
}

const unreachable = fc.constant({ kind: "unreachable", reason: "no answer" });

const releases = both([release.V1, release.V2], (id) => {
  const declared = release.aRelease(id, { web: { ...release.WEB, hosts: ["a", "b"] } });
  return { ...declared, hosts: { a: HOST, b: { ...HOST, name: "b", address: "203.0.113.12" } } };
});

const serving = ({ release: id }: { readonly release: string }): Fleet => ({
  a: release.serving(release.aContainer(id)),
  b: release.serving(release.aContainer(id)),
});

const accessories = [
  anAccessory({ host: HOST }),
  anAccessory({ host: HOST, image: "postgres:16.5" }),
  anAccessory({ host: MOVED }),
] as const;

const proxies = both(
  [HOST, MOVED],
  (host): ProxyInputs => ({
    schema: 1,
    host,
    stack: "shop/production",
    image: "basecamp/kamal-proxy:v0.9.2",
    publish: ["80:80"],
    options: [],
    logMaxSize: host === HOST ? "10m" : "20m",
    status: "running",
  }),
);
const proxyFor = ({ image, publish, options, logMaxSize }: ProxyInputs) =>
  ({ kind: "present", id: "1", network: true, image, publish, options, logMaxSize, status: "running" }) satisfies FoundProxy;

const logins = both(["acme", "other"], (username) => ({
  schema: 1 as const,
  host: HOST,
  server: "registry.example",
  username,
  password: "secret",
}));

const exposures = both(["v1", "v2"], (id) => ({ schema: 1 as const, hosts: { a: HOST }, declared: {}, release: id }));

const engines = both(
  [undefined, "28"],
  (version): DockerEngineInputs => ({
    schema: 1,
    host: HOST,
    patience: 0,
    install: true,
    settings: {},
    status: "running",
    ...(version === undefined ? {} : { version }),
  }),
);

const hardenings = both(["deploy", "ops"], (user) =>
  HardeningInputs.parse({ schema: 1, host: HOST, user, patience: 0, status: "key only, no root login" }),
);
const hardened = ({ user }: HardeningInputs, changes: object = {}) =>
  ({
    kind: "present",
    as: user,
    sudo: true,
    docker: true,
    sshd: {
      permitrootlogin: "no",
      passwordauthentication: "no",
      kbdinteractiveauthentication: "no",
      pubkeyauthentication: "yes",
    },
    dropIn: DROP_IN_SUM,
    ...changes,
  }) satisfies FoundHardening;

const firewalls = both([["80/tcp"], ["80/tcp", "443/tcp"]], (open) =>
  FirewallInputs.parse({
    schema: 1,
    host: HOST,
    stack: "shop/production",
    ssh: ["198.51.100.0/24"],
    open,
    status: "closed but for these",
  }),
);
const OPEN: ObservedFirewall = {
  kind: "present",
  interfaces: ["eth0"],
  sshPort: 22,
  families: { "4": { rules: [], hooks: [], passes: true }, "6": { rules: [], hooks: [], passes: true } },
  kept: {},
  systemd: "absent",
};
function closed(declared: FirewallInputs): ObservedFirewall {
  const families = Object.fromEntries((["4", "6"] as const).map((family) => [family, wantedRules(declared, OPEN, family)]));
  const found = { ...OPEN, owner: declared.stack, families };
  const kept = Object.fromEntries(bootFiles(declared, found).map(({ path, content }) => [path, sumOf(content)]));
  return { ...found, kept };
}

const schedules = both(["shop@sha256:1", "shop@sha256:2"], (image) =>
  ScheduleInputs.parse({
    schema: 1,
    host: HOST,
    stack: "shop/production",
    service: "shop",
    image: "node:24-slim",
    programs: "p1",
    backups: {},
    jobs: {
      sweep: {
        cron: "*/5 * * * *",
        timezone: "UTC",
        timeout: 60,
        concurrency: "forbid",
        env: {},
        secretEnv: {},
        secretsFingerprint: "",
        image,
        version: "1.0",
        command: ["bin/sweep"],
        labels: {},
        mounts: [],
        stopTimeout: 10,
        options: release.WEB.options,
        logging: { driver: "json-file", options: {} },
      },
    },
    status: "running",
    secrets: {},
  }),
);
const scheduled = (declared: ScheduleInputs): ObservedSchedule => ({
  kind: "present",
  accessories: {},
  parts: partsOf(declared, { accessories: {} }).map(({ name, spec, entry, kind }) => {
    const running = kind === "scheduler";
    return {
      id: name.padEnd(12, "0"),
      name,
      ours: true,
      spec,
      entry,
      running,
      status: running ? "running" : "created",
      created: "2026-11-20T00:00:00Z",
    };
  }),
});

/** Every kind of resource that the fast path reads. */
export const NOUNS: readonly [Noun, ...Noun[]] = [
  noun("Release", releaseProvider, releases, (declared) => [
    serving(declared),
    fc.constant({ ...serving(declared), b: release.lost() }),
    fc.constant({ ...serving(declared), b: release.aHost() }),
    aMess,
  ]),
  noun("Accessory", accessoryProvider, accessories, (declared) => [
    asFound({ main: aContainer(declared) }) satisfies FoundAccessory,
    fc.constant(asFound({ main: stopped(declared) })),
    fc.constant(asFound({ main: aContainer(declared), next: aNext(declared) })),
    fc.constant(asFound()),
    unreachable,
  ]),
  noun("Proxy", proxyProvider, proxies, (declared) => [
    proxyFor(declared),
    fc.constant({ ...proxyFor(declared), status: "exited" }),
    fc.constant({ ...proxyFor(declared), publish: ["8080:80"] }),
    fc.constant({ kind: "missing", network: true }),
    unreachable,
  ]),
  noun("RegistryLogin", registryLoginProvider, logins, () => [undefined]),
  noun("Exposure", exposureProvider, exposures, () => [undefined]),
  noun("DockerEngine", dockerEngineProvider, engines, () => [
    { kind: "present", version: "29.0.1", settings: {} },
    fc.constantFrom({ kind: "present", version: "26.1.5", settings: {} }, { kind: "missing" }, { kind: "forbidden" }),
    unreachable,
  ]),
  noun("Hardening", hardeningProvider, hardenings, (declared) => [
    hardened(declared),
    fc.constantFrom(hardened(declared, { sudo: false }), hardened(declared, { dropIn: undefined })),
    unreachable,
  ]),
  noun("Firewall", firewallProvider, firewalls, (declared) => [
    closed(declared),
    fc.constant({ ...closed(declared), kept: {} }),
    fc.constant(OPEN satisfies FoundFirewall),
    unreachable,
  ]),
  noun("Schedule", scheduleProvider, schedules, (declared) => [
    scheduled(declared),
    fc.constant({ ...scheduled(declared), parts: scheduled(declared).parts.map((part) => ({ ...part, running: false })) }),
    fc.constant({ ...scheduled(declared), parts: [] }),
    unreachable,
  ]),
];
