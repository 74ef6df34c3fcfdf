import { describe, expect, it } from "vitest";
import { accessTo } from "../../../../cli/stack/access.ts";
import { hidesKeys } from "../../../../project/config-values.ts";

const PROJECT = { root: "/srv/shop", name: "shop", backend: undefined, configFolder: "/srv/shop/stacks", hasConfig: false };
const SSH = { keys: ["deploy.key"], agent: false, config: false, known_hosts: [] };
const never = (): Promise<string> => Promise.reject(new Error("Pulumi should not be called"));
const shown =
  (ssh: object, secrets: object = {}) =>
  async () =>
    JSON.stringify({
      "slipway:ssh": { value: JSON.stringify(ssh), objectValue: ssh, secret: true },
      "slipway:secrets": { value: JSON.stringify(secrets), objectValue: secrets, secret: true },
    });

describe("how this operator gets in", () => {
  it.each([
    ["a map", SSH],
    ["JSON in one text, as pulumi config set writes it", JSON.stringify(SSH)],
  ])("is read from the stack's file as %s, with files of the project", async (_form, ssh) => {
    const { keys, agent, sshConfig } = await accessTo(PROJECT, { "slipway:ssh": ssh }, never);
    expect({ keys, agent, sshConfig }).toEqual({ keys: ["/srv/shop/deploy.key"], agent: undefined, sshConfig: [] });
  });

  it("is the usual way where the file says nothing of it", async () => {
    expect(await accessTo(PROJECT, {}, never)).toMatchObject({ keys: [], keyData: [], jump: undefined });
  });

  it.each([
    ["a sealed value", { ...SSH, proxy: { secure: "v1:abc" } }],
    ["the name of a secret", { ...SSH, key_data: ["DEPLOY_KEY"] }],
    ["the name of a secret in one text", JSON.stringify({ ...SSH, key_data: ["DEPLOY_KEY"] })],
  ])("is asked of Pulumi where the file holds %s", async (_part, ssh) => {
    expect(hidesKeys({ "slipway:ssh": ssh })).toBe(true);
    const asked = shown({ ...SSH, key_data: ["DEPLOY_KEY"] }, { DEPLOY_KEY: "a private key" });
    expect((await accessTo(PROJECT, { "slipway:ssh": ssh }, asked)).keyData).toEqual(["a private key"]);
  });

  it("is asked of Pulumi where the file does not say everything", async () => {
    expect((await accessTo(PROJECT, undefined, shown(SSH))).keys).toEqual(["/srv/shop/deploy.key"]);
  });
});
