import { describe, expect, it } from "vitest";
import type { UnconfirmedTag } from "../../../../core/release/unconfirmed-tag.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { type ReleaseState, releaseProvider } from "../../../../providers/release/provider.ts";
import { aCanary, aContainer, aRelease, imageOf, serving, V1, V2, V3 } from "./fixture.ts";

const digestOf = (release: string): string => imageOf(release).split("@")[1] ?? "";

/** A state in which these releases were made, the last one serving. */
function released(...all: readonly string[]): ReleaseState {
  const releases = all.map((release) => ({
    release,
    version: release.split("-")[0] ?? "",
    image: imageOf(release),
    at: "2026-03-01T12:00:00.500Z",
  }));
  const last = all.at(-1) ?? V1;
  return { ...aRelease(last), fleet: { "web-1": serving(aContainer(last)) }, releases };
}

/** `shop:<version of named>@<digest of run>`, as the registry finds it. */
function written(named: string, run: string, now: UnconfirmedTag["now"], changes: Partial<ReleaseInputs> = {}): ReleaseInputs {
  const tag = { image: `registry.example/acme/shop:${named.split("-")[0]}`, digest: digestOf(run), now };
  return { ...aRelease(named), image: imageOf(run), __unconfirmedTags: [tag], ...changes };
}

const plan = (inputs: ReleaseInputs, state?: ReleaseState) => releaseProvider.plan(inputs, state);
const different = (release: string): UnconfirmedTag["now"] => ({ kind: "different", digest: digestOf(release) });
const UNKNOWN: UnconfirmedTag["now"] = { kind: "unknown", because: "the registry cannot be reached" };

describe("a release whose tag and digest are two images", () => {
  it("is refused with both, and with the way out", () => {
    const afterRollback = released(V1, V2, V1);
    expect(() => plan(written(V3, V1, different(V3)), afterRollback)).toThrow(
      `the tag and the digest of registry.example/acme/shop:1.5.0 are two different images, so the release would be named after one and run the other
  | written digest: ${digestOf(V1)}
  | the registry's 1.5.0: ${digestOf(V3)}
  serves now: what served before; nothing was changed
  next: to release the tag, remove @sha256:… behind registry.example/acme/shop:1.5.0 in the stack's config`,
    );
  });

  it("is refused as the first release, too", () => {
    expect(() => plan(written(V3, V1, different(V3)))).toThrow("two different images");
  });

  it("is refused by the run itself, without a preview", async () => {
    const run = { hosts: undefined, report: undefined, owner: "ann@laptop" } as never;
    await expect(releaseProvider.converge(written(V3, V1, different(V3)), undefined, run)).rejects.toThrow(
      "two different images",
    );
  });

  it("is refused as a canary", () => {
    const { canary } = aCanary(V3);
    const tried = { ...canary, image: imageOf(V1) };
    const tag = { image: "registry.example/acme/shop:1.5.0", digest: digestOf(V1), now: different(V3) };
    expect(() => plan({ ...aRelease(V2), canary: tried, __unconfirmedTags: [tag] }, released(V2))).toThrow(
      "two different images",
    );
  });

  it("is refused without the registry where the digest was released under another version", () => {
    for (const now of [UNKNOWN, { kind: "missing" } as const])
      expect(() => plan(written(V3, V1, now), released(V1, V2, V1))).toThrow("released before as 1.4.1; ");
  });
});

describe("a digest whose tag the registry does not confirm", () => {
  it("is released again where this stack released it as that version: its tag may have moved or be lost", () => {
    for (const now of [different(V2), { kind: "missing" } as const, UNKNOWN])
      expect(plan(written(V1, V1, now), released(V1, V2)).changes).toBe(true);
  });

  it("is named in the plan", () => {
    expect(plan(written(V1, V1, { kind: "missing" }), released(V1, V2)).text).toContain(
      "  the digest of registry.example/acme/shop:1.4.1 decides what runs: the registry does not have the tag 1.4.1 any more",
    );
    expect(plan(written(V3, V3, UNKNOWN)).text).toContain("is that of the tag 1.5.0 is unknown: the registry cannot be reached");
  });

  it("is no change of what runs", () => {
    expect(plan(written(V2, V2, different(V3)), released(V1, V2)).changes).toBe(false);
  });
});
