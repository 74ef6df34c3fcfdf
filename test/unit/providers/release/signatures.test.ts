import { expect, it } from "vitest";
import { digestIn } from "../../../../core/image-reference.ts";
import { releaseProvider } from "../../../../providers/release/provider.ts";
import { aCanary, aContainer, aRelease, imageOf, serving, V1, V2, V3 } from "./fixture.ts";

const [ONE, TWO] = [V2, V3].map((release) => digestIn(imageOf(release)));
const INDEX = `sha256:${"9f31".repeat(16)}`;
const short = (digest: string | undefined) => `${digest?.slice(0, 15)}…`;
const state = { ...aRelease(V1), fleet: { "web-1": serving(aContainer(V1)) }, releases: [] };

it("says in the plan who has signed what is released", () => {
  const { canary } = aCanary(V3);
  const inputs = {
    ...aRelease(V2),
    canary,
    __verified: {
      [ONE ?? ""]: { signed: "with the key cosign.pub" },
      [TWO ?? ""]: { signed: "with the key cosign.pub", index: INDEX },
    },
  };
  const { text } = releaseProvider.plan(inputs, state);
  expect(text).toContain(`  verified ${short(ONE)}: signed with the key cosign.pub\n`);
  expect(text).toContain(
    `  verified ${short(TWO)}: signed with the key cosign.pub, through the index ${short(INDEX)}, which lists it`,
  );
});

it("says nothing where no signature is asked for", () => {
  expect(releaseProvider.plan(aRelease(V2), state).text).not.toContain("verified");
});

it("is no change: a signature that is asked for from now on releases nothing again", () => {
  const verified = { ...aRelease(V1), __verified: { [digestIn(imageOf(V1))]: { signed: "with the key cosign.pub" } } };
  expect(releaseProvider.plan(verified, state).changes).toBe(false);
});
