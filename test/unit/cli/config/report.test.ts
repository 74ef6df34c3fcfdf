import { describe, expect, it } from "vitest";
import { secretsIn } from "../../../../cli/config/read.ts";
import { reportConfig } from "../../../../cli/config/report.ts";
import { parseConfig } from "../../../../config/index.ts";

const SECRETS = { TOKEN: "hunter2-very-secret", PIN: "4711", POSTGRES_PASSWORD: "pg-very-secret" };

const report = (more: Readonly<Record<string, unknown>> = {}) => {
  const written: Record<string, unknown> = {
    "slipway:service": "shop",
    "slipway:image": "ghcr.io/acme/shop:1.4.2",
    "slipway:servers": { web: { hosts: ["203.0.113.10"] }, jobs: { hosts: ["203.0.113.11"], cmd: "bin/jobs --token 4711" } },
    "slipway:env": { clear: { LOG_LEVEL: "info", camelCase: "kept" }, secret: ["TOKEN", "PIN"] },
    "slipway:accessories": { db: { image: "postgres:16", host: "203.0.113.11", env: { secret: ["POSTGRES_PASSWORD"] } } },
    "slipway:registry": { server: "ghcr.io", username: "shop", password: ["TOKEN"] },
    "slipway:jobs": { expire: { schedule: "*/15 * * * *", cmd: "bin/expire" } },
    "slipway:labels": { note: "hunter2-very-secret", code: "4711" },
    "slipway:secrets": SECRETS,
    ...more,
  };
  const values = Object.fromEntries(
    Object.entries(written)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  const stack = { stack: "production", file: "stacks/Pulumi.production.yaml" };
  const config = parseConfig({ values, secretKeys: new Set(["slipway:secrets"]), ...stack });
  return reportConfig({ ...stack, config, secrets: Object.values(SECRETS) });
};

describe("slipway config", () => {
  it("has names, the version and defaults, under the keys of a stack's file", () => {
    const { config, ...head } = report();
    expect(head).toEqual({
      schema: 1,
      stack: "production",
      file: "stacks/Pulumi.production.yaml",
      app: "shop-production",
      version: "1.4.2",
      containers: {
        roles: { web: "shop-web-production-1.4.2-<hash>", jobs: "shop-jobs-production-1.4.2-<hash>" },
        accessories: { db: "shop-db-production" },
        jobs: { expire: "shop-job-expire-production" },
      },
    });
    expect(config).toMatchObject({
      deploy_timeout: 30,
      roles: [
        {
          name: "web",
          hosts: ["203.0.113.10"],
          proxy: { app_port: 80 },
          env: { clear: { LOG_LEVEL: "info", camelCase: "kept" } },
        },
        { name: "jobs" },
      ],
    });
  });

  it("names secrets, and shows none of them, wherever it is", () => {
    const { config } = report();
    expect(config).toMatchObject({
      secrets: { TOKEN: "[secret]", PIN: "[secret]", POSTGRES_PASSWORD: "[secret]" },
      registry: { username: "shop", password: "[secret]" },
      roles: [{ labels: { note: "[secret]", code: "[secret]" }, env: { secret: { TOKEN: "TOKEN" } } }, {}],
    });
    const text = JSON.stringify(config);
    for (const secret of [SECRETS.TOKEN, SECRETS.POSTGRES_PASSWORD]) expect(text).not.toContain(secret);
  });

  it("has no version where only a build or a registry knows it", () => {
    expect(report({ "slipway:builder": {}, "slipway:image": undefined }).version).toBeNull();
    expect(report({ "slipway:image": `ghcr.io/acme/shop@sha256:${"a".repeat(64)}` }).version).toBeNull();
    expect(report({ "slipway:version": "7" }).version).toBe("7");
  });
});

it("takes every text of an encrypted value for a secret", () => {
  const values = {
    "slipway:env": { value: '{"clear":{"A":"one"},"list":["two",3]}', secret: true },
    "slipway:image": { value: "three", secret: false },
    "hcloud:token": { value: "four", secret: true },
  };
  expect(secretsIn(values)).toEqual(["one", "two", "four"]);
});
