import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { describeChanges } from "../../../../cli/reconfigure/changes.ts";
import { rewritingBy } from "../../../../cli/reconfigure/rewriting.ts";
import type { Past } from "../../../../cli/rollback/past.ts";
import { differsFrom, pinnedTo, restorationOf } from "../../../../cli/rollback/restoration.ts";
import type { Released } from "../../../../cli/stack/release-history.ts";
import { sealedValues } from "../../../../cli/stack/sealed-values.ts";
import { StoredStack } from "../../../../cli/stack/stored-stack.ts";
import { type Update, updateOf } from "../../../../cli/stack/update-history.ts";
import { configHash } from "../../../../core/config-hash.ts";
import type { StackValues } from "../../../../project/config-values.ts";

const DIGEST = `sha256:${"9".repeat(64)}`;
type Config = Readonly<Record<string, unknown>>;

/** A secret as it is written in the file, by a cipher of these tests. */
const secure = (text: string, nonce = "1") => ({ secure: `v1:${nonce}:${text}` });

const FIRST: Config = {
  "slipway:image": "shop:1",
  "slipway:env": { clear: { COLOR: "red" }, secret: ["TOKEN"] },
  "slipway:secrets": { TOKEN: secure("first") },
  "slipway:registry": { server: "registry.example", username: "u", password: [secure("pass")] },
  "slipway:drain_timeout": 5,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-restoration-"));
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function put(path: string, content: string): Promise<void> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** What Pulumi reads of a config, secrets in plain text. */
const read = (config: Config): StackValues => {
  const open = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(open);
    if (typeof value !== "object" || value === null) return value;
    if ("secure" in value) return String(value.secure).split(":")[2];
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, open(inner)]));
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const opened = open(value);
      const secret = JSON.stringify(value).includes('"secure"');
      const text = typeof opened === "object" ? JSON.stringify(opened) : String(opened);
      return [key, { value: text, secret, ...(typeof opened === "object" ? { objectValue: opened } : {}) }];
    }),
  );
};
const hashOf = (values: StackValues): string =>
  configHash(Object.fromEntries(Object.entries(values).map(([key, { value = "", secret }]) => [key, { text: value, secret }])));

const target = (config: Config): Released => ({
  release: "1-ab12cd34",
  version: "1",
  image: `shop@${DIGEST}`,
  at: "2026-03-01T12:00:01.500Z",
  config: hashOf(read(config)),
});

/** A stack that released `earlier`, and whose file is `now`; `decrypted` counts what had to be asked of Pulumi. */
async function past(earlier: Config, now: Config, file = stringify({ config: now })) {
  await put("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
  await put("Pulumi.prod.yaml", file);
  await put(".pulumi/meta.yaml", "version: 1\n");
  await put(".pulumi/stacks/shop/prod.json", "{}");
  const times = { startTime: 1_772_366_400, endTime: 1_772_366_402 };
  const update = { kind: "update", result: "succeeded", ...times, config: earlier };
  await put(".pulumi/history/shop/prod/prod-1772366402000000000.history.json", JSON.stringify(update));
  const project = { root: folder, name: "shop", backend: undefined, configFolder: folder, hasConfig: false };
  const decrypted: string[] = [];
  const printed: Update = {
    ...update,
    startTime: new Date(times.startTime * 1000),
    endTime: new Date(times.endTime * 1000),
    config: read(earlier),
  };
  const own: Past = {
    project,
    stack: "prod",
    given: "prod",
    folder,
    filePath: join(folder, "Pulumi.prod.yaml"),
    checkpoint: { resources: [], isUnfinished: false },
    release: { urn: "", type: "", inputs: {}, outputs: {} },
    stored: await StoredStack.find(project, "prod"),
    updates: async () => {
      decrypted.push("history");
      return [printed];
    },
    shown: async () => {
      decrypted.push("config");
      return JSON.stringify(read(now));
    },
    stateNow: () => Promise.reject(new Error("not asked")),
  };
  return { own, decrypted };
}

const PINNED = { "slipway:image": `shop:1@${DIGEST}` };

describe("what a rollback changes in the stack's file", () => {
  it.each<[what: string, now: Config, changes: string]>([
    ["the image", { ...FIRST, "slipway:image": "shop:2" }, "~slipway:image"],
    [
      "the environment, and a key that was added",
      { ...FIRST, "slipway:env": { clear: { COLOR: "blue", NEW: "1" }, secret: ["TOKEN"] }, "slipway:watch": 3 },
      "~slipway:env.clear.COLOR, -slipway:env.clear.NEW, ~slipway:image, -slipway:watch",
    ],
    [
      "nothing but the digest, where the login to the registry differs",
      { ...FIRST, "slipway:registry": { username: "v" } },
      "~slipway:image",
    ],
    [
      "nothing but the digest, where secrets come from other sources now",
      { ...FIRST, "slipway:secrets_from": [{ env: true }] },
      "~slipway:image",
    ],
  ])("is known without decrypting anything if no secret changes: %s", async (_what, now, changes) => {
    const { own, decrypted } = await past(FIRST, now);
    const restoration = await rewritingBy(restorationOf(target(FIRST), own), own);
    expect(describeChanges(restoration.changes)).toBe(changes);
    expect(decrypted).toEqual([]);
    const stay = Object.fromEntries(Object.entries(now).filter(([key]) => /:(?:registry|secrets_from)$/.test(key)));
    expect(restoration.hash).toBe(hashOf(read({ ...FIRST, ...PINNED, ...stay })));
  });

  it.each<[what: string, earlier: Config, now: Config, file?: string]>([
    ["a secret differs", FIRST, { ...FIRST, "slipway:secrets": { TOKEN: secure("second") } }],
    ["a secret was encrypted again", FIRST, { ...FIRST, "slipway:secrets": { TOKEN: secure("first", "2") } }],
    ["a secret was added", FIRST, { ...FIRST, "slipway:secrets": { TOKEN: secure("first"), KEY: secure("k") } }],
    ["a secret was removed", FIRST, { ...FIRST, "slipway:secrets": {} }],
    [
      "a key is encrypted as a whole",
      { ...FIRST, "slipway:env": secure('{"A":"1"}') },
      { ...FIRST, "slipway:env": secure('{"A":"1"}') },
    ],
    [
      "a number is written in another way",
      FIRST,
      FIRST,
      stringify({ config: FIRST }).replace("drain_timeout: 5", "drain_timeout: 05"),
    ],
    ["the file has what is a time for Pulumi", FIRST, FIRST, `${stringify({ config: FIRST })}  slipway:version: 2026-03-01\n`],
  ])("is asked of Pulumi when %s", async (_what, earlier, now, file) => {
    const { own, decrypted } = await past(earlier, now, file);
    const restoration = await rewritingBy(restorationOf(target(earlier), own), own);
    expect(decrypted.sort()).toEqual(["config", "history"]);
    expect(restoration.hash).toBeUndefined();
  });

  it("does not count a secret that was encrypted again as a change", async () => {
    const { own } = await past(FIRST, { ...FIRST, ...PINNED, "slipway:secrets": { TOKEN: secure("first", "2") } });
    expect((await rewritingBy(restorationOf(target(FIRST), own), own)).changes).toEqual([]);
    expect(await differsFrom(target({ ...FIRST }), own)).toBe(true);
  });

  it("is refused where the file does not have all of the config", async () => {
    const { own } = await past(FIRST, FIRST);
    const partial = { ...own, project: { ...own.project, hasConfig: true } };
    await expect(rewritingBy(restorationOf(target(FIRST), partial), partial)).rejects.toThrow(
      "does not contain all of its config",
    );
  });
});

describe("the image of an earlier release", () => {
  const pinned = (image: string) =>
    pinnedTo(target(FIRST), { "slipway:image": { value: image, secret: false } }, {})["slipway:image"]?.value;

  it.each([
    ["shop:1", `shop:1@${DIGEST}`],
    [`shop:1@sha256:${"0".repeat(64)}`, `shop:1@${DIGEST}`],
    ["file://dist/shop.tar", `file://dist/shop.tar@${DIGEST}`],
    ["file://node_modules/@acme/shop.tar#v2", `file://node_modules/@acme/shop.tar#v2@${DIGEST}`],
  ])("%s is written by its digest", (written, expected) => {
    expect(pinned(written)).toBe(expected);
  });
});

describe("a stack whose config is in Kamal's file", () => {
  const earlier = { "slipway:deploy_file": { value: "config/deploy.yml", secret: false } };

  it("goes back to an image with its version, which replace what that file builds", () => {
    expect(pinnedTo(target(FIRST), earlier, earlier)).toEqual({
      ...earlier,
      "slipway:image": { value: expect.stringMatching(/^[^@]+@sha256:/), secret: false },
      "slipway:version": { value: target(FIRST).version, secret: false },
    });
  });
});

describe("the images of roles of an earlier release", () => {
  const own = { version: "3f2a1b9", image: `slipway.invalid/shop-worker@${DIGEST}` };
  const pinned = (servers: unknown, images: Released["images"] = { worker: own }) => {
    const written = { "slipway:image": "shop:1", "slipway:servers": servers };
    return pinnedTo({ ...target(FIRST), images }, sealedValues(written), {})["slipway:servers"];
  };
  const [web, hosts] = [["203.0.113.10"], ["203.0.113.11"]];

  it("are written where these name or build them", () => {
    const servers = { web, worker: { hosts, builder: { context: "apps/worker" } } };
    const worker = { ...servers.worker, image: own.image, version: "3f2a1b9" };
    expect(pinned(servers)).toEqual({
      value: JSON.stringify({ web, worker }),
      objectValue: { web, worker },
      secret: false,
    });
    expect(pinned({ web, worker: { hosts, image: "ghcr.io/acme/worker:7" } })?.objectValue).toEqual({
      web,
      worker: { hosts, image: `ghcr.io/acme/worker:7@${DIGEST}` },
    });
  });

  it("leave servers without any as they are", () => {
    expect(pinned(web, undefined)).toEqual({ value: JSON.stringify(web), objectValue: web, secret: false });
    expect(pinned({ web, worker: hosts })?.objectValue).toEqual({ web, worker: hosts });
  });
});

describe("an encrypted config", () => {
  it("is recognized by the same hash as the decrypted one", () => {
    expect(hashOf(sealedValues(FIRST))).toBe(hashOf(read(FIRST)));
    const update = {
      kind: "update",
      result: "succeeded",
      startTime: new Date(0),
      endTime: new Date(0),
      config: sealedValues(FIRST),
    };
    expect(updateOf(target(FIRST), [update])).toBe(update);
  });
});
