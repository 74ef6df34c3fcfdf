import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lockIn, requireUnlocked } from "../../../../cli/stack/pulumi-lock.ts";

const AT = "2026-03-01T12:00:00.5Z";
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-lock-"));
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder}?no_tmp_dir=true`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const project = { root: "/", name: "shop", backend: undefined, configFolder: "/", hasConfig: false };
const dead = (): number => spawnSync("true").pid;

async function lock(pid: number, machine = hostname(), stack = "prod"): Promise<void> {
  const place = join(folder, ".pulumi", "locks", "organization", "shop", stack);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, "1.json"), JSON.stringify({ pid, username: "ann", hostname: machine, timestamp: AT }));
}

describe("Pulumi's lock of a stack", () => {
  it("is no obstacle if it is missing, or that of a different stack", async () => {
    await requireUnlocked(project, "prod");
    await lock(dead(), hostname(), "staging");
    await requireUnlocked(project, "prod");
    await requireUnlocked(project, "acme/shop/prod");
  });

  it("of a run that was killed on this machine is named as such, with the way out", async () => {
    const pid = dead();
    await lock(pid);
    await expect(requireUnlocked(project, "prod")).rejects.toThrow(
      `the stack prod is still locked by a run of Pulumi on this machine that was killed (process ${pid}, started at 2026-03-01T12:00:00Z by ann)
  serves now: what served before; nothing was changed
  next: pulumi cancel --yes prod, then run this again`,
    );
  });

  it("of a process whose number a different program has by now is that of a killed run", async () => {
    const child = spawn("sleep", ["60"]);
    await lock(child.pid ?? 0);
    await expect(requireUnlocked(project, "prod")).rejects.toThrow("that was killed");
    child.kill("SIGKILL");
  });

  it("of a run that is at work is named as such", async () => {
    const child = spawn("sh", ["-c", "sleep 60; : pulumi up"]);
    await lock(child.pid ?? 0);
    await expect(requireUnlocked(project, "prod")).rejects.toThrow(
      `the stack prod is being changed by a run of Pulumi on this machine (process ${child.pid}`,
    );
    child.kill("SIGKILL");
  });

  it("of a different machine may be either", async () => {
    await lock(1, "ci-7");
    await expect(requireUnlocked(project, "prod")).rejects.toThrow(
      /locked by a run of Pulumi on ci-7 \(process 1, .*next: wait until that run has ended; if it was killed, pulumi cancel --yes prod/s,
    );
  });

  it("is found in what Pulumi prints of any backend", async () => {
    const printed = (
      pid: number,
    ) => `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://state/.pulumi/locks/organization/shop/prod/1.json: created by ann@${hostname()} (pid ${pid}) at ${AT}`;
    expect((await lockIn(printed(dead()), "prod"))?.message).toContain("the stack prod is still locked by a run of Pulumi");
    expect(await lockIn("error: no stack named 'prod' found", "prod")).toBeUndefined();
  });
});
