import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { HostKey } from "../../../components/keys/host-key.ts";
import { secretsFrom } from "../../../components/secrets-from.ts";
import { problemsOf } from "../config/fixture.ts";
import { type Mocked, mocked } from "./fixture.ts";

let stack: Mocked;
beforeAll(async () => {
  stack = await mocked();
});
afterEach(() => vi.unstubAllEnvs());

const known = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

describe("secrets that a program asks for", () => {
  it("are secret outputs, and resources have a fingerprint of them", async () => {
    vi.stubEnv("DATABASE_URL", "postgres://value-4711");
    const { DATABASE_URL } = await secretsFrom([{ env: true }], ["DATABASE_URL"]);
    expect(await pulumi.isSecret(DATABASE_URL)).toBe(true);
    expect(await known(DATABASE_URL)).toBe("postgres://value-4711");
    await known(new HostKey("web-1").publicKey);
    expect(stack.registered[0]?.inputs.__secretsFrom).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    [[{ env: true }], ["MISSING_4711"], "names[0] MISSING_4711 is not set and is not in the environment"],
    [[{ sopps: "a" }], ["A"], "sources[0].sopps unknown key; did you mean sops?"],
    [[{ dotenv: "missing.env" }], ["A"], "sources[0] there is no file missing.env; paths are relative to the project's folder"],
  ])("%j %j: %s", async (sources, names, problem) => {
    const thrown: unknown = await secretsFrom(sources as never, names).catch((error: unknown) => error);
    const problems = problemsOf(() => {
      throw thrown;
    });
    expect(problems[0]).toContain(problem);
  });
});
