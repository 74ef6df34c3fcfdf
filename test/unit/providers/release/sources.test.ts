import { describe, expect, it } from "vitest";
import { type ReleaseState, releaseProvider } from "../../../../providers/release/provider.ts";
import { aContainer, aRelease, imageOf, serving, V2 } from "./fixture.ts";

const STORED = imageOf(V2).replace("registry.example/acme/shop", "slipway.invalid/shop");
const state: ReleaseState = {
  ...aRelease(V2),
  fleet: { "web-1": serving(aContainer(V2)) },
  releases: [{ release: V2, version: "1.4.2", image: imageOf(V2), at: "2026-03-01T12:00:00.500Z" }],
};

describe("a release that comes from elsewhere now", () => {
  it("is planned, since the next run has to know from where, and restarts nothing", () => {
    const { changes, text } = releaseProvider.plan({ ...aRelease(V2), image: STORED }, state);
    expect(changes).toBe(true);
    expect(text.split("\n").slice(1)).toEqual([
      `  ${STORED.replace("slipway.invalid/", "")} is the image of ${imageOf(V2)}: nothing restarts`,
    ]);
  });

  it("is no change while it comes from the same place", () => {
    expect(releaseProvider.plan(aRelease(V2), state).changes).toBe(false);
  });

  it("is noted where a role names the app's image as its own", () => {
    const own = { web: { version: "1.4.2", image: imageOf(V2).replace("acme/shop", "acme/web") } };
    expect(releaseProvider.plan({ ...aRelease(V2), images: own }, state).changes).toBe(true);
  });

  it("says so of a role's own image, too", () => {
    const own = (registry: string) => ({ web: { version: "7", image: `${registry}/web@sha256:${"7".repeat(64)}` } });
    const before = { ...state, images: own("ghcr.io/acme") };
    const { text } = releaseProvider.plan({ ...aRelease(V2), images: own("registry.example") }, before);
    expect(text).toContain(
      `registry.example/web@sha256:${"7".repeat(64)} is the image of ghcr.io/acme/web@sha256:${"7".repeat(64)}`,
    );
  });
});
