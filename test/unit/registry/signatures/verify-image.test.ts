import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Deadline } from "../../../../core/deadline.ts";
import { SlipwayError } from "../../../../core/error.ts";
import type { Trust } from "../../../../core/trust.ts";
import { verifyImage } from "../../../../registry/signatures/verify-image.ts";
import { MemoryRegistry, type MemoryRegistryOptions } from "./memory-registry.ts";
import { FORMS, type Form, keys, SIGNED } from "./signed.ts";

const LOGIN = { username: "ann", password: "canary-p4ssword" };

/** A registry with what one version of cosign has written. */
async function aRegistry(form: Form, options?: MemoryRegistryOptions) {
  const { repository, contents, image, moved } = SIGNED.repositories[form];
  const registry = await MemoryRegistry.start(options);
  registry.fill(repository, contents);
  return { registry, name: `${registry.server}/${repository}`, repository, image, moved };
}

async function refusal(image: string, digest: string, trust: Trust): Promise<string> {
  const thrown: unknown = await verifyImage(image, digest, trust, undefined, Deadline.in(5)).then(
    (by) => new Error(`was verified: ${JSON.stringify(by)}`),
    (error: unknown) => error,
  );
  if (!(thrown instanceof SlipwayError)) throw thrown;
  return thrown.message;
}

describe.each(FORMS)("a signature of cosign as a %s", (form) => {
  it("is trusted if it is with the key", async () => {
    const { registry, name, image } = await aRegistry(form);
    await using _ = registry;
    expect(await verifyImage(`${name}:1.4.2`, image.index, keys("ci"), undefined)).toEqual({ signed: "with the key ci.pub" });
  });

  it("is trusted with any one of several keys", async () => {
    const { registry, name, image } = await aRegistry(form);
    await using _ = registry;
    expect(await verifyImage(name, image.index, keys("stranger", "ci"), undefined)).toEqual({ signed: "with the key ci.pub" });
  });

  it("is not trusted if it is with another key; what is stated of the build is no signature", async () => {
    const { registry, name, moved } = await aRegistry(form);
    await using _ = registry;
    const message = await refusal(`${name}:1.4.3`, moved.index, keys("ci"));
    expect(message).toMatch(
      new RegExp(
        `^the image ${name}@${moved.index} does not have the signature that slipway:verify asks for
  \\| looked for: a signature with the key ci\\.pub
  \\| there is: sha256:[0-9a-f]{8}…, which is with another key
  serves now: what served before; nothing was changed
  next: sign it where it is built: cosign sign --key cosign\\.key ${name}@${moved.index}; `,
      ),
    );
    expect(await verifyImage(name, moved.index, keys("stranger"), undefined)).toEqual({ signed: "with the key stranger.pub" });
  });

  it("is not trusted where the tag has moved to an image without a signature", async () => {
    const { registry, name, repository, image } = await aRegistry(form);
    await using _ = registry;
    const other = registry.add(repository, { schemaVersion: 2, other: true }, "application/vnd.oci.image.index.v1+json", "1.4.2");
    expect(await refusal(`${name}:1.4.2`, other, keys("ci"))).toContain("\n  | there is: none\n");
    expect(await verifyImage(`${name}:1.4.2@${image.index}`, image.index, keys("ci"), undefined)).toBeDefined();
  });

  it("is not trusted for another image that it is attached to", async () => {
    const { registry, name, repository, image, moved } = await aRegistry(form);
    await using _ = registry;
    const { tags } = registry.contents(repository);
    for (const end of ["", ".sig"]) {
      const of = (digest: string) => `${digest.replace(":", "-")}${end}`;
      const there = tags[of(image.index)];
      if (there !== undefined) registry.tag(repository, of(moved.index), there);
    }
    expect(await refusal(name, moved.index, keys("ci"))).toContain(`which is of another image: ${image.index}`);
  });

  it("is not trusted where a byte of it was changed", async () => {
    const { registry, name, repository, image } = await aRegistry(form);
    await using _ = registry;
    const { blobs } = registry.contents(repository);
    const changed = Object.entries(blobs).map(([digest, text]) => [digest, `${text} `]);
    registry.fill(repository, { blobs: Object.fromEntries(changed) });
    expect(await refusal(name, image.index, keys("ci"))).toContain("the registry has something else under ");
  });

  it("of the index counts for a platform in it, where the tag says which index that is", async () => {
    const { registry, name, image } = await aRegistry(form);
    await using _ = registry;
    const [amd64] = image.manifests;
    expect(await verifyImage(`${name}:1.4.2@${amd64}`, amd64, keys("ci"), undefined)).toEqual({
      signed: "with the key ci.pub",
      index: image.index,
    });
    // The index of this tag does not list it, and without a tag no index exists to look at.
    for (const written of [`${name}:1.4.3@${amd64}`, `${name}:lost@${amd64}`, `${name}@${amd64}`])
      expect(await refusal(written, amd64, keys("ci"))).toContain("does not have the signature");
  });

  it("is read with the login, which is sent to no other registry", async () => {
    const { registry, name, image } = await aRegistry(form, { login: LOGIN });
    await using _ = registry;
    const login = { server: registry.server, ...LOGIN };
    expect(await verifyImage(name, image.index, keys("ci"), login)).toBeDefined();
    await expect(verifyImage(name, image.index, keys("ci"), { ...login, server: "ghcr.io" })).rejects.toThrow(
      "refused access without a login",
    );
  });

  it("with a key is not asked of a log, unless the config says so", async () => {
    const { registry, name, image } = await aRegistry(form);
    await using _ = registry;
    const root = { name: "trusted_root.json", json: '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' };
    const trust = { ...keys("ci"), root } as Trust;
    expect(await refusal(name, image.index, trust)).toContain("which does not hold: expected 1 tlog entries, got 0");
  });

  it("with a key has no identity", async () => {
    const { registry, name, image } = await aRegistry(form);
    await using _ = registry;
    const exact = (text: string) => ({ kind: "exact", text }) as const;
    const root = { name: "trusted_root.json", json: "{}" };
    const trust: Trust = { by: "identity", identity: exact("ci@acme.example"), issuer: exact("https://issuer.example"), root };
    const message = await refusal(name, image.index, trust);
    expect(message).toContain("looked for: a signature by ci@acme.example, whose identity is issued by https://issuer.example");
    expect(message).toContain("which is with a key, without an identity");
  });
});

it("is trusted with a key of RSA", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await using registry = await MemoryRegistry.start();
  const digest = registry.add("shop", { schemaVersion: 2 }, "application/vnd.oci.image.manifest.v1+json");
  const critical = { image: { "docker-manifest-digest": digest }, type: "cosign container image signature" };
  const payload = JSON.stringify({ critical });
  const at = `sha256:${createHash("sha256").update(payload).digest("hex")}`;
  const signature = sign("sha256", Buffer.from(payload), privateKey).toString("base64");
  const layer = {
    mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
    digest: at,
    annotations: { "dev.cosignproject.cosign/signature": signature },
  };
  registry.fill("shop", { blobs: { [at]: payload } });
  registry.add("shop", { layers: [layer] }, "application/vnd.oci.image.manifest.v1+json", `${digest.replace(":", "-")}.sig`);
  const pem = String(publicKey.export({ type: "spki", format: "pem" }));
  const trust: Trust = { by: "key", keys: [{ name: "rsa.pub", pem }], root: undefined };
  expect(await verifyImage(`${registry.server}/shop`, digest, trust, undefined)).toEqual({ signed: "with the key rsa.pub" });
});

it("is found where the registry itself lists what refers to an image", async () => {
  const { registry, name, repository, image } = await aRegistry("bundle", { referrers: true });
  await using _ = registry;
  registry.tag(repository, image.index.replace(":", "-"), "sha256:gone");
  expect(await verifyImage(name, image.index, keys("ci"), undefined)).toEqual({ signed: "with the key ci.pub" });
});

it("takes six requests at most, and none twice", async () => {
  const { registry, name, image } = await aRegistry("bundle", { referrers: true });
  await using _ = registry;
  await verifyImage(name, image.index, keys("ci"), undefined);
  expect(registry.asked.length).toBeLessThanOrEqual(6);
  expect(new Set(registry.asked).size).toBe(registry.asked.length);
});

it("refuses a repository in which someone has put signatures without end", async () => {
  const { registry, name, repository, image } = await aRegistry("bundle");
  await using _ = registry;
  const manifests = Array.from({ length: 51 }, (_one, nth) => ({ digest: `sha256:${String(nth).padStart(64, "0")}` }));
  registry.add(repository, { manifests }, "application/vnd.oci.image.index.v1+json", image.index.replace(":", "-"));
  expect(await refusal(name, image.index, keys("ci"))).toContain("more than 50 signatures refer to it");
});

it("does not take a registry that fails for one without signatures", async () => {
  const thrown = verifyImage("127.0.0.1:1/acme/shop", `sha256:${"9f31".repeat(16)}`, keys("ci"), undefined, Deadline.in(1));
  await expect(thrown).rejects.toMatchObject({ story: { code: "REGISTRY_UNREACHABLE" } });
});
