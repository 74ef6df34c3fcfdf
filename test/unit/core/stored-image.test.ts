import { describe, expect, it } from "vitest";
import { parseReference, pinned } from "../../../core/image-reference.ts";
import {
  hostReference,
  hostTag,
  idOfStored,
  isStored,
  plainName,
  portOf,
  storedName,
  storedReference,
} from "../../../core/stored-image.ts";

const HEX = "9f31".repeat(16);
const DIGEST = `sha256:${HEX}`;
const IMAGE = pinned(storedReference("shop"), DIGEST);

describe("the name of a stored image", () => {
  it("says its service and its digest, and no registry that anyone could have", () => {
    expect(IMAGE).toBe(`slipway.invalid/shop@${DIGEST}`);
    expect(parseReference(IMAGE)).toMatchObject({ registry: "slipway.invalid", repository: "shop", digest: DIGEST });
    expect([IMAGE, `ghcr.io/acme/shop@${DIGEST}`].map(isStored)).toEqual([true, false]);
    expect(plainName(IMAGE)).toBe(`shop@${DIGEST}`);
  });

  it.each(["Shop", "shop_", "SHOP", "shop__", "a--b", "-"])("is valid, and its own, for the service %s", (service) => {
    const { repository } = storedReference(service);
    expect(repository).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    const others = ["shop", "Shop", "shop_", "SHOP", "shop__", "a-b", "a--b", "-"].filter((other) => other !== service);
    expect(others.map((other) => storedReference(other).repository)).not.toContain(repository);
  });
});

describe("what a host calls it", () => {
  it("has the port through which it came, which is not part of what it is", () => {
    expect(hostReference(IMAGE, 23456)).toBe(`127.0.0.1:23456/slipway/shop@${DIGEST}`);
    expect([hostReference(IMAGE, 23456), hostReference(IMAGE, 40001), hostTag(IMAGE, 23456)].map(storedName)).toEqual([
      IMAGE,
      IMAGE,
      IMAGE,
    ]);
  });

  it.each([
    `ghcr.io/acme/slipway/shop@${DIGEST}`,
    "127.0.0.1:5000/shop:1",
    `127.0.0.1:5000/shop@${DIGEST}`,
    "127.0.0.1:5000/slipway",
  ])("is not %s", (name) => {
    expect(storedName(name)).toBe(name);
  });

  it("with a tag of someone else is no image that a release can name", () => {
    expect(storedName("127.0.0.1:23456/slipway/shop:latest")).toBe("slipway.invalid/shop:latest");
  });
});

describe("a stored image on a host", () => {
  const one = (id: string, tags: string[], digests: string[]) => ({ id, tags, digests });

  it.each([
    ["pulled", one("a", [], [`127.0.0.1:23456/slipway/shop@${DIGEST}`])],
    ["pulled through a different port", one("a", [], [`127.0.0.1:40001/slipway/shop@${DIGEST}`])],
    ["loaded", one("a", [`127.0.0.1:23456/slipway/shop:sha256-${HEX}`], [])],
    ["pulled from a registry, where the same digest is the same image", one("a", ["acme/shop:1"], [`acme/shop@${DIGEST}`])],
  ])("is found if it was %s", (_, image) => {
    expect(idOfStored(IMAGE, [one("b", ["acme/shop:2"], [`acme/shop@sha256:${"0".repeat(64)}`]), image])).toBe("a");
  });

  it("is not found by a part of its digest", () => {
    expect(idOfStored(IMAGE, [one("a", [`acme/shop:${HEX}`], [`acme/shop@sha256:${HEX.slice(1)}0`])])).toBeUndefined();
  });
});

it("gives each app of each stack a port below those that a system gives away", () => {
  const ports = Array.from({ length: 200 }, (_, at) => portOf(`shop/stack-${at}`, IMAGE));
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(32_000);
  expect(new Set(ports).size).toBeGreaterThan(190);
  expect(portOf("shop/stack-0", IMAGE)).toBe(ports[0]);
  expect(portOf("shop/stack-0", pinned(storedReference("blog"), DIGEST))).not.toBe(ports[0]);
});
