import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { recipeFor } from "../../../../cli/promote/pin.ts";
import { describeChanges } from "../../../../cli/reconfigure/changes.ts";
import { inConfig } from "../../../../cli/reconfigure/config-file.ts";
import { rewritingBy } from "../../../../cli/reconfigure/rewriting.ts";
import type { Target } from "../../../../cli/reconfigure/target.ts";
import { edit } from "../../../../cli/reconfigure/yaml-edit.ts";
import type { ReleasedImages } from "../../../../core/release/named-image.ts";

const DIGEST = `sha256:${"9f".repeat(32)}`;
const BETWEEN = { from: "staging", stack: "production" };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-pin-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A stack with this file, of which no secret can be decrypted. */
async function targetWith(file: string): Promise<Target> {
  await writeFile(join(folder, "Pulumi.production.yaml"), file);
  return {
    project: { root: folder, name: "shop", backend: undefined, configFolder: folder, hasConfig: false },
    stack: "production",
    given: "production",
    folder,
    filePath: join(folder, "Pulumi.production.yaml"),
    checkpoint: { resources: [], isUnfinished: false },
    release: undefined,
    stored: undefined,
    shown: () => Promise.reject(new Error("nothing is decrypted")),
    stateNow: () => Promise.reject(new Error("not asked")),
  };
}

async function promoted(file: string, image: string, version: string, images?: ReleasedImages["images"]) {
  const { changes } = await rewritingBy(recipeFor({ image, version, images }, BETWEEN), await targetWith(file));
  return { said: describeChanges(changes), file: edit(file, changes.map(inConfig)) };
}

describe("what a promotion changes in the file of the stack that gets the release", () => {
  it("is the image by digest, and the version; comments, order and secrets stay", async () => {
    const file = [
      "# ours",
      "config:",
      "  slipway:service: shop",
      "  slipway:image: ghcr.io/acme/shop:1.4.1 # from CI",
      "  slipway:version: 1.4.1",
      "  slipway:secrets:",
      "    TOKEN:",
      "      secure: v1:abc",
      "",
    ].join("\n");
    expect(await promoted(file, `ghcr.io/acme/shop@${DIGEST}`, "1.4.2")).toEqual({
      said: "~slipway:image, ~slipway:version",
      file: file
        .replace("ghcr.io/acme/shop:1.4.1 #", `"ghcr.io/acme/shop@${DIGEST}" #`)
        .replace("version: 1.4.1", 'version: "1.4.2"'),
    });
  });

  it.each<[situation: string, config: Record<string, unknown>, image: string, version: string, said: string]>([
    [
      "a stack that builds its own gets both lines",
      { "slipway:builder": { context: "." } },
      `slipway.invalid/shop@${DIGEST}`,
      "3f2a1b9",
      "+slipway:image, +slipway:version",
    ],
    [
      "the image of another registry replaces it as a whole",
      { "slipway:image": "registry.example/shop:1@sha256:1" },
      `ghcr.io/acme/shop-staging@${DIGEST}`,
      "2",
      "~slipway:image, +slipway:version",
    ],
    [
      "the same release again changes nothing",
      { "slipway:image": `shop@${DIGEST}`, "slipway:version": "1.4.2" },
      `shop@${DIGEST}`,
      "1.4.2",
      "",
    ],
  ])("%s", async (_situation, config, image, version, said) => {
    const done = await promoted(stringify({ config }), image, version);
    expect(done.said).toBe(said);
    expect(done.file).toMatch(new RegExp(`slipway:image: "?${image}"?\n {2}slipway:version: "?${version}"?\n`));
  });

  it("has the own images of roles, each with its version, and nothing else of the roles", async () => {
    const servers = { web: ["203.0.113.10"], worker: { hosts: ["203.0.113.10"], builder: { context: "apps/worker" } } };
    const own = { worker: { version: "8a1b2c3", image: `slipway.invalid/shop-worker@${DIGEST}` } };
    const file = stringify({ config: { "slipway:builder": {}, "slipway:servers": servers } });
    const done = await promoted(file, `slipway.invalid/shop@${DIGEST}`, "3f2a1b9", own);
    expect(done.said).toBe("+slipway:image, +slipway:servers.worker.image, +slipway:servers.worker.version, +slipway:version");
    expect(parse(done.file).config["slipway:servers"]).toEqual({
      web: servers.web,
      worker: { ...servers.worker, image: own.worker.image, version: "8a1b2c3" },
    });
  });

  it("is refused where the target has an image of its own that the other stack has not", async () => {
    const worker = { hosts: ["203.0.113.10"], image: "ghcr.io/acme/worker:7" };
    const file = stringify({ config: { "slipway:image": "shop:1", "slipway:servers": { web: ["203.0.113.10"], worker } } });
    await expect(promoted(file, `shop@${DIGEST}`, "1")).rejects.toThrow(
      "production has an image of its own for worker, and staging has not, so that it would run two versions",
    );
  });

  it("is refused where the file does not have all of the config", async () => {
    const target = await targetWith("config: {}\nenvironment: [shared]\n");
    await expect(rewritingBy(recipeFor({ image: `shop@${DIGEST}`, version: "1" }, BETWEEN), target)).rejects.toThrow(
      "does not contain all of its config",
    );
  });
});
