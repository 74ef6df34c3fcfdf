import { beforeAll, describe, expect, it, vi } from "vitest";
import { Deployment } from "../../../../components/deployment.ts";
import { read } from "../../config/fixture.ts";
import { mocked, needsOf } from "../fixture.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----\n";

/** How a secret is sent to the engine. */
const SEALED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const inputsOf = new Map<string, Record<string, unknown>>();
const requests = new Map<string, { needs: string[]; aliases: string[] }>();

beforeAll(async () => {
  const { registered, requests: all } = await mocked();
  const config = read(
    {
      servers: {
        web: {
          hosts: { "web-1": { address: "203.0.113.10", host_key: HOST_KEY } },
          setup: ["sysctl -w vm.swappiness=10", "ufw disable"],
        },
        jobs: { hosts: ["web-1"], cmd: "bin/jobs", setup: "mkdir -p /srv/jobs" },
      },
      hooks: { pre_deploy: "./check", post_deploy: ["./announce", "./warm"], pre_app_boot: "./drain" },
      hooks_output: { post_deploy: "quiet" },
      ssh: { user: "deploy", key_data: ["DEPLOY_KEY"], proxy: "jump@bastion.example:2200" },
      secrets: { DEPLOY_KEY: PRIVATE_KEY },
    },
    { sealed: ["secrets"] },
  );
  const deployment = new Deployment(config, Promise.resolve({ image: DIGEST, canary: undefined }));
  await new Promise((resolve) => deployment.release.apply(resolve));
  const commands = () => registered.filter(({ type }) => /slipway:(?:Setup|Hook|Release)$/.test(type));
  await vi.waitFor(() => expect(commands()).toHaveLength(5));
  for (const { name, inputs } of commands()) inputsOf.set(name, inputs);
  for (const request of all())
    requests.set(request.getName(), {
      needs: needsOf(request),
      aliases: request.getAliasesList().map((alias) => `${alias.getSpec()?.getParenturn()} ${alias.getSpec()?.getType()}`),
    });
});

describe("setup", () => {
  it("has each role's commands and the server, and nothing of how someone logs in", () => {
    const { schema, host, role, commands, ...rest } = inputsOf.get("web-1-setup-web") ?? {};
    expect({ schema, host, role, commands }).toEqual({
      schema: 1,
      host: { name: "web-1", address: "203.0.113.10", port: 22, user: "deploy", hostKey: HOST_KEY },
      role: "web",
      commands: ["sysctl -w vm.swappiness=10", "ufw disable"],
    });
    expect(Object.keys(rest).filter((key) => !key.startsWith("__"))).toEqual([]);
    expect(inputsOf.get("web-1-setup-jobs")).toMatchObject({ commands: ["mkdir -p /srv/jobs"] });
    expect(JSON.stringify([...inputsOf].filter(([name]) => name.includes("setup")))).not.toContain("canary");
  });

  it("is over before the proxy starts", () => {
    expect(requests.get("web-1-proxy")?.needs).toEqual(expect.arrayContaining(["web-1-setup-jobs", "web-1-setup-web"]));
  });

  it("takes the place of the command that earlier versions declared", () => {
    expect(requests.get("web-1-setup-web")?.aliases).toContainEqual(
      expect.stringMatching(/\$slipway:Server\$slipway:Setup::web-1-setup-web command:remote:Command$/),
    );
  });
});

describe("hooks", () => {
  it("run once for each release, with its facts and the app's secrets", () => {
    const { hosts, secrets, __hook, release, ...facts } = inputsOf.get("pre-deploy") ?? {};
    expect(__hook).toEqual({ run: { commands: ["./check"] }, output: "verbose", timeout: 3600 });
    expect(release).toEqual(expect.stringMatching(/^1\.4\.2-[0-9a-f]{8}$/));
    expect(facts).toMatchObject({
      moment: "pre_deploy",
      service: "shop",
      destination: "production",
      version: "1.4.2",
      image: `ghcr.io/acme/shop@${DIGEST}`,
      roles: ["web", "jobs"],
    });
    expect(hosts).toEqual({ "web-1": expect.objectContaining({ address: "203.0.113.10" }) });
    expect(secrets).toEqual({ ...SEALED, value: { DEPLOY_KEY: PRIVATE_KEY } });
    const after = inputsOf.get("post-deploy") ?? {};
    expect(after).toMatchObject({ moment: "post_deploy", release, version: "1.4.2", roles: ["web", "jobs"] });
    expect(after.__hook).toMatchObject({ run: { commands: ["./announce", "./warm"] }, output: "quiet" });
  });

  it("run before and after the release", () => {
    expect(requests.get("shop")?.needs).toContain("pre-deploy");
    expect(requests.get("post-deploy")?.needs).toContain("shop");
    expect(requests.get("pre-deploy")?.needs).toContain("web-1-proxy");
  });

  it("take the place of the commands that earlier versions declared", () => {
    for (const name of ["pre-deploy", "post-deploy"])
      expect(requests.get(name)?.aliases).toContainEqual(
        expect.stringMatching(new RegExp(`\\$slipway:Hook::${name} command:local:Command$`)),
      );
  });

  it("around the start of containers are the release's, and no difference of it", () => {
    expect(inputsOf.get("shop")?.__hooks).toEqual({
      pre_app_boot: { run: { commands: ["./drain"] }, output: "verbose", timeout: 3600 },
    });
  });
});
