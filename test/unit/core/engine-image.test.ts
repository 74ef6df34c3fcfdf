import { describe, expect, it } from "vitest";
import { type EngineImage, isEngineImage, parseEngineImage } from "../../../core/engine-image.ts";
import { isLocalImage } from "../../../core/local-image.ts";

const [DIGEST, ID] = ["9f31", "04bd"].map((word) => `sha256:${word.repeat(16)}`) as [string, string];

describe("an image of the operator's engine", () => {
  it.each<[written: string, image: EngineImage]>([
    ["engine://shop:dev", { name: "shop:dev" }],
    ["engine://shop", { name: "shop:latest" }],
    ["engine://ghcr.io/acme/shop:1.4.2", { name: "ghcr.io/acme/shop:1.4.2" }],
    ["engine://localhost:5000/shop", { name: "localhost:5000/shop:latest" }],
    ["engine://localhost:5000/shop:V_1", { name: "localhost:5000/shop:V_1" }],
    [`engine://${ID}`, { name: ID }],
    [`engine://shop:dev@${DIGEST}`, { name: "shop:dev", digest: DIGEST }],
    [`engine://shop@${DIGEST}`, { name: "shop:latest", digest: DIGEST }],
    [`engine://${ID}@${DIGEST}`, { name: ID, digest: DIGEST }],
    // As Docker reads it: not an id, since only `sha256:` makes it one.
    ["engine://deadbeef", { name: "deadbeef:latest" }],
  ])("is written as %s", (written, image) => {
    expect(parseEngineImage(written)).toEqual(image);
  });

  it.each([
    "engine://",
    "engine:///shop",
    "engine:/shop",
    "engine://Shop:dev",
    "engine://shop:",
    "engine://shop:a/b",
    "engine://shop dev",
    "engine://shop:dev@",
    "engine://shop:dev@sha256:abc",
    "engine://shop:dev#v2",
    "engine://sha256:04bd77aa",
    "engine://sha256",
    `engine://${"04bd".repeat(16)}`,
    `engine://@${DIGEST}`,
    `engine://shop@${DIGEST}@${DIGEST}`,
    "ghcr.io/acme/shop:1",
  ])("is not %s", (written) => {
    expect(parseEngineImage(written)).toBeUndefined();
  });

  it("is meant by whatever begins like one; a registry may have images that are called engine", () => {
    expect(["engine:/shop", "engine://", "engine:1.4", "engine:5000/shop", "engine/shop"].map(isEngineImage)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("is of this machine, like a file", () => {
    expect(["engine://shop:dev", "file://shop.tar", "shop:dev"].map(isLocalImage)).toEqual([true, true, false]);
  });
});
