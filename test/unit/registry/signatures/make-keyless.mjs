import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/*
 * Makes keyless.json: signatures by identities, in both forms in which cosign keeps them, with a certificate authority and a log of our
 * own. Run it by hand, after `npm install --no-save @sigstore/mock@0.13.0`: node test/unit/registry/signatures/make-keyless.mjs
 */
const { initializeCA, initializeCTLog, initializeTLog } = createRequire(import.meta.url)(
  process.env.SIGSTORE_MOCK ?? "@sigstore/mock",
);

const ISSUER = "https://token.actions.githubusercontent.com";
const OURS = "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main";
const THEIRS = "https://github.com/stranger/shop/.github/workflows/release.yml@refs/heads/main";

const { repositories } = JSON.parse(readFileSync(join(import.meta.dirname, "signed.json"), "utf8"));
const P256 = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const now = new Date();
const REKOR = "https://rekor.example";
const ctLog = await initializeCTLog(P256(), now);
const [ca, foreign] = [await initializeCA(P256(), ctLog, now), await initializeCA(P256(), ctLog, now)];
const tlog = await initializeTLog(REKOR, P256(), now);

const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const digestOf = (text) => `sha256:${sha256(text).toString("hex")}`;
const pemOf = (der) => `-----BEGIN CERTIFICATE-----\n${base64(der).replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;

async function signer(identity, authority) {
  const { publicKey, privateKey } = P256();
  const extensions = [{ oid: "1.3.6.1.4.1.57264.1.8", value: ISSUER }];
  const der = publicKey.export({ format: "der", type: "spki" });
  const certificate = await authority.issueCertificate({ publicKey: der, subjectAltName: identity, extensions });
  return { certificate: Buffer.from(certificate), sign: (bytes) => sign("sha256", bytes, privateKey) };
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Under the tag, as of cosign 2. */
async function tagged(digest, who) {
  const claim = {
    identity: { "docker-reference": "" },
    image: { "docker-manifest-digest": digest },
    type: "cosign container image signature",
  };
  const payload = JSON.stringify({ critical: claim, optional: null });
  const signature = who.sign(Buffer.from(payload));
  const entry = {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value: sha256(payload).toString("hex") } },
      signature: { content: base64(signature), publicKey: { content: base64(pemOf(who.certificate)) } },
    },
  };
  const [logged] = Object.values(await tlog.log(entry));
  const { body, integratedTime, logIndex, logID, verification } = logged;
  const bundle = { SignedEntryTimestamp: verification.signedEntryTimestamp, Payload: { body, integratedTime, logIndex, logID } };
  const annotations = {
    "dev.cosignproject.cosign/signature": base64(signature),
    "dev.sigstore.cosign/certificate": pemOf(who.certificate),
    "dev.sigstore.cosign/bundle": JSON.stringify(bundle),
  };
  const mediaType = "application/vnd.dev.cosign.simplesigning.v1+json";
  const layer = { mediaType, digest: digestOf(payload), size: payload.length, annotations };
  const text = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers: [layer] });
  return {
    tag: `${digest.replace(":", "-")}.sig`,
    manifests: { [digestOf(text)]: { type: MANIFEST, text } },
    top: digestOf(text),
    blobs: { [digestOf(payload)]: payload },
  };
}

/** As a bundle that refers to the image, as of cosign 3. */
async function bundled(digest, who) {
  const subject = [{ digest: { sha256: digest.slice("sha256:".length) } }];
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject,
    predicateType: "https://sigstore.dev/cosign/sign/v1",
    predicate: {},
  };
  const [payload, payloadType] = [JSON.stringify(statement), "application/vnd.in-toto+json"];
  const signature = who.sign(Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} ${payload}`));
  const entry = {
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      payloadHash: { algorithm: "sha256", value: sha256(payload).toString("hex") },
      signatures: [{ signature: base64(signature), verifier: base64(pemOf(who.certificate)) }],
    },
  };
  const [logged] = Object.values(await tlog.log(entry));
  const { inclusionProof: proof, signedEntryTimestamp } = logged.verification;
  const json = JSON.stringify({
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      certificate: { rawBytes: base64(who.certificate) },
      tlogEntries: [
        {
          logIndex: String(logged.logIndex),
          logId: { keyId: base64(Buffer.from(logged.logID, "hex")) },
          kindVersion: { kind: "dsse", version: "0.0.1" },
          integratedTime: String(logged.integratedTime),
          inclusionPromise: { signedEntryTimestamp },
          inclusionProof: {
            logIndex: String(proof.logIndex),
            rootHash: base64(Buffer.from(proof.rootHash, "hex")),
            treeSize: String(proof.treeSize),
            hashes: [],
            checkpoint: { envelope: proof.checkpoint },
          },
          canonicalizedBody: logged.body,
        },
      ],
    },
    dsseEnvelope: { payload: base64(payload), payloadType, signatures: [{ sig: base64(signature) }] },
  });
  const layer = { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", digest: digestOf(json), size: json.length };
  const text = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers: [layer], subject: { digest } });
  const index = JSON.stringify({
    schemaVersion: 2,
    manifests: [{ mediaType: MANIFEST, digest: digestOf(text), size: text.length }],
  });
  const manifests = {
    [digestOf(text)]: { type: MANIFEST, text },
    [digestOf(index)]: { type: "application/vnd.oci.image.index.v1+json", text: index },
  };
  return { tag: digest.replace(":", "-"), manifests, top: digestOf(index), blobs: { [digestOf(json)]: json } };
}

const day = 24 * 3600 * 1000;
const validFor = { start: new Date(now.getTime() - day).toISOString() };
const log = (baseUrl, publicKey, keyId) => ({
  baseUrl,
  hashAlgorithm: "SHA2_256",
  publicKey: { rawBytes: base64(publicKey), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
  logId: { keyId: base64(keyId) },
});
const root = {
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  tlogs: [log(REKOR, tlog.publicKey, sha256(tlog.publicKey))],
  certificateAuthorities: [
    { uri: "https://fulcio.example", certChain: { certificates: [{ rawBytes: base64(ca.rootCertificate) }] }, validFor },
  ],
  ctlogs: [log("https://ct.example", ctLog.publicKey, ctLog.logID)],
  timestampAuthorities: [],
};

const made = {};
for (const [form, make] of [
  ["tag", tagged],
  ["bundle", bundled],
]) {
  const { image, moved } = repositories[form];
  const all = await Promise.all([
    make(image.index, await signer(OURS, ca)),
    make(moved.index, await signer(THEIRS, ca)),
    // The right name, in a certificate of an authority that nobody trusts.
    make(image.manifests[0], await signer(OURS, foreign)),
  ]);
  made[form] = {
    manifests: Object.assign({}, ...all.map(({ manifests }) => manifests)),
    tags: Object.fromEntries(all.map(({ tag, top }) => [tag, top])),
    blobs: Object.assign({}, ...all.map(({ blobs }) => blobs)),
  };
}
writeFileSync(join(import.meta.dirname, "keyless.json"), `${JSON.stringify({ root, ...made }, undefined, 1)}\n`);
