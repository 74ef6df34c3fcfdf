import { describe, expect, it } from "vitest";
import { parseCheckpoint, parsePlainCheckpoint, stackOf } from "../../../../cli/stack/checkpoint.ts";

const RELEASE = "urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Release::shop";

describe("a stack's state", () => {
  const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
  const state = (resource: object, deployment: object = {}) =>
    JSON.stringify({ deployment: { resources: [{ urn: RELEASE, type: "a", ...resource }], ...deployment } });

  it("is read with its secrets sealed", () => {
    const [release] = parseCheckpoint(
      state({ outputs: { secrets: sealed, registry: { username: "lab", password: sealed } } }),
    ).resources;
    expect(release?.outputs).toEqual({ secrets: {}, registry: { username: "lab", password: "[secret]" } });
  });

  it("is read with the values of its secrets where Pulumi has shown them", () => {
    const shown = (value: unknown) => ({ ...sealed, plaintext: JSON.stringify(value) });
    const outputs = {
      secrets: shown({ TOKEN: 'a"b', KEY: "1\n2" }),
      registry: { username: "lab", password: shown("pw") },
      list: [shown(1)],
    };
    const [release] = parsePlainCheckpoint(state({ outputs })).resources;
    expect(release?.outputs).toEqual({
      secrets: { TOKEN: 'a"b', KEY: "1\n2" },
      registry: { username: "lab", password: "pw" },
      list: [1],
    });
  });

  it("names its stack, and knows when a run was interrupted", () => {
    expect(stackOf(parseCheckpoint(state({})))).toBe("production");
    expect(parseCheckpoint(state({})).isUnfinished).toBe(false);
    expect(parseCheckpoint(state({}, { pending_operations: [{}] })).isUnfinished).toBe(true);
    expect(parseCheckpoint(state({ delete: true })).isUnfinished).toBe(true);
    expect(parseCheckpoint(JSON.stringify({ deployment: { resources: null } })).resources).toEqual([]);
  });
});
