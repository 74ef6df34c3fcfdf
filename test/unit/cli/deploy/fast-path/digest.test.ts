import { describe, expect, it } from "vitest";
import { currentDigest, needsNoLogin, whatDiffers } from "../../../../../cli/deploy/fast-path/digest.ts";

const DIGEST = `sha256:${"9f31".repeat(16)}`;
const LOGIN = { server: "ghcr.io", username: "shop", password: ["P"] };

/** Nothing is decrypted for an image of this machine. */
const sealed = () => Promise.reject(new Error("the secrets were read"));

describe("the digest that the config of now leads to", () => {
  it.each([
    ["file://dist/shop.tar", "the image in the file is a different one now"],
    ["engine://shop:dev", "the image in the engine is a different one than this machine released last"],
    ["ghcr.io/acme/shop:1", "the image's tag points to a different image now"],
  ])("of %s says what it means that it differs", (image, because) => {
    expect(whatDiffers({ "slipway:image": image })).toBe(because);
  });

  it.each([
    ["file://dist/shop.tar", true],
    ["engine://shop:dev", true],
    [`ghcr.io/acme/shop@${DIGEST}`, true],
    ["ghcr.io/acme/shop:1", false],
  ])("of %s needs no login of a registry: %s", (image, isSo) => {
    expect(needsNoLogin({ "slipway:image": image, "slipway:registry": LOGIN })).toBe(isSo);
  });

  it("of an image of the engine that is written by digest is that one, and the engine is not asked", async () => {
    const written = { "slipway:image": `engine://shop:dev@${DIGEST}`, "slipway:registry": LOGIN };
    expect(await currentDigest(written, import.meta.dirname, sealed)).toBe(DIGEST);
  });
});
