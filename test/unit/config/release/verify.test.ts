import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aProject, problems, read, type Section } from "../fixture.ts";

const pem = (key: { export(options: { type: "spki"; format: "pem" }): string | Buffer }): string =>
  String(key.export({ type: "spki", format: "pem" }));
const KEY = pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
const ROOT = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}';
const WHO = { identity: "https://github.com/acme/shop/x@refs/heads/main", issuer: "https://token.actions.githubusercontent.com" };

const FILES = {
  "cosign.pub": KEY,
  "old.pub": pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey),
  "cosign.key": "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
  "ed25519.pub": pem(generateKeyPairSync("ed25519").publicKey),
  "p384.pub": pem(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey),
  "notes.txt": "hello",
  "trusted_root.json": ROOT,
};

const verified = (cosign: Section | undefined, more: Section = {}): Section => ({
  verify: cosign === undefined ? {} : { cosign },
  ...more,
});

describe("slipway:verify", () => {
  it("takes a key of the project, with which a log is not asked", () => {
    using project = aProject(FILES);
    expect(read(verified({ key: "cosign.pub" }), project).verify).toEqual({
      by: "key",
      keys: [{ name: "cosign.pub", pem: KEY }],
      root: undefined,
    });
  });

  it("takes several keys, and the text of one", () => {
    using project = aProject(FILES);
    const { verify } = read(verified({ key: [KEY, "old.pub"] }), project);
    expect(verify).toMatchObject({ keys: [{ name: "of slipway:verify", pem: KEY }, { name: "old.pub" }] });
  });

  it("takes a log beside a key", () => {
    using project = aProject(FILES);
    const config = verified({ key: "cosign.pub", transparency_log: true, trusted_root: "trusted_root.json" });
    expect(read(config, project).verify).toMatchObject({ by: "key", root: { name: "trusted_root.json", json: ROOT } });
  });

  it("takes an identity and its issuer, exactly or by regular expressions", () => {
    using project = aProject(FILES);
    const trusted_root = "trusted_root.json";
    expect(read(verified({ ...WHO, trusted_root }), project).verify).toMatchObject({
      by: "identity",
      identity: { kind: "exact", text: WHO.identity },
      issuer: { kind: "exact", text: WHO.issuer },
    });
    expect(read(verified({ identity_regexp: "^a", issuer_regexp: "b$", trusted_root }), project).verify).toMatchObject({
      identity: { kind: "pattern", pattern: "^a" },
      issuer: { kind: "pattern", pattern: "b$" },
    });
  });

  it("looks for no signature where it is left out", () => {
    expect(read().verify).toBeUndefined();
  });

  it("takes an image by digest beside a builder: nothing is built", () => {
    using project = aProject(FILES);
    const image = `ghcr.io/acme/shop:1.4.2@sha256:${"9f31".repeat(16)}`;
    expect(read(verified({ key: "cosign.pub" }, { image, builder: {} }), project).verify).toBeDefined();
  });

  const trusted_root = "trusted_root.json";
  it.each<readonly [string, Section, string]>([
    ["nothing", verified(undefined), "verify.cosign is required: { key }, or { identity, issuer, trusted_root }"],
    ["no one", verified({}), "verify.cosign who signs? Set key, or identity, issuer and trusted_root"],
    [
      "a key that is not there",
      verified({ key: "lost.pub" }),
      'verify.cosign.key the project has no file "lost.pub" that can be read',
    ],
    [
      "a private key",
      verified({ key: "cosign.key" }),
      "verify.cosign.key is a private key, which belongs to who signs alone: set the public one, cosign.pub",
    ],
    [
      "a file that is no key",
      verified({ key: ["cosign.pub", "notes.txt"] }),
      "verify.cosign.key[1] is not a public key in PEM format: -----BEGIN PUBLIC KEY-----",
    ],
    [
      "a key of a kind that cosign does not make",
      verified({ key: "ed25519.pub" }),
      "verify.cosign.key is neither a key on P-256, as cosign generate-key-pair makes it, nor RSA",
    ],
    [
      "a key on another curve",
      verified({ key: "p384.pub" }),
      "verify.cosign.key is neither a key on P-256, as cosign generate-key-pair makes it, nor RSA",
    ],
    [
      "a key and an issuer",
      verified({ key: "cosign.pub", issuer: WHO.issuer }),
      "verify.cosign.issuer is for signatures without a key: remove it, or key",
    ],
    [
      "an identity without an issuer",
      verified({ identity: WHO.identity, trusted_root }),
      "verify.cosign.issuer is required: who vouches for the identity, or issuer_regexp",
    ],
    [
      "an issuer without an identity",
      verified({ issuer: WHO.issuer, trusted_root }),
      "verify.cosign.identity is required: who signs, or identity_regexp",
    ],
    [
      "two identities",
      verified({ ...WHO, identity_regexp: "x", trusted_root }),
      "verify.cosign.identity_regexp contradicts identity: remove one of them",
    ],
    [
      "what is no regular expression",
      verified({ identity_regexp: "(", issuer: WHO.issuer, trusted_root }),
      'verify.cosign.identity_regexp "(" is not a regular expression',
    ],
    [
      "an identity without a trusted root",
      verified(WHO),
      "verify.cosign.trusted_root is required without a key: cosign trusted-root create --with-default-services --out trusted_root.json",
    ],
    [
      "a trusted root that is none",
      verified({ ...WHO, trusted_root: "notes.txt" }),
      'verify.cosign.trusted_root "notes.txt" is not a trusted root of Sigstore: cosign trusted-root create --with-default-services --out notes.txt',
    ],
    [
      "an identity without a log",
      verified({ ...WHO, trusted_root, transparency_log: false }),
      "verify.cosign.transparency_log has to be true without a key: only the log shows that a certificate was valid when it signed",
    ],
    [
      "a log without a trusted root",
      verified({ key: "cosign.pub", transparency_log: true }),
      "verify.cosign.trusted_root is required with transparency_log: the log's own key is in it",
    ],
    [
      "a trusted root that nothing uses",
      verified({ key: "cosign.pub", trusted_root }),
      "verify.cosign.trusted_root is used with transparency_log: true: set that, or remove it",
    ],
    [
      "an image in a file",
      verified({ key: "cosign.pub" }, { image: "file://dist/shop.tar" }),
      'verify "file://dist/shop.tar" is in no registry, where signatures are kept: remove verify, or push the image',
    ],
    [
      "an image of this machine's Docker",
      verified({ key: "cosign.pub" }, { image: "engine://shop:dev" }),
      'verify "engine://shop:dev" is in no registry, where signatures are kept: remove verify, or push the image',
    ],
    [
      "a canary in a file",
      verified({ key: "cosign.pub" }, { canary: { image: "file://dist/next.tar", percent: 10 }, proxy: { host: "a.example" } }),
      'verify "file://dist/next.tar" is in no registry, where signatures are kept: remove verify, or push the image',
    ],
    [
      "an image that is built",
      verified({ key: "cosign.pub" }, { image: "ghcr.io/acme/shop", builder: {} }),
      "verify slipway:builder makes the image in the run, before anyone could sign it: remove one of them; CI can push, sign and deploy the digest",
    ],
    [
      "an image that is built and pushed nowhere",
      verified({ key: "cosign.pub" }, { image: undefined, builder: {} }),
      "verify slipway:builder makes the image in the run, before anyone could sign it: remove one of them; CI can push, sign and deploy the digest",
    ],
  ])("refuses %s", (_what, config, problem) => {
    using project = aProject(FILES);
    expect(problems(config, project)).toEqual([`slipway:${problem}`]);
  });
});
