import { describe, expect, it } from "vitest";
import { problems, read } from "../fixture.ts";
import { describeRefusals } from "../refusals.ts";

const built = (builder: unknown, more = {}) => ({ image: undefined, builder, ...more });

describe("a builder", () => {
  it("needs no key, and no image: no registry has what it builds", () => {
    const { image, builder } = read(built({}));
    expect(image).toBe("slipway.invalid/shop");
    expect(builder).toEqual({
      context: ".",
      args: {},
      secrets: [],
      platforms: [],
      provenance: "false",
      sbom: "false",
    });
  });

  it("has all that is written", () => {
    const written = {
      context: "apps/shop",
      dockerfile: "docker/shop.Dockerfile",
      target: "production",
      args: { RUBY: 3, DEBUG: false },
      secrets: ["NPM_TOKEN"],
      ssh: "default",
      clean: "commit",
      arch: ["amd64", "arm64"],
      remote: "ssh://build@198.51.100.7",
      cache: { type: "registry", image: "ghcr.io/acme/cache", options: "mode=max" },
      provenance: "mode=max",
      sbom: true,
    };
    expect(read(built(written, { secrets: { NPM_TOKEN: "x" } })).builder).toEqual({
      ...written,
      args: { RUBY: "3", DEBUG: "false" },
      platforms: ["linux/amd64", "linux/arm64"],
      sbom: "true",
      arch: undefined,
    });
  });

  it("builds the folder unless it is asked for the commit", () => {
    expect(read(built({ clean: false })).builder).not.toHaveProperty("clean");
    expect(read(built({ clean: true })).builder?.clean).toBe(true);
    expect(problems(built({ clean: "always" }))).not.toEqual([]);
  });

  it("builds nothing where the image is written by digest", () => {
    const image = `slipway.invalid/shop@sha256:${"9".repeat(64)}`;
    expect(read({ builder: {}, image })).toMatchObject({ builder: undefined, image });
  });

  it("leaves an image of the store as it is where another registry has a login", () => {
    const registry = { username: "shop", password: ["P"], server: "ghcr.io" };
    expect(read(built({}, { registry, secrets: { P: "x" } })).image).toBe("slipway.invalid/shop");
  });

  it("is one word for a CPU or a list", () => {
    expect(read(built({ arch: "arm64" })).builder?.platforms).toEqual(["linux/arm64"]);
    expect(problems(built({ arch: [] }))).not.toEqual([]);
  });
});

describeRefusals("builder", [
  [
    "refuses a context that is no folder",
    built({ context: "https://github.com/acme/shop.git" }),
    "builder.context should be a folder of the project: a build is compared with its files",
  ],
  [
    "refuses a CPU that it cannot build for",
    built({ arch: ["amd64", "riscv"] }),
    'builder.arch "riscv" is not supported: amd64, arm64, or both',
  ],
  [
    "refuses a secret that is not set",
    built({ secrets: ["NPM_TOKEN"] }),
    "builder.secrets[0] NPM_TOKEN is not set: pulumi config set --secret --path 'slipway:secrets.NPM_TOKEN'",
  ],
  [
    "refuses the name of an ARG that is none",
    built({ args: { "a b": "x" } }),
    'builder.args["a b"] should be the name of an ARG: letters, digits and _',
  ],
  ["refuses a remote that is not SSH", built({ remote: "tcp://198.51.100.7" }), "builder.remote should be ssh://user@host"],
  [
    "refuses two places at once",
    built({ remote: "ssh://b@198.51.100.7", driver: "docker" }),
    "builder.driver docker builds on this machine: remove it, or remote",
  ],
  [
    "refuses a cache without an image",
    built({ cache: { type: "registry" } }),
    "builder.cache.image is required: the image of the cache",
  ],
  [
    "refuses the image of a cache that has none",
    built({ cache: { type: "gha", image: "x/y" } }),
    "builder.cache.image is for the type registry",
  ],
  [
    "says why a key of Kamal is not needed",
    built({ local: true }),
    "builder.local is not needed: the machine of remote builds for every CPU",
  ],
  [
    "says what to do for a key of Kamal",
    built({ pack: {} }),
    "builder.pack not supported: build by `pack build` in CI, and write that image with its tag, without builder",
  ],
  [
    "refuses an image with a tag",
    { image: "ghcr.io/acme/shop:1", builder: {} },
    "image has a tag, and slipway:builder builds the image: remove the tag; slipway:version names the release",
  ],
  [
    "refuses a file",
    { image: "file://shop.tar", builder: {} },
    "image is a file, and slipway:builder builds the image: remove one of them",
  ],
  [
    "refuses @pulumi/docker without a registry",
    built({ with: "@pulumi/docker", arch: "amd64" }),
    "builder.with @pulumi/docker pushes what it builds: set slipway:image to the image in a registry, without a tag",
  ],
  [
    "refuses @pulumi/docker without a CPU",
    { image: "ghcr.io/acme/shop", builder: { with: "@pulumi/docker" } },
    "builder.arch is required with @pulumi/docker: one of amd64, arm64",
  ],
  [
    "refuses what @pulumi/docker does not know",
    { image: "ghcr.io/acme/shop", builder: { with: "@pulumi/docker", arch: "amd64", ssh: "default" } },
    "builder.ssh is not known to @pulumi/docker: remove it, or with",
  ],
  [
    "refuses @pulumi/docker for a commit",
    { image: "ghcr.io/acme/shop", builder: { with: "@pulumi/docker", arch: "amd64", clean: true } },
    "builder.clean is not known to @pulumi/docker: remove it, or with",
  ],
  ...["", `@sha256:${"9f31".repeat(16)}`].map(
    (digest) =>
      [
        `refuses an image of the engine${digest === "" ? "" : ", also one with a digest"}`,
        { image: `engine://shop:dev${digest}`, builder: {} },
        "image is built already, and slipway:builder builds the image: remove one of them",
      ] as const,
  ),
]);
