import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { Release } from "../../../../components/app/release.ts";
import { plainly } from "../../../../components/pulumi/configured.ts";
import type { Config } from "../../../../config/index.ts";
import type { UnconfirmedTag } from "../../../../core/release/unconfirmed-tag.ts";
import { omitUndefined } from "../../../../core/values.ts";
import { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { existing, read } from "../../config/fixture.ts";

const [DIGEST, TRIED] = [`sha256:${"9f31".repeat(16)}`, `sha256:${"04bd".repeat(16)}`];
const ID = /^1\.4\.2-[0-9a-f]{8}$/;
const CANARY_ID = /^1\.5\.0-[0-9a-f]{8}$/;

const inputsOf = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => {
        inputsOf.set(name, inputs);
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "slipway",
    "production",
    false,
  );
});

/** What the release of this config hands to its provider, as its provider will read it. */
async function released(config: Config, canary?: string, image = DIGEST, unconfirmed?: UnconfirmedTag[]): Promise<ReleaseInputs> {
  const hosts = Object.fromEntries(existing(config).map((host) => [host.name, { ...host }]));
  const name = `release-${inputsOf.size}`;
  const release = new Release(name, {
    config: plainly(config),
    digests: Promise.resolve({ image, canary, ...omitUndefined({ unconfirmed }) }),
    digestOf: () => ({ image }),
    hosts,
  });
  await new Promise((resolve) => release.urn.apply(resolve));
  const { secrets: sealed, ...inputs } = inputsOf.get(name) ?? {};
  return ReleaseInputs.parse({ ...inputs, secrets: (sealed as { value: unknown }).value });
}

const servers = {
  web: {
    hosts: { "web-1": "203.0.113.10", "web-2": { address: "203.0.113.11", tags: ["eu"], proxy: { host: "eu.shop.example" } } },
    replicas: 2,
    asset_path: "/app/public/assets:z",
  },
  worker: {
    hosts: { "web-1": "203.0.113.10", "jobs-1": "203.0.113.12" },
    strategy: "stop-first",
    cmd: "bin/jobs",
    healthcheck: { cmd: "bin/jobs --check", interval: 2, timeout: 3 },
  },
  mail: { hosts: { "jobs-1": "203.0.113.12" }, options: { publish: ["25:2525"] }, readiness_delay: 3 },
};
const FULL = {
  servers,
  proxy: { host: "shop.example", app_port: 3000 },
  secrets: { STRIPE_KEY: "sk_live_canary" },
  env: { clear: { RATE_LIMIT: "10" }, secret: ["STRIPE_KEY"], tags: { eu: { RATE_LIMIT: "99" } } },
  release: { cmd: ["bin/migrate --all", "bin/warm"], timeout: 90 },
  boot: { limit: "67%", wait: 5, parallel_roles: false },
  watch: 12,
  retain_containers: 3,
  maintenance: { message: "Back soon" },
  canary: { version: "1.5.0", percent: 10 },
};

describe("a release with all that one can write", () => {
  let inputs: ReleaseInputs;
  beforeAll(async () => {
    inputs = await released(read(FULL), TRIED);
  });

  it("says how many containers of a role there are, and how they come", () => {
    const shown = ({ replicas, strategy, ready }: ReleaseInputs["roles"][string]) => ({ replicas, strategy, ready });
    expect(Object.fromEntries(Object.entries(inputs.roles).map(([name, role]) => [name, shown(role)]))).toEqual({
      web: { replicas: 2, strategy: "start-first", ready: { by: "route" } },
      worker: {
        replicas: 1,
        strategy: "stop-first",
        ready: { by: "command", command: ["bin/jobs", "--check"], interval: 2, timeout: 3 },
      },
      mail: { replicas: 1, strategy: "stop-first", ready: { by: "docker", delay: 3 } },
    });
  });

  it("says what a host has of its own: its whole environment and route there", () => {
    const { web, worker } = inputs.roles;
    expect(web?.env).toEqual({ RATE_LIMIT: "10" });
    expect(web?.on).toEqual({
      "web-2": {
        env: { RATE_LIMIT: "99" },
        secretEnv: { STRIPE_KEY: "STRIPE_KEY" },
        secretsFingerprint: web?.secretsFingerprint,
        proxy: { ...web?.proxy, hosts: ["eu.shop.example"] },
      },
    });
    expect(worker?.on).toEqual({});
  });

  it("has the tag that is not the digest beside it, and a hash of the config", async () => {
    const tag: UnconfirmedTag = { image: "ghcr.io/acme/shop:1.4.2", digest: DIGEST, now: { kind: "missing" } };
    expect((await released(read(FULL), TRIED, DIGEST, [tag])).__unconfirmedTags).toEqual([tag]);
    expect(inputs.__unconfirmedTags).toBeUndefined();
    expect(inputs.__configHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("names a different release where the environment differs", () => {
    const { containers } = inputs;
    expect(Object.keys(containers).sort()).toEqual([
      ...["jobs-1/mail", "jobs-1/worker", "web-1/web", "web-1/worker", "web-2/web"],
    ]);
    for (const release of Object.values(containers)) expect(release).toMatch(ID);
    expect(containers["web-2/web"]).not.toBe(containers["web-1/web"]);
    expect(containers["web-1/worker"]).toBe(containers["jobs-1/worker"]);
    expect(inputs.release).toMatch(ID);
    expect(Object.values(containers)).not.toContain(inputs.release);
  });

  it("describes the route of each host in words", () => {
    expect(inputs.routes).toEqual({
      "web-1/web": "http://shop.example → port 3000",
      "web-2/web": "http://eu.shop.example → port 3000",
    });
  });

  it("has the assets, and the ports of the host", () => {
    expect(inputs.roles.web?.assets).toEqual({ path: "/app/public/assets", relabel: "z" });
    expect(inputs.roles.worker?.assets).toBeUndefined();
    expect(inputs.roles.mail?.options.publish).toEqual([{ ip: "127.0.0.1", hostPort: 25, containerPort: 2525, protocol: "tcp" }]);
  });

  it("runs the release command on the first host of the primary role", () => {
    expect(inputs.releaseCommand).toEqual({
      host: "web-1",
      role: "web",
      commands: [["bin/migrate", "--all"], ["bin/warm"]],
      timeout: 90,
    });
  });

  it("has its waves with the share resolved, its watch, its maintenance and what it keeps", () => {
    const { boot, watch, maintenance, retainContainers } = inputs;
    expect({ boot, watch, maintenance, retainContainers }).toEqual({
      boot: { limit: 2, wait: 5, parallelRoles: false },
      watch: 12,
      maintenance: { message: "Back soon" },
      retainContainers: 3,
    });
  });

  it("has a canary of the proxied role alone, with the id that it will have as a release", async () => {
    const { canary } = inputs;
    expect(canary).toEqual({
      release: expect.stringMatching(CANARY_ID),
      version: "1.5.0",
      image: `ghcr.io/acme/shop@${TRIED}`,
      containers: { "web-1/web": expect.stringMatching(CANARY_ID), "web-2/web": expect.stringMatching(CANARY_ID) },
      share: { to: "percent", percent: 10 },
    });
    const { canary: _ended, ...rest } = FULL;
    const promoted = await released(read({ ...rest, image: "ghcr.io/acme/shop:1.5.0" }), undefined, TRIED);
    expect(promoted.release).toBe(canary?.release);
    expect(promoted.containers).toMatchObject(canary?.containers ?? {});
  });
});

describe("a release without any of it", () => {
  it("has neither canary, maintenance, release command nor files, and one wave", async () => {
    const inputs = await released(read({ proxy: { host: "shop.example" } }));
    expect(inputs).toMatchObject({ boot: { limit: 0, wait: 0, parallelRoles: true }, watch: 0, proxyFiles: {} });
    for (const key of ["canary", "maintenance", "releaseCommand"]) expect(inputs).not.toHaveProperty(key);
  });

  it("has no canary in a run without its digest", async () => {
    expect(
      await released(read({ proxy: { host: "shop.example" }, canary: { version: "1.5.0", percent: 1 } })),
    ).not.toHaveProperty("canary");
  });
});

describe("the error pages of a release", () => {
  it("are in its files and in its route, by a path that their content names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-pages-"));
    try {
      writeFileSync(join(folder, "503.html"), "<p>Back soon</p>");
      const pages = relative(process.cwd(), folder);
      const inputs = await released(read({ proxy: { host: "shop.example" }, error_pages_path: pages }));
      const [[path = "", files] = []] = Object.entries(inputs.proxyFiles);
      expect(path).toMatch(/^slipway\/shop-production\/[0-9a-f]{12}$/);
      expect(files).toEqual({ "503.html": { from: "text", text: "<p>Back soon</p>" } });
      expect(inputs.roles.web?.proxy?.errorPages).toBe(`/home/kamal-proxy/.config/kamal-proxy/${path}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
