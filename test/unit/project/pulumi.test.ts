import { ChildProcess } from "node:child_process";
import { tmpdir } from "node:os";
import { afterEach, expect, it, vi } from "vitest";
import { exportStack } from "../../../project/pulumi.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it("a pulumi that could not be started is not signalled: without a pid, the signal would reach our own process group", async () => {
  const kill = vi.spyOn(ChildProcess.prototype, "kill").mockReturnValue(false);
  vi.stubEnv("PATH", "");
  const stop = new AbortController();
  const asked = exportStack("production", tmpdir(), { signal: stop.signal });
  stop.abort();
  await expect(asked).rejects.toThrow("pulumi is not on PATH");
  expect(kill).not.toHaveBeenCalled();
});

it("a pulumi whose answer is no longer needed is ended", async () => {
  vi.stubEnv("PATH", `${import.meta.dirname}/slow:${process.env.PATH}`);
  const stop = new AbortController();
  const asked = exportStack("production", tmpdir(), { signal: stop.signal });
  const began = performance.now();
  stop.abort();
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  expect(performance.now() - began).toBeLessThan(5000);
});
