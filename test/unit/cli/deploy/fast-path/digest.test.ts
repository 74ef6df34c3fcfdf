import { describe, expect, it } from "vitest";
import {
  askForImages,
  namedImages,
  needsNoLogin,
  noteOnPinned,
  whatDiffers,
} from "../../../../../cli/deploy/fast-path/digest.ts";

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
    expect(whatDiffers(image, undefined)).toBe(because);
  });

  it("of a role's own image names the role", () => {
    expect(whatDiffers("ghcr.io/acme/worker:1", "worker")).toBe("the tag of the image of worker points to a different image now");
    expect(whatDiffers("file://worker.tar", "worker")).toBe("the image of worker in the file is a different one now");
  });

  it.each([
    ["file://dist/shop.tar", true],
    ["engine://shop:dev", true],
    [`ghcr.io/acme/shop@${DIGEST}`, true],
    ["ghcr.io/acme/shop:1", false],
  ])("of %s needs no login of a registry: %s", (image, isSo) => {
    expect(needsNoLogin({ "slipway:image": image, "slipway:registry": LOGIN })).toBe(isSo);
    const servers = { web: ["203.0.113.10"], worker: { hosts: ["203.0.113.10"], image } };
    expect(needsNoLogin({ "slipway:builder": {}, "slipway:servers": servers, "slipway:registry": LOGIN })).toBe(isSo);
  });

  it("of an image of the engine that is written by digest is that one, and the engine is not asked", async () => {
    const written = { "slipway:image": `engine://shop:dev@${DIGEST}`, "slipway:registry": LOGIN };
    const [asked] = askForImages({
      written,
      stack: "production",
      root: import.meta.dirname,
      shown: sealed,
      stored: async () => undefined,
    });
    expect(await asked?.digest).toBe(DIGEST);
  });
});

describe("builders whose image is written by digest, as a rollback leaves them", () => {
  const image = `slipway.invalid/shop@${DIGEST}`;
  const note = (servers: object, app: object = {}) => noteOnPinned({ ...app, "slipway:servers": servers });

  it("are named, since edited files change nothing", () => {
    expect(note({}, { "slipway:image": image, "slipway:builder": {} })).toBe(
      "slipway:image is written by digest, so slipway:builder builds nothing: remove slipway:image and slipway:version to build again",
    );
    expect(note({ worker: { hosts: ["203.0.113.10"], image, builder: {} } }, { "slipway:builder": {} })).toBe(
      "slipway:servers.worker.image is written by digest, so slipway:servers.worker.builder builds nothing: remove slipway:servers.worker.image and slipway:servers.worker.version to build again",
    );
  });

  it("are none where an image is built, or nothing is", () => {
    expect(note({ worker: { builder: {} } }, { "slipway:image": "ghcr.io/acme/shop", "slipway:builder": {} })).toBeUndefined();
    expect(note({ worker: { image } }, { "slipway:image": image })).toBeUndefined();
  });
});

describe("the images that a file names", () => {
  const named = (values: object) =>
    namedImages(Object.fromEntries(Object.entries(values).map(([key, value]) => [`slipway:${key}`, value])));

  it("are that of the app and those of its roles, without what is built", () => {
    const servers = {
      web: ["203.0.113.10"],
      worker: { hosts: ["203.0.113.10"], image: "ghcr.io/acme/worker:2" },
      mail: { hosts: ["203.0.113.10"], builder: { context: "apps/mail" } },
      old: { hosts: ["203.0.113.10"], builder: {}, image: `ghcr.io/acme/old@${DIGEST}` },
    };
    expect(named({ image: "ghcr.io/acme/shop:1", servers })).toEqual([
      { role: undefined, image: "ghcr.io/acme/shop:1" },
      { role: "worker", image: "ghcr.io/acme/worker:2" },
      { role: "old", image: `ghcr.io/acme/old@${DIGEST}` },
    ]);
    expect(named({ builder: {}, servers: ["203.0.113.10"] })).toEqual([]);
    expect(named({ builder: {}, image: "ghcr.io/acme/shop" })).toEqual([]);
  });
});
