import { describe, expect, it } from "vitest";
import { type FileImage, isFileImage, parseFileImage } from "../../../core/file-image.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;

describe("an image in a file", () => {
  it.each<[written: string, image: FileImage]>([
    ["file://dist/shop.tar", { path: "dist/shop.tar" }],
    ["file://./out", { path: "./out" }],
    ["file:///srv/images/shop.tar", { path: "/srv/images/shop.tar" }],
    ["file://dist/my shop.tar", { path: "dist/my shop.tar" }],
    ["file://node_modules/@acme/shop/image.tar", { path: "node_modules/@acme/shop/image.tar" }],
    ["file://out#v2", { path: "out", name: "v2" }],
    ["file://out#ghcr.io/acme/shop:1.4.2", { path: "out", name: "ghcr.io/acme/shop:1.4.2" }],
    [`file://out@${DIGEST}`, { path: "out", digest: DIGEST }],
    [`file://@acme/out#v2@${DIGEST}`, { path: "@acme/out", name: "v2", digest: DIGEST }],
    [`file://out#${DIGEST}`, { path: "out", name: DIGEST }],
  ])("is written as %s", (written, image) => {
    expect(parseFileImage(written)).toEqual(image);
  });

  it.each(["file://", "file:shop.tar", "file:/shop.tar", "file://#v2", "ghcr.io/acme/shop:1"])("is not %s", (written) => {
    expect(parseFileImage(written)).toBeUndefined();
  });

  it("is meant by whatever begins like one, so that a mistake in it is not taken for a registry", () => {
    expect(["file:shop.tar", "file://", "files/shop", "ghcr.io/acme/file:1"].map(isFileImage)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
