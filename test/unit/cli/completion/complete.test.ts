import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { complete } from "../../../../cli/completion/complete.ts";
import { localNames } from "../../../../cli/completion/names.ts";
import { program } from "../../../../cli/program.ts";

const CONFIG = `config:
  slipway:servers:
    web: { hosts: { web-1: 203.0.113.10, web-2: 203.0.113.11 } }
    jobs: [203.0.113.12]
  slipway:accessories:
    db: { image: "postgres:16.4", host: db-1 }
`;

const resource = (noun: string, outputs: object) => ({ type: `pulumi-nodejs:dynamic/slipway:${noun}`, outputs });
const STATE = {
  version: 3,
  checkpoint: {
    latest: {
      resources: [
        resource("Release", {
          hosts: { "web-1": {}, "web-9": {} },
          roles: { web: {} },
          releases: [{ release: "1.0.0-aaaaaaaa" }, { release: "1.1.0-bbbbbbbb" }, { release: "1.0.0-aaaaaaaa" }],
        }),
        resource("Accessory", { accessory: "cache" }),
      ],
    },
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-completion-"));
  const put = async (path: string, content: string) => {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await put("Pulumi.yaml", "name: shop # the app\nruntime: nodejs\nstackConfigDir: stacks\n");
  await put("stacks/Pulumi.production.yaml", CONFIG);
  await put("stacks/Pulumi.staging.yaml", "config: {");
  await put("state/.pulumi/stacks/shop/production.json", JSON.stringify(STATE));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

async function words(...typed: readonly string[]): Promise<string[]> {
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder}/state`);
  vi.stubEnv("PULUMI_STACK", "production");
  const names = await localNames(folder, undefined);
  return (await complete(await program(typed.slice(0, -1)), typed, names)).map(({ word }) => word);
}

describe("what may follow on a command line", () => {
  it("is a command, its own commands, and its options", async () => {
    expect(await words("st")).toEqual(["status", "stop", "start"]);
    expect(await words("accessory", "re")).toEqual(["restart"]);
    expect(await words("logs", "--r")).toEqual(["--role", "--release"]);
    expect(await words("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["a stack that has a file", ["status", "--stack", ""], ["production", "staging"]],
    ["a stack after its short option", ["status", "-s", "prod"], ["production"]],
    ["a stack after =, as zsh and fish pass it", ["deploy", "--stack=st"], ["--stack=staging"]],
    ["a stack after =, as bash passes it", ["deploy", "--stack", "=", "st"], ["staging"]],
    ["a stack right after =, as bash passes it", ["deploy", "--stack", "="], ["production", "staging"]],
    ["a stack to take a release from", ["promote", "s"], ["staging"]],
    ["a host of the config or the last state", ["logs", "--host", "web"], ["web-1", "web-2", "web-9"]],
    ["a host after a comma", ["logs", "--host", "web-1,db"], ["web-1,db-1"]],
    ["a role", ["exec", "--role", ""], ["web", "jobs"]],
    ["an accessory", ["accessory", "logs", ""], ["db", "cache"]],
    ["an accessory to restore into", ["backup", "restore", "db", "--into", "c"], ["cache"]],
    ["a release, newest first and once", ["rollback", "--to", ""], ["1.0.0-aaaaaaaa", "1.1.0-bbbbbbbb"]],
    ["nothing for a port", ["tunnel", "db", "--to", ""], []],
    ["nothing of ours after --", ["exec", "--", "ru"], []],
  ])("is %s", async (_what, typed, expected) => expect(await words(...typed)).toEqual(expected));

  it("has no names outside of a project, nor from a file that is being edited", async () => {
    const names = await localNames(tmpdir(), undefined);
    expect(await names.stacks()).toEqual([]);
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    const staging = await localNames(folder, "staging");
    expect([await staging.hosts(), await staging.releases()]).toEqual([[], []]);
  });
});
