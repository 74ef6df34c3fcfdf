import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newPassphrase, passphraseFor } from "../../../../cli/stack/passphrase.ts";
import { aProject } from "../../config/fixture.ts";

afterEach(() => vi.restoreAllMocks());

describe("the passphrase of a project", () => {
  it("is found in its file, unless the user has set one, be it the empty one", () => {
    using project = aProject({ ".pulumi/passphrase": "x\n" });
    chmodSync(join(project.root, ".pulumi/passphrase"), 0o600);
    const file = join(project.root, ".pulumi/passphrase");
    expect(passphraseFor(project.root, {})).toEqual({ PULUMI_CONFIG_PASSPHRASE_FILE: file });
    for (const env of [
      { PULUMI_CONFIG_PASSPHRASE: "" },
      { PULUMI_CONFIG_PASSPHRASE: "y" },
      { PULUMI_CONFIG_PASSPHRASE_FILE: "/z" },
    ])
      expect(passphraseFor(project.root, env)).toEqual({});
  });

  it("is not there in a project without that file", () => {
    using project = aProject({ "Pulumi.yaml": "" });
    expect(passphraseFor(project.root, {})).toEqual({});
  });

  it("is used from a file that others can read, with a warning", () => {
    using project = aProject({ ".pulumi/passphrase": "x\n" });
    chmodSync(join(project.root, ".pulumi/passphrase"), 0o644);
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(Object.keys(passphraseFor(project.root, {}))).toEqual(["PULUMI_CONFIG_PASSPHRASE_FILE"]);
    expect(said.mock.calls.flat().join()).toContain("chmod 600");
  });

  it("is a different one each time", () => {
    expect(new Set(Array.from({ length: 50 }, newPassphrase)).size).toBe(50);
  });
});
