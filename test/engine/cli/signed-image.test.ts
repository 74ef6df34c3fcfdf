import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseReference } from "../../../core/image-reference.ts";
import { command } from "../../../lab/command.ts";
import { type CosignSuite, cosign } from "../../../lab/cosign.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf, LabStack } from "../../../lab/stack.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { type Said, slipway } from "../../support/slipway.ts";
import { answerOf } from "../../support/visitors.ts";

/** Who signs images in the lab's registry: real cosign, with its login and behind its CA. */
class Signer implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #folder: string;

  private constructor(lab: Lab, folder: string) {
    this.#lab = lab;
    this.#folder = folder;
  }

  static async create(lab: Lab): Promise<Signer> {
    const { server, username, password } = lab.registry;
    const signer = new Signer(lab, await mkdtemp(join(tmpdir(), "slipway-signer-")));
    const auths = { [server]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } };
    await writeFile(join(signer.#folder, "config.json"), JSON.stringify({ auths }), { mode: 0o600 });
    for (const name of ["ci", "stranger"]) await signer.#run("trixie", "generate-key-pair", "--output-key-prefix", name);
    return signer;
  }

  publicKey(name: string): Promise<string> {
    return readFile(join(this.#folder, `${name}.pub`), "utf8");
  }

  async sign(suite: CosignSuite, key: string, image: string): Promise<void> {
    const flags = suite === "forky" ? ["--use-signing-config=false"] : [];
    await this.#run(suite, "sign", "--key", `${key}.key`, "--tlog-upload=false", ...flags, image);
  }

  async #run(suite: CosignSuite, ...args: string[]): Promise<void> {
    const own = { HOME: this.#folder, DOCKER_CONFIG: this.#folder, SSL_CERT_FILE: this.#lab.registry.ca };
    const env = { ...process.env, ...own, COSIGN_PASSWORD: "canary", COSIGN_YES: "true" };
    await command([await cosign(suite), ...args], { env, cwd: this.#folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

describe("a stack whose images have to be signed", { tags: "long" }, () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let signer: Signer;
  const images: Record<string, string> = {};

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    signer = await Signer.create(lab);
    // Of this run alone: signatures stay in the lab's registry.
    const run = randomUUID();
    for (const tag of ["v1", "v2"]) images[tag] = await pinnedImage(lab, tag, { RUN: run });
    await signer.sign("forky", "ci", images.v1 ?? "");
    const verify = { cosign: { key: await signer.publicKey("ci") } };
    const servers = { web: { hosts: addressesOf([host]) } };
    stack = await LabStack.create(lab, { image: images.v1, version: "v1", verify, servers });
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await signer[Symbol.asyncDispose]();
  });

  const digestOf = (tag: string): string => images[tag]?.split("@")[1] ?? "";
  const all = ({ stdout, stderr }: Said): string => stdout + stderr;

  /** Whether the host has the image. */
  async function isThere(tag: string): Promise<boolean> {
    const there = (await host.docker.listImages()).flatMap(({ RepoDigests }) => RepoDigests ?? []);
    return there.some((digest) => digest.endsWith(digestOf(tag)));
  }

  /** A deploy that is refused, and what it has changed. */
  async function refusedDeploy(): Promise<{ said: string; changed: unknown }> {
    let said = "";
    const changed = await mutationsDuring([host], async () => {
      const outcome = await slipway(stack, "deploy");
      said = all(outcome);
      expect(outcome.code, said).toBe(1);
    });
    return { said, changed };
  }

  it("releases one that is signed with the key, and says so in the plan", async () => {
    const preview = await slipway(stack, "deploy", "--preview");
    expect(all(preview)).toContain(`verified ${digestOf("v1").slice(0, 15)}…: signed with the key of slipway:verify`);
    const outcome = await slipway(stack, "deploy");
    expect(outcome.code, all(outcome)).toBe(0);
    expect(await answerOf(host)).toBe("v1");
  });

  it("refuses one without a signature, before anything is changed or pulled, also beside other changes", async () => {
    const accessories = { side: { image: images.v1, host: host.name } };
    await stack.configure({ image: images.v2, version: "v2", accessories });
    const { said, changed } = await refusedDeploy();
    expect(said).toContain(`${digestOf("v2")} does not have the signature that slipway:verify asks for`);
    expect(said).toMatch(/looked for: a signature with the key of slipway:verify\n\s+\| there is: none\n/);
    expect(changed).toEqual(nothingOn([host]));
    expect(await isThere("v2")).toBe(false);
    expect(await answerOf(host)).toBe("v1");
    await stack.configure({ accessories: undefined });
  });

  it("refuses one that a stranger has signed", async () => {
    await signer.sign("trixie", "stranger", images.v2 ?? "");
    const { said, changed } = await refusedDeploy();
    expect(said).toContain("which is with another key");
    expect(changed).toEqual(nothingOn([host]));
  });

  it("releases it once CI has signed it as well, with the older cosign", async () => {
    await signer.sign("trixie", "ci", images.v2 ?? "");
    const outcome = await slipway(stack, "deploy");
    expect(outcome.code, all(outcome)).toBe(0);
    expect(await answerOf(host)).toBe("v2");
  });

  it("has nothing to deploy where nothing has changed, whatever the registry has then; a rollback is verified", async () => {
    const { repository } = parseReference(images.v1 ?? "");
    const tag = digestOf("v1").replace(":", "-");
    const type = "application/vnd.oci.image.index.v1+json";
    const body = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [] });
    const lost = await lab.registry.call(`/v2/${repository}/manifests/${tag}`, { method: "PUT", type, body });
    expect(lost.status, lost.body).toBe(201);
    expect(await slipway(stack, "deploy")).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to do") });

    const changed = await mutationsDuring([host], async () => {
      const outcome = await slipway(stack, "rollback", "--yes");
      expect(outcome.code, all(outcome)).not.toBe(0);
      expect(all(outcome)).toContain(`${digestOf("v1")} does not have the signature`);
    });
    expect(changed).toEqual(nothingOn([host]));
    await signer.sign("trixie", "ci", images.v1 ?? "");
    const outcome = await slipway(stack, "rollback", "--yes");
    expect(outcome.code, all(outcome)).toBe(0);
    expect(await answerOf(host)).toBe("v1");
  });
});
