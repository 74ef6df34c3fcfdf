import { describe, expect, it } from "vitest";
import { problems, refusal, type Section } from "../fixture.ts";

describe("all problems", () => {
  const broken = {
    servers: { web: { hosts: ["203.0.113.10", "203.0.113.300"] } },
    proxy: { app_prot: 3000 },
    env: { secret: ["A", "B", "STRIPE_KEY"] },
    secrets: { A: "1", B: "2" },
  };

  it("are reported together, aligned, with what serves and the next step", () => {
    expect(refusal(broken)).toBe(
      `
stacks/Pulumi.production.yaml: 3 problems
  slipway:servers.web.hosts[1]   "203.0.113.300" is not an address or host name
  slipway:proxy.app_prot         unknown key; did you mean app_port?
  slipway:env.secret[2]          STRIPE_KEY is not set: pulumi config set --secret --path 'slipway:secrets.STRIPE_KEY'
  serves now: what served before; nothing was changed
  next: correct stacks/Pulumi.production.yaml, then run pulumi preview again
  code: CONFIG_INVALID`.trimStart(),
    );
  });

  it("are reported across sections of wrong shape and of wrong meaning", () => {
    expect(problems({ ...broken, service: "a b", deploy_timeout: "soon", foo: 1, labels: { role: "x" } })).toHaveLength(7);
  });

  it("are not hidden by an unknown key beside them", () => {
    expect(problems({ proxy: { app_prot: 3000, ssl: true } })).toHaveLength(2);
  });

  it("are counted in words", () => {
    expect(refusal({ service: "a b" })).toMatch(/^stacks\/Pulumi.production.yaml: 1 problem\n/);
  });

  it("are reported once, even when two roles inherit the same one", () => {
    const servers = { web: ["a.example.com"], admin: { hosts: ["b.example.com"], proxy: true } };
    expect(problems({ servers, proxy: { ssl: true } })).toEqual([
      "slipway:proxy.ssl needs a host: a certificate is issued for a host name",
    ]);
  });
});

describe("a secret value", () => {
  const canary = "c4n4ry_s3cret";
  const places: Record<string, (value: unknown) => Section> = {
    secrets: (value) => ({ secrets: { TOKEN: value }, env: { secret: ["TOKEN"] } }),
    "secrets as text": (value) => ({ secrets: value }),
    "registry.password": (value) => ({ registry: { username: "u", password: value } }),
    "registry.username": (value) => ({ registry: { username: value } }),
    registry: (value) => ({ registry: value }),
    "ssh.key_data": (value) => ({ ssh: { key_data: value } }),
    ssh: (value) => ({ ssh: value }),
    "ssh.proxy": (value) => ({ ssh: { proxy: value } }),
    "ssh.host_keys": (value) => ({ ssh: { host_keys: { a: value } } }),
    "registry.server": (value) => ({ registry: { server: value } }),
    "env.secret": (value) => ({ env: { secret: [value] } }),
    "env.secret twice": (value) => ({ env: { secret: [value, value] } }),
    env: (value) => ({ env: { A: value } }),
    "env.clear": (value) => ({ env: { clear: { A: value, "B-C": value } } }),
    proxy: (value) => ({ proxy: { host: value, canonical_host: value } }),
    "an unknown key": (value) => ({ registry_password: value }),
    "an unknown key inside": (value) => ({ proxy: { passwrd: value } }),
    service: (value) => ({ service: value }),
    servers: (value) => ({ servers: [value] }),
    volumes: (value) => ({ volumes: [value] }),
  };
  const spoiled = [
    `${canary}\n`,
    ` ${canary}`,
    `${canary} ${canary}/`,
    [canary, `${canary} `],
    { deep: canary },
    [[`${canary}!`]],
  ];
  const rows = Object.keys(places).flatMap((place) => spoiled.map((value) => [place, value] as const));

  it.each(rows)("never appears in an error: %s = %j", (place, value) => {
    const config = places[place]?.(value) ?? {};
    const sealedRoot = Object.keys(config).filter((key) => key !== "env" || place.startsWith("env"));
    expect(refusal(config, { sealed: sealedRoot })).not.toContain(canary);
  });

  /** In plain text, what reads as the name of a secret is one. */
  const notNames = [`${canary}\n`, `${canary} ${canary}/`, [`${canary}!`], { deep: canary }];

  it.each(["secrets", "registry.password", "ssh.key_data"])("never appears in an error when it is in plain text: %s", (place) => {
    for (const value of notNames) expect(refusal(places[place]?.(value) ?? {}, { sealed: [] })).not.toContain(canary);
  });
});
