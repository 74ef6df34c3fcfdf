// Of the lab itself.
// @module-tag long
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { type BuildkitImage, buildkitImage } from "../../lab/buildkit.ts";
import { nodeImage } from "../../lab/node.ts";
import { BuildingOperator } from "../support/building-operator.ts";

const NAME = "own";

const operator = new BuildingOperator("classic");
let image: BuildkitImage;
beforeAll(async () => {
  const { lab, docker, host } = operator.now;
  image = await buildkitImage(lab.registry);
  // As a child of the host's own group its memory counts as the host's, and goes with the host.
  const options = [`image=${image.ref}`, `cgroup-parent=/slipway-lab/${host.name}`].flatMap((option) => ["--driver-opt", option]);
  const made = await docker.run(["buildx", "create", "--name", NAME, "--driver", "docker-container", ...options, "--bootstrap"]);
  expect(made).toMatchObject({ code: 0 });
}, 1_800_000);

const build = (...args: readonly string[]) => operator.build("--builder", NAME, ...args);

it("is the lab's BuildKit, in a container of the operator's engine", async () => {
  const { docker, host } = operator.now;
  expect((await docker.run(["buildx", "inspect", NAME])).stdout).toMatch(
    new RegExp(`^BuildKit version: +${image.version}$`, "m"),
  );
  const running = await host.docker.listContainers();
  expect(running.map(({ Names }) => Names)).toEqual([[`/buildx_buildkit_${NAME}0`]]);
});

it("runs steps on an image of the lab's registry, and pushes to it", async () => {
  const { server } = operator.now.lab.registry;
  const { ref } = await nodeImage(operator.now.lab.registry, "24-slim");
  const context = await operator.context("pushed", `FROM ${ref}\nCOPY hello.txt /srv/\nRUN cat /srv/hello.txt\n`);
  const built = await build("--push", "-t", `${server}/built/pushed:1`, context);
  expect(built).toMatchObject({ code: 0, stderr: expect.stringMatching(/^#\d+ [\d.]+ hello from pushed$/m) });
  expect(await operator.now.lab.registry.call("/v2/built/pushed/tags/list")).toMatchObject({ status: 200 });
});

it("writes an OCI layout for two CPUs, which the engine's classic store cannot", async () => {
  const folder = operator.path("layout");
  const context = await operator.context("two", "FROM scratch\nCOPY hello.txt /\n");
  const both = ["--platform", "linux/amd64,linux/arm64", "--output", `type=oci,tar=false,dest=${folder}`];
  expect(await build(...both, context)).toMatchObject({ code: 0 });
  const blob = async (digest: string) => JSON.parse(await readFile(join(folder, "blobs", ...digest.split(":")), "utf8"));
  const { manifests } = JSON.parse(await readFile(join(folder, "index.json"), "utf8"));
  const index = await blob(manifests[0].digest);
  const images = index.manifests.map((entry: { platform: { architecture: string } }) => entry.platform.architecture);
  expect(images).toEqual(expect.arrayContaining(["amd64", "arm64"]));
});
