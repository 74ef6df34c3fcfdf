import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { loggedIn } from "../../../builder/docker-login.ts";
import { Registry } from "../../../core/registry.ts";
import { command } from "../../command.ts";
import { equal } from "../diff.ts";
import type { Kind } from "../kind.ts";
import type { Props } from "../values.ts";

const Inputs = z.object({
  imageName: z.string(),
  registry: Registry.optional(),
  build: z.object({
    context: z.string(),
    dockerfile: z.string(),
    args: z.record(z.string(), z.string()).default({}),
    target: z.string().optional(),
    platform: z.string(),
  }),
});

const Metadata = z.object({ "containerimage.digest": z.string() });

const SAME = { same: equal };

/** Builds with what is known of its inputs; what the component does not use is refused. */
export const image: Kind = {
  properties: { imageName: {}, registry: SAME, build: SAME, skipPush: {}, buildOnPreview: {} },
  outputs: ["repoDigest"],
  renews: true,
  // As the real one does, so that changed files are a change of an input.
  check: async (inputs) => {
    const { build } = Inputs.parse(inputs);
    return { ...inputs, build: { ...build, contextDigest: await digestOf(build.context) } };
  },
  create: async (inputs) => ({ id: String(inputs.imageName), outputs: await pushed(inputs) }),
  // A lost image is not noticed.
  read: async (_, known) => known,
  update: async (_, inputs) => pushed(inputs),
  delete: async () => {},
};

async function pushed(inputs: Props): Promise<Props> {
  const { imageName, registry, build } = Inputs.parse(inputs);
  const folder = await mkdtemp(join(tmpdir(), "lab-docker-"));
  try {
    const metadata = join(folder, "metadata.json");
    const env = registry === undefined ? process.env : await loggedIn(registry, process.env, join(folder, "config"));
    const args = Object.entries(build.args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const target = build.target === undefined ? [] : ["--target", build.target];
    await command(
      [
        "docker",
        ...["buildx", "build", "--push", "--provenance", "false", "--metadata-file", metadata, "--tag", imageName],
        ...["--platform", build.platform, "--file", build.dockerfile, ...args, ...target, build.context],
      ],
      { env, timeout: 120 },
    );
    const digest = Metadata.parse(JSON.parse(await readFile(metadata, "utf8")))["containerimage.digest"];
    return { repoDigest: `${imageName.replace(/:[^/:]*$/, "")}@${digest}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(file).update(await readFile(file));
  return hash.digest("hex");
}
