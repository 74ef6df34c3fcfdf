import { describe, expect, it } from "vitest";
import type { BuildFacts } from "../../../../core/build.ts";
import type { Builder } from "../../../../core/builder.ts";
import { pathsOf } from "../../../../core/paths.ts";
import type { BuildInputs, BuildState } from "../../../../providers/build/inputs.ts";
import { planBuild } from "../../../../providers/build/plan.ts";

const builder: Builder = { context: ".", args: { A: "1" }, secrets: [], platforms: [], provenance: "false", sbom: "false" };
const facts: BuildFacts = { content: "new", version: "3f2a1b9", uncommitted: pathsOf([]) };
const inputs = (over: Partial<Builder> = {}, known: Partial<BuildFacts> = {}): BuildInputs => ({
  schema: 1,
  service: "shop",
  image: "slipway.invalid/shop",
  builder: { ...builder, ...over },
  __facts: { ...facts, ...known },
  hosts: {},
  secrets: {},
});
const built = { version: "1111111", content: "old", digest: "sha256:1", identity: { index: "sha256:1", platforms: [] } };
const state: BuildState = { ...inputs(), built };
const same = { content: "old" };

describe("the plan of a build", () => {
  it.each<[string, Parameters<typeof planBuild>, string]>([
    ["there was none", [inputs(), undefined], "build shop 3f2a1b9   first build"],
    [
      "files changed that this machine knows",
      [inputs({}, { changed: { since: "old", ...pathsOf(["a.js"]) } }), state],
      "build shop 3f2a1b9   1 file changed (a.js)",
    ],
    [
      "many files changed",
      [inputs({}, { changed: { since: "old", ...pathsOf(["a", "b", "c", "d", "e"]) } }), state],
      "build shop 3f2a1b9   5 files changed (a, b, c, 2 more)",
    ],
    [
      "files changed since a build on another machine",
      [inputs({}, { changed: { since: "another", ...pathsOf(["a"]) } }), state],
      "build shop 3f2a1b9   its files changed",
    ],
    [
      "settings changed",
      [inputs({ args: { A: "2" }, platforms: ["linux/arm64"] }, same), state],
      "build shop 3f2a1b9   builder changed: args, arch",
    ],
    [
      "hosts and this machine lack the image",
      [inputs({}, same), { ...state, lost: ["web-1", "web-2"] }],
      "build shop 3f2a1b9   its image is missing on web-1, web-2, and on this machine (drift)",
    ],
    ["the last one is unknown", [inputs({}, same), { ...inputs() }], "build shop 3f2a1b9   its last image is unknown"],
    [
      "files are not committed",
      [inputs({}, { uncommitted: pathsOf(["a.js", "b.js"]) }), undefined],
      "build shop 3f2a1b9   first build\n  not committed: a.js, b.js",
    ],
    [
      "the commit is built, without what is not in it",
      [inputs({ clean: "commit" }, { uncommitted: pathsOf(["a.js"]) }), undefined],
      "build shop 3f2a1b9   first build\n  left out, since not committed: a.js",
    ],
    [
      "the commit is built instead of the folder: files are not compared",
      [inputs({ clean: true }, { changed: { since: "old", ...pathsOf(["a.js"]) } }), state],
      "build shop 3f2a1b9   builder changed: clean",
    ],
  ])("says that it is made because %s", (_, args, text) => {
    expect(planBuild(...args)).toEqual({ changes: true, text });
  });

  it.each<[string, BuildInputs]>([
    ["a new commit of the same files", inputs({}, { ...same, version: "9999999" })],
    ["where its cache is", inputs({ cache: { type: "gha" } }, same)],
    ["which machine builds", inputs({ remote: "ssh://build@198.51.100.7", driver: "docker-container" }, same)],
    ["another value of a secret", { ...inputs({}, same), secrets: { TOKEN: "other" } }],
  ])("is empty for %s", (_, changed) => {
    expect(planBuild(changed, state)).toEqual({ changes: false, text: "" });
  });
});
