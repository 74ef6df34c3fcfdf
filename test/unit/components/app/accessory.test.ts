import { beforeAll, describe, expect, it } from "vitest";
import { Accessory } from "../../../../components/app/accessory.ts";
import { plainly } from "../../../../components/pulumi/configured.ts";
import { specOf } from "../../../../core/accessory/spec.ts";
import { aProject, read } from "../../config/fixture.ts";
import { mocked } from "../fixture.ts";

const CONTENT = "user app on >canary-p4ssword ~* +@all\n";
const HOST = { name: "db-1", address: "203.0.113.10", port: 22, user: "root" };
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** What an accessory with these files registers. */
async function inputsWith(files: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  using project = aProject(files);
  const accessories = {
    cache: {
      image: "redis:8",
      host: "db-1",
      files: Object.keys(files).map((name) => `${name}:/etc/redis/${name}`),
    },
  };
  const servers = { web: { hosts: { "db-1": HOST.address } } };
  const config = read({ servers, accessories }, { root: project.root });
  const { registered } = await mocked();
  const made = new Accessory("cache-db-1", { config: plainly(config), accessory: "cache", on: "db-1", host: HOST });
  await new Promise((resolve) => made.urn.apply(resolve));
  return registered[0]?.inputs ?? {};
}

describe("an accessory with files", () => {
  let inputs: Record<string, unknown>;
  beforeAll(async () => {
    inputs = await inputsWith({ "users.acl": CONTENT, "redis.conf": "save 60 1\n" });
  });

  it("has their contents sealed", () => {
    const { files, ...rest } = inputs;
    expect(files).toMatchObject({ ...SECRET, value: [{ path: "/etc/redis/users.acl", content: CONTENT }, {}] });
    expect(JSON.stringify(rest)).not.toMatch(/canary|save 60/);
  });

  it("shows by path and hash that one of them changed, and cannot be guessed quickly", async () => {
    const { fileFingerprints: now } = await inputsWith({ "users.acl": `${CONTENT}#`, "redis.conf": "save 60 1\n" });
    const { fileFingerprints: was } = inputs;
    expect(was).toEqual({
      "/etc/redis/users.acl": expect.stringMatching(/^[0-9a-f]{32}$/),
      "/etc/redis/redis.conf": expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const other = expect.not.stringMatching(String(Object(was)["/etc/redis/users.acl"]));
    expect(now).toEqual({ ...Object(was), "/etc/redis/users.acl": other });
  });

  it("has the spec that it had when contents were in the clear", () => {
    const { files } = inputs;
    const whole = { ...inputs, files: Object(files).value } as unknown as Parameters<typeof specOf>[0];
    expect(inputs.spec).toBe(specOf(whole));
  });
});

it("an accessory is protected where its config says so, and nowhere else", async () => {
  const protectedIn = async (keys: object) => {
    const accessories = { cache: { image: "redis:8", host: "db-1", ...keys } };
    const config = read({ servers: { web: { hosts: { "db-1": HOST.address } } }, accessories });
    const { requests } = await mocked();
    const made = new Accessory("cache-db-1", { config: plainly(config), accessory: "cache", on: "db-1", host: HOST });
    await new Promise((resolve) => made.urn.apply(resolve));
    return requests()
      .findLast((request) => request.getName() === "cache-db-1")
      ?.getProtect();
  };
  expect(await protectedIn({ protect: true })).toBe(true);
  expect(await protectedIn({})).toBe(false);
});

it("an accessory without files has nothing that a state of before lacks", async () => {
  const inputs = await inputsWith({});
  expect(inputs).toMatchObject({ files: [] });
  expect(inputs).not.toHaveProperty("fileFingerprints");
});
