import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { findDrift } from "../../../../cli/deploy/fast-path/drift.ts";
import { ExecRun } from "../../../../cli/exec/run.ts";
import { releaseLogs } from "../../../../cli/logs/release-source.ts";
import { accessoriesIn } from "../../../../cli/stack/accessories.ts";
import { DYNAMIC, parseCheckpoint, requireRelease } from "../../../../cli/stack/checkpoint.ts";
import { declarationIn } from "../../../../cli/stack/declaration.ts";
import { listReleases } from "../../../../cli/stack/release-history.ts";
import { reportsOn } from "../../../../cli/status/collect.ts";
import { screenOf } from "../../../../cli/status/screen.ts";
import { Deployment } from "../../../../components/deployment.ts";
import { Hosts, parseAccess } from "../../../../hosts/index.ts";
import { mocked, type Registered } from "../../components/fixture.ts";
import { read, type Section } from "../../config/fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
/** Nothing listens on port 1 of this machine: every host of these stacks refuses at once. */
const HERE = "127.0.0.1";

const db = { image: "postgres:17.1", env: { secret: ["PASSWORD"] } };
const onHost = (host: Section = { "web-1": HERE }): Section => ({ servers: { web: { hosts: host } } });

/** What stacks may look like: each is added to the smallest config, whose image is public. */
const SHAPES: Readonly<Record<string, Section>> = {
  "a public image and no registry": onHost(),
  "a registry": { ...onHost(), registry: { server: "ghcr.io", username: "ann", password: ["PASSWORD"] } },
  "a list of addresses": { servers: [HERE] },
  "no proxy": { servers: { web: { hosts: { "web-1": HERE }, proxy: false } } },
  "workers alone": { servers: { worker: { hosts: { "jobs-1": HERE }, cmd: "bin/work" } }, primary_role: "worker" },
  "an accessory on a host of its own, a backup and a job": {
    ...onHost(),
    accessories: { db: { ...db, host: "localhost", backup: { schedule: "17 3 * * *", to: { directory: "/var/backups" } } } },
    jobs: { sweep: { schedule: "*/5 * * * *", cmd: "bin/sweep" } },
  },
  "destination none": { ...onHost(), destination: "none" },
  "an IPv6 address": onHost({ "web-1": "::1" }),
  "a host name": onHost({ "web-1": "localhost" }),
  "another user and port": onHost({ "web-1": { address: HERE, user: "deploy", port: 1 } }),
  "a canary": { ...onHost(), canary: { version: "1.5.0", percent: 10 } },
  "a firewall, a hardened host and settings of Docker": {
    ...onHost(),
    ssh: { port: 1, user: "deploy" },
    docker: { settings: { debug: true } },
    firewall: true,
    harden: true,
    release: "bin/migrate",
  },
};

/** What the state of a noun has besides its inputs when a run has succeeded. */
const FOUND: Readonly<Record<string, object>> = {
  Release: { fleet: {}, releases: [] },
  Accessory: { found: { kind: "unreachable", reason: "refused" }, digest: "", folder: "", kept: {} },
};

/** What `pulumi stack export` prints after a run, with its secrets sealed. */
function exported(registered: readonly Registered[], name: string): string {
  const resources = registered.map(({ type, name: own, inputs }) => {
    const noun = type.startsWith(DYNAMIC) ? type.slice(DYNAMIC.length) : "";
    const { __provider: _text, ...values } = asKept(inputs);
    return { urn: `urn:pulumi:${name}::slipway::${type}::${own}`, type, inputs: values, outputs: { ...values, ...FOUND[noun] } };
  });
  return JSON.stringify({ version: 3, deployment: { resources } }, (_, value: unknown) => sealed(value));
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The mocks show a secret with its value; an export shows its ciphertext. */
const sealed = (value: unknown): unknown => (isSecret(value) ? { [SIGNATURE]: SECRET, ciphertext: "v1:abc" } : value);
const isSecret = (value: unknown): value is { readonly value: unknown } =>
  typeof value === "object" && value !== null && SIGNATURE in value;

/** The mocks make a secret of everything around a secret; the engine seals the password alone. */
const asKept = (inputs: Registered["inputs"]): Registered["inputs"] =>
  isSecret(inputs.registry) && typeof inputs.registry.value === "object"
    ? { ...inputs, registry: { ...inputs.registry.value, password: { [SIGNATURE]: SECRET } } }
    : inputs;

async function declared(shape: Section): Promise<Registered[]> {
  const { registered } = await mocked();
  const secrets = { PASSWORD: "canary-p4ssword" };
  const config = read({ ssh: { port: 1 }, secrets, ...shape });
  const deployment = new Deployment(config, Promise.resolve({ image: DIGEST, canary: DIGEST }));
  await new Promise((resolve) => deployment.release.apply(resolve));
  await pulumi.runtime.disconnect();
  return registered;
}

const access = parseAccess(undefined, {});

describe("of a stack whose first release was refused", () => {
  it("status, logs and exec say that nothing is released, and where its accessories are", async () => {
    const all = await declared({ ...onHost(), accessories: { db: { ...db, host: "localhost" } } });
    const json = exported(
      all.filter(({ type }) => type !== `${DYNAMIC}Release`),
      "production",
    );
    expect(accessoriesIn(parseCheckpoint(json)).map(({ accessory, host }) => [accessory, host.name])).toEqual([
      ["db", "localhost"],
    ]);
    expect(() => declarationIn(parseCheckpoint(json), "production")).toThrow(
      /released nothing yet.*the accessory db is on localhost \(slipway accessory details db\)/s,
    );
  });
});

describe.each(Object.entries(SHAPES))("of a stack with %s", (_, shape) => {
  let json = "";

  beforeAll(async () => {
    json = exported(await declared(shape), "production");
  });

  const stack = () => ({ ...declarationIn(parseCheckpoint(json), "production"), access });

  it("slipway status is printed, with every host", async () => {
    const [report] = await reportsOn([stack()]);
    const hosts = [...Object.keys(stack().inputs.hosts), ...stack().accessories.map(({ host }) => host.name)];
    expect(report.hosts.map(({ host }) => host)).toEqual([...new Set(hosts)].sort());
    const printed = screenOf(report, new Date());
    for (const host of hosts) expect(printed).toContain(host);
    expect(printed).toContain("production");
  });

  it("slipway logs looks on every host of the release", () => {
    const { inputs } = stack();
    expect(releaseLogs(inputs, {}).hosts).toEqual(Object.values(inputs.hosts));
  });

  it("slipway exec ends with its own code and names the host", async () => {
    const options = { argv: ["true"], several: false };
    expect(await new ExecRun(stack(), options).run()).toBe(125);
  });

  it("slipway deploy knows every resource, so that its exit code depends on the hosts", async () => {
    const hosts = new Hosts(access);
    const drift = await findDrift(parseCheckpoint(json), hosts).finally(() => hosts.close());
    expect(drift.filter((one) => !/ differs from what the last run left$/.test(one))).toEqual([]);
  });

  it("slipway releases and rollback find the release", () => {
    expect(listReleases(requireRelease(parseCheckpoint(json), "production"))).toEqual([]);
  });
});
