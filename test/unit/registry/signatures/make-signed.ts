import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../../../lab/command.ts";
import { type CosignSuite, cosign } from "../../../../lab/cosign.ts";
import { MemoryRegistry } from "./memory-registry.ts";

/*
 * Makes signed.json: what real versions of cosign write to a registry. Run it by hand when a new version of cosign writes something
 * else: node test/unit/registry/signatures/make-signed.ts
 */

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const EMPTY = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/** An image for two platforms. Returns the digests of its index and of its manifests. */
function push(registry: MemoryRegistry, repository: string, version: string) {
  const manifests = ["amd64", "arm64"].map((architecture) => {
    const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: EMPTY, size: 2 };
    const manifest = { schemaVersion: 2, mediaType: MANIFEST, config, layers: [], annotations: { version, architecture } };
    const digest = registry.add(repository, manifest, MANIFEST);
    const size = JSON.stringify(manifest).length;
    return { mediaType: MANIFEST, digest, size, platform: { os: "linux", architecture } };
  });
  registry.fill(repository, { blobs: { [EMPTY]: "{}" } });
  const index = registry.add(repository, { schemaVersion: 2, mediaType: INDEX, manifests }, INDEX, version);
  return { index, manifests: manifests.map(({ digest }) => digest) };
}

const at = await mkdtemp(join(tmpdir(), "slipway-signed-"));
await using registry = await MemoryRegistry.start();
const env = { ...process.env, HOME: at, COSIGN_PASSWORD: "canary", COSIGN_YES: "true" };
const run = async (suite: CosignSuite, ...args: string[]) =>
  command([await cosign(suite), ...args], { env, cwd: at, timeout: 60 });

const FLAGS: Readonly<Record<CosignSuite, readonly string[]>> = {
  trixie: ["--tlog-upload=false"],
  forky: ["--use-signing-config=false", "--tlog-upload=false"],
};

try {
  const keys: Record<string, string> = {};
  for (const name of ["ci", "stranger"]) {
    await run("trixie", "generate-key-pair", "--output-key-prefix", name);
    keys[name] = await readFile(join(at, `${name}.pub`), "utf8");
  }
  await writeFile(join(at, "provenance.json"), JSON.stringify({ builder: { id: "https://ci.example" } }));
  const repositories: Record<string, unknown> = {};
  for (const [suite, form] of [
    ["trixie", "tag"],
    ["forky", "bundle"],
  ] as const) {
    const repository = `acme/${form}`;
    const image = push(registry, repository, "1.4.2");
    const moved = push(registry, repository, "1.4.3");
    const name = `${registry.server}/${repository}`;
    await run(suite, "sign", "--key", "ci.key", ...FLAGS[suite], `${name}@${image.index}`);
    // Signed by another key, and stated to be built in some way by the right one: neither is a signature of CI.
    await run(suite, "sign", "--key", "stranger.key", ...FLAGS[suite], `${name}@${moved.index}`);
    await run(
      suite,
      "attest",
      "--key",
      "ci.key",
      "--type",
      "https://example.com/built/v1",
      "--predicate",
      "provenance.json",
      ...FLAGS[suite],
      `${name}@${moved.index}`,
    );
    repositories[form] = { repository, image, moved, contents: registry.contents(repository) };
  }
  await writeFile(join(import.meta.dirname, "signed.json"), `${JSON.stringify({ keys, repositories }, undefined, 1)}\n`);
} finally {
  await rm(at, { recursive: true, force: true });
}
