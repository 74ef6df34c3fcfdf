import { expect, it } from "vitest";
import { type ReleaseState, releaseProvider } from "../../../../providers/release/provider.ts";
import { aContainer, aRelease, serving, V1 } from "./fixture.ts";

const SHOWN = "config/deploy.yml:3  accessories.db.port  listens on all addresses";
const state: ReleaseState = {
  ...aRelease(V1),
  __notes: [SHOWN],
  fleet: { "web-1": serving(aContainer(V1)) },
  releases: [],
};
const planned = (notes: readonly string[], before?: ReleaseState) =>
  releaseProvider.plan({ ...aRelease(V1), __notes: [...notes] }, before);

it("what Kamal's file has in another form is in the first plan, and later only what is new", () => {
  expect(planned([SHOWN]).text).toContain(`  from Kamal's file, in another form or by another default:\n    ${SHOWN}`);
  expect(planned([SHOWN], state).text).not.toContain("Kamal's file");
  const { text } = planned([SHOWN, "config/deploy.yml:9  volumes[0]  is /root/data"], state);
  expect(text).toContain("volumes[0]  is /root/data");
  expect(text).not.toContain("listens on all addresses");
});

it("is no change: nothing is released for a note", () => {
  expect(planned(["config/deploy.yml:9  volumes[0]  is /root/data"], state).changes).toBe(false);
});
