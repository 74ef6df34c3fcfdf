import { describe, expect, it } from "vitest";
import { type Build, buildArguments } from "../../../../builder/buildx/arguments.ts";
import type { Builder } from "../../../../core/builder.ts";

const builder: Builder = { context: ".", args: {}, secrets: [], platforms: [], provenance: "false", sbom: "false" };
const build: Build = {
  builder,
  context: "/project",
  dockerfile: "/project/Dockerfile",
  output: { to: "layout", folder: "/cache/layout" },
  instance: undefined,
  platforms: ["linux/amd64"],
  metadata: "/cache/metadata.json",
};

const of = (over: Partial<Builder>, rest: Partial<Build> = {}) =>
  buildArguments({ ...build, ...rest, builder: { ...builder, ...over } }).join(" ");

describe("the arguments of a build", () => {
  it("are as few as it needs", () => {
    expect(buildArguments(build)).toEqual([
      ...["buildx", "build", "--progress", "plain", "--metadata-file", "/cache/metadata.json"],
      ...["--platform", "linux/amd64", "--file", "/project/Dockerfile"],
      ...["--provenance", "false", "--sbom", "false", "--output", 'type=oci,tar=false,"dest=/cache/layout"', "/project"],
    ]);
  });

  it.each<[string, Partial<Builder>, string]>([
    ["target", { target: "production" }, "--target production"],
    ["args, a value of which is one argument", { args: { A: "1", B: "x y" } }, "--build-arg A=1 --build-arg B=x y"],
    ["ssh", { ssh: "default" }, "--ssh default"],
    [
      "a cache in a registry",
      { cache: { type: "registry", image: "r.io/c", options: "mode=max" } },
      "--cache-from type=registry,ref=r.io/c --cache-to type=registry,ref=r.io/c,mode=max",
    ],
    ["the cache of GitHub", { cache: { type: "gha" } }, "--cache-from type=gha --cache-to type=gha"],
    ["provenance and sbom", { provenance: "mode=max", sbom: "true" }, "--provenance mode=max --sbom true"],
  ])("have %s", (_, over, expected) => {
    expect(of(over)).toContain(` ${expected} `);
  });

  it("never have the value of a secret", () => {
    expect(of({ secrets: ["NPM_TOKEN"] })).toContain("--secret id=NPM_TOKEN,env=SLIPWAY_BUILD_SECRET_NPM_TOKEN");
  });

  it("name the image that stays in an engine, which keeps no statements about it", () => {
    const args = of({}, { output: { to: "engine", name: "slipway.invalid/shop:built" } });
    expect(args).toContain("--output type=docker --tag slipway.invalid/shop:built");
    expect(args).not.toMatch(/provenance|sbom/);
  });

  it("may have a folder with commas and quotes", () => {
    expect(buildArguments({ ...build, output: { to: "layout", folder: '/a,b"c' } })).toContain(
      'type=oci,tar=false,"dest=/a,b""c"',
    );
  });
});
