import { describe, expect, it } from "vitest";
import { absoluteImage, loginFor, parseReference, pinned, repositoryName } from "../../../core/image-reference.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;

describe("an image reference", () => {
  type Row = readonly [
    written: string,
    registry: string,
    repository: string,
    tag: string | undefined,
    digest: string | undefined,
  ];
  const table: readonly Row[] = [
    ["shop", "docker.io", "library/shop", undefined, undefined],
    ["shop:1.4.2", "docker.io", "library/shop", "1.4.2", undefined],
    ["acme/shop", "docker.io", "acme/shop", undefined, undefined],
    ["docker.io/shop", "docker.io", "library/shop", undefined, undefined],
    ["docker.io/acme/shop:v1", "docker.io", "acme/shop", "v1", undefined],
    ["index.docker.io/acme/shop", "docker.io", "acme/shop", undefined, undefined],
    ["ghcr.io/acme/shop:1.4.2", "ghcr.io", "acme/shop", "1.4.2", undefined],
    ["ghcr.io/acme/team/shop", "ghcr.io", "acme/team/shop", undefined, undefined],
    ["registry:5000/shop:1", "registry:5000", "shop", "1", undefined],
    ["localhost/shop", "localhost", "shop", undefined, undefined],
    ["localhost:5000/shop", "localhost:5000", "shop", undefined, undefined],
    ["127.0.0.1:5000/a/b", "127.0.0.1:5000", "a/b", undefined, undefined],
    [`shop@${DIGEST}`, "docker.io", "library/shop", undefined, DIGEST],
    [`registry:5000/shop:1.4.2@${DIGEST}`, "registry:5000", "shop", "1.4.2", DIGEST],
    ["shop:_weird.tag-1", "docker.io", "library/shop", "_weird.tag-1", undefined],
  ];
  it.each<Row>(table)("%s", (written, registry, repository, tag, digest) => {
    expect(parseReference(written)).toEqual({ registry, repository, tag, digest });
  });
  it.each(["", "a b", "shop@sha256:abc", "shop@"])("is not %j", (written) => {
    expect(() => parseReference(written)).toThrow(/is not an image reference/);
  });
});

describe("its name in Docker", () => {
  it.each([
    ["postgres:17", "postgres"],
    ["docker.io/library/postgres", "postgres"],
    ["acme/shop", "acme/shop"],
    ["ghcr.io/acme/shop", "ghcr.io/acme/shop"],
  ])("%s is %s", (written, name) => expect(repositoryName(parseReference(written))).toBe(name));

  it("with a digest is always the same image", () => {
    expect(pinned(parseReference("registry:5000/shop:1.4.2"), DIGEST)).toBe(`registry:5000/shop@${DIGEST}`);
  });
});

describe("an image without a registry", () => {
  it.each([
    ["acme/shop:1", "ghcr.io", "ghcr.io/acme/shop:1"],
    ["shop", "registry:5000", "registry:5000/shop"],
    ["acme/shop:1", undefined, "acme/shop:1"],
    ["acme/shop:1", "docker.io", "acme/shop:1"],
    ["quay.io/acme/shop", "ghcr.io", "quay.io/acme/shop"],
    ["docker.io/acme/shop", "ghcr.io", "docker.io/acme/shop"],
    ["index.docker.io/acme/shop", "ghcr.io", "index.docker.io/acme/shop"],
  ])("%s, logged in to %s, is %s", (image, server, absolute) => expect(absoluteImage(image, server)).toBe(absolute));
});

describe("the login for an image", () => {
  it.each([
    ["ghcr.io/acme/shop:1", "ghcr.io", true],
    ["acme/shop:1", "docker.io", true],
    ["acme/shop:1", "index.docker.io", true],
    ["docker.io/acme/shop", "registry-1.docker.io", true],
    ["acme/shop:1", "ghcr.io", false],
    ["quay.io/acme/shop:1", "ghcr.io", false],
    ["ghcr.io.evil.example/acme/shop:1", "ghcr.io", false],
    ["[2001:db8::5]:5000/shop", "[2001:db8::5]:5000", true],
  ])("%s with a login at %s: %s", (image, server, given) => {
    const login = { server, username: "u", password: "p" };
    expect(loginFor(image, login)).toBe(given ? login : undefined);
  });
  it("is none without one", () => expect(loginFor("acme/shop", undefined)).toBeUndefined());
});
