import { spawnSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditReport } from "../../../cli/audit/report.ts";
import type { ReleasesReport } from "../../../cli/releases/report.ts";
import { Deadline } from "../../../core/deadline.ts";
import type { PushedImage } from "../../../lab/app.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { LabStack } from "../../../lab/stack.ts";
import { Calls, enginesIn } from "../../support/calls.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { ask, type Said, slipway } from "../../support/slipway.ts";

const FIRST = { COLOR: "red", TOKEN: "first-secret-4711" };
const SECOND = { COLOR: "blue", TOKEN: "second-secret-0815" };

/** What a stack's file is given by its owner, and must keep. */
const REMARK = "# bought for the summer sale";

describe("a stack that is deployed and rolled back by slipway", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let [v1, v2]: PushedImage[] = [];
  let calls: Calls;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    [v1, v2] = [await lab.image("shop", "v1"), await lab.image("shop", "v2")];
    const values = { image: v1.ref, env: { clear: { COLOR: FIRST.COLOR }, secret: ["TOKEN"] } };
    stack = await LabStack.create(lab, values, { "slipway:secrets.TOKEN": FIRST.TOKEN });
    await writeFile(fileOf(stack), (await readFile(fileOf(stack), "utf8")).replace("app_port: 3000", `app_port: 3000 ${REMARK}`));
    calls = await Calls.of(stack);
  });
  afterAll(async () => {
    await calls[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });

  const served = async (): Promise<{ version: string; COLOR: string; TOKEN: string }> => {
    const { Env } = (await host.docker.getContainer((await liveOf(host)).id).inspect()).Config;
    const inEnv = (name: string) => Env.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
    const version = await (await fetch(`http://${host.address}/version`)).text();
    return { version: version.trim(), COLOR: inEnv("COLOR"), TOKEN: inEnv("TOKEN") };
  };
  const releases = async (): Promise<ReleasesReport> =>
    JSON.parse((await slipway(stack, "releases", "--json")).stdout) as ReleasesReport;
  const callsDuring = async (work: () => Promise<Said>): Promise<{ said: Said; made: string[] }> => {
    let said: Said | undefined;
    const made = await calls.during(async () => {
      said = await work();
    });
    expect(made).not.toEqual([]);
    return { said: said as unknown as Said, made };
  };
  const connections = ({ trace }: Said): number => trace.filter(({ kind }) => kind === "connect").length;

  it("is not touched by deploy --preview, whose exit code shows CI that there is something to do", async () => {
    const since = new Date();
    const { code, stdout } = await slipway(stack, "deploy", "--preview");
    expect(stdout).toMatch(/release v1-[0-9a-f]{8}/);
    expect(code).toBe(4);
    expect(await host.mutations(since)).toEqual([]);
  });

  it("serves after deploy, which says the plan once and nothing that stays as it is", async () => {
    const { code, stdout, stderr } = await slipway(stack, "deploy");
    expect(code, stdout + stderr).toBe(0);
    expect(stdout.match(/^ *release v1-/gm)).toHaveLength(1);
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^ {2}released v1-[0-9a-f]{8} in [\d.]+ s/);
    expect(stdout).not.toContain("RegistryLogin shop");
    expect(await served()).toEqual({ version: "v1", ...FIRST });
  });

  it("is found as declared without the engine, over one connection, and nothing is changed", async () => {
    let outcome: Awaited<ReturnType<typeof callsDuring>> | undefined;
    const mutations = await mutationsDuring([host], async () => {
      outcome = await callsDuring(() => slipway(stack, "deploy", "--verbose"));
    });
    // For the login to the registry; the state is read from its file.
    expect(outcome?.made, outcome?.said.stderr).toEqual(["config"]);
    expect(outcome?.said.stdout).toMatch(/^nothing to do: v1-[0-9a-f]{8} serves as declared/);
    expect(outcome?.said.code).toBe(0);
    expect(outcome && connections(outcome.said)).toBe(1);
    expect(mutations).toEqual(nothingOn([host]));
  });

  it("is healed when its container was stopped by hand", async () => {
    const before = await liveOf(host);
    await host.docker.getContainer(before.id).stop();
    const { said, made } = await callsDuring(() => slipway(stack, "deploy"));
    expect(said.code, said.stderr).toBe(0);
    expect(enginesIn(made)).toEqual(["up"]);
    expect(said.stdout).toContain("(drift)");
    expect(await served()).toEqual({ version: "v1", ...FIRST });
  });

  it("refuses a config with a mistake before any host is contacted", async () => {
    await stack.configure({ drain_timeout: "soon" });
    const { code, stderr, trace } = await slipway(stack, "deploy");
    await stack.configure({ drain_timeout: undefined });
    expect(code).toBe(2);
    expect(stderr.match(/slipway:drain_timeout/g)).toHaveLength(1);
    expect(trace).toEqual([]);
  });

  it("keeps serving when a release fails, and the exit code says so", async () => {
    await stack.configure({ env: { clear: { COLOR: FIRST.COLOR, EXIT_AT_BOOT: "3" }, secret: ["TOKEN"] } });
    const { code, stderr } = await slipway(stack, "deploy");
    expect(stderr.match(/^error\[\w+\]: /gm)).toHaveLength(1);
    expect(stderr).toContain("the container exited with code 3");
    expect(code).toBe(1);
    expect(await served()).toEqual({ version: "v1", ...FIRST });
  });

  it("remembers a second release, of another image, env and secret", async () => {
    await stack.configure({ image: v2?.ref, env: { clear: { COLOR: SECOND.COLOR }, secret: ["TOKEN"] } });
    await stack.secrets({ "slipway:secrets.TOKEN": SECOND.TOKEN });
    await remark(stack);
    const { said, made } = await callsDuring(() => slipway(stack, "deploy", "--verbose"));
    expect(said.code, said.stderr).toBe(0);
    expect(said.stderr).toContain("starting the engine: the project's files have changed since they were last seen released");
    expect(made).toEqual(["up"]);
    expect(await served()).toEqual({ version: "v2", ...SECOND });
    const report = await releases();
    expect(report.releases.map(({ number, version, serving }) => [number, version, serving])).toEqual([
      [1, "v2", true],
      [2, "v1", false],
    ]);
    expect(report.releases[1]).toMatchObject({ without_pull: true, image: expect.stringContaining(`@${v1?.digest}`) });
    expect((await slipway(stack, "releases")).stdout).toMatch(/^1 {2}v2-.*serves now\n2 {2}v1-.*rollback needs no pull$/m);
  });

  it("asks before it rolls back: without a terminal and --yes, and for a release that never was, nothing is done", async () => {
    const [before, since] = [await readFile(fileOf(stack)), new Date()];
    const unasked = await slipway(stack, "rollback");
    const unknown = await slipway(stack, "rollback", "--yes", "--to", "v3");
    expect([unasked.code, unknown.code]).toEqual([2, 2]);
    expect(unasked.stderr).toContain("--yes");
    expect(unknown.stderr).toMatch(/unknown release: v3\n {2}\| 1 {2}v2-.*\n {2}\| 2 {2}v1-/);
    expect(await readFile(fileOf(stack))).toEqual(before);
    expect(await host.mutations(since)).toEqual([]);
  });

  it("rolls image, env and secret back as they were, and pulls what was pruned from the host", async () => {
    const [old] = (await containersOf(host)).filter(({ state }) => state !== "running");
    await host.docker.getContainer(old?.id ?? "").remove({ v: true });
    await host.docker.getImage(old?.image ?? "").remove({ force: true });
    expect((await releases()).releases[1]).toMatchObject({ version: "v1", without_pull: false });
    const [, first] = (await releases()).releases;

    const { said, made } = await callsDuring(() => slipway(stack, "rollback", "--yes"));
    const { code, stdout, stderr } = said;
    expect(code, stdout + stderr).toBe(0);
    expect(enginesIn(made)).toEqual(["up"]);
    expect(stdout).toContain("config: ~slipway:env.clear.COLOR, ~slipway:image, secret ~slipway:secrets.TOKEN");
    expect(stdout + stderr).not.toContain(FIRST.TOKEN);
    expect(await served()).toEqual({ version: "v1", ...FIRST });
    expect((await liveOf(host)).labels["slipway.release"]).toBe(first?.release);
    expect((await releases()).releases.map(({ version, serving }) => [version, serving])).toEqual([
      ["v1", true],
      ["v2", false],
      ["v1", false],
    ]);
    const file = await readFile(fileOf(stack), "utf8");
    expect(file).toContain(`app_port: 3000 ${REMARK}`);
    expect(file).toContain(`${v1?.ref}@${v1?.digest}`);
    expect(file).not.toContain(FIRST.TOKEN);
    expect(stderr).toContain("slipway:image is pinned to the digest of that release");
  });

  it("does not take the pinned digest for a new version whose tag is written before it", async () => {
    const v3 = await lab.image("shop", "v3");
    const [before, since] = [await readFile(fileOf(stack), "utf8"), new Date()];
    await writeFile(fileOf(stack), before.replace(`${v1?.ref}@`, `${v3.ref}@`));
    const refused = await slipway(stack, "deploy");
    const previewed = await slipway(stack, "deploy", "--preview");
    await writeFile(fileOf(stack), before);
    for (const { code, stderr } of [refused, previewed]) {
      expect(stderr).toContain(`the tag and the digest of ${v3.ref} are two different images`);
      expect(stderr).toContain(`written digest: ${v1?.digest}`);
      expect(stderr).toContain(`the registry's v3: ${v3.digest}`);
      expect(code).toBe(1);
    }
    expect(await host.mutations(since)).toEqual([]);
    expect(await served()).toEqual({ version: "v1", ...FIRST });
    expect((await slipway(stack, "deploy")).stdout).toContain("nothing to do: ");
  });

  it("restores the file when the job that rolls back is stopped", async () => {
    const before = await readFile(fileOf(stack));
    const rollback = ask(stack, "rollback", "--yes", "--to", "2");
    await rollback.saw("config:");
    const changed = async () => ((await readFile(fileOf(stack))).equals(before) ? undefined : true);
    await Deadline.in(30).until(changed, () => new Error("the file was never changed"));
    rollback.process.kill("SIGTERM");
    const { code, stderr } = await rollback.done;
    expect(stderr).toContain("is as it was before");
    expect(code).toBe(130);
    expect(await readFile(fileOf(stack))).toEqual(before);
    expect(await served()).toEqual({ version: "v1", ...FIRST });
  });

  it("says who holds Pulumi's lock before it does anything", async () => {
    const { pid } = spawnSync("true");
    const locks = join(stack.stateFolder, ".pulumi", "locks", "organization", "slipway", stack.name);
    await mkdir(locks, { recursive: true });
    const lock = { pid, username: "ann", hostname: hostname(), timestamp: new Date().toISOString() };
    await writeFile(join(locks, "killed.json"), JSON.stringify(lock));
    const [before, since] = [await readFile(fileOf(stack)), new Date()];
    const rollback = await slipway(stack, "rollback", "--yes", "--to", "2");
    const deploy = await slipway(stack, "deploy", "--engine");
    for (const { code, stdout, stderr } of [rollback, deploy]) {
      expect(stderr).toContain("is still locked by a run of Pulumi on this machine that was killed");
      expect(stderr).toContain(`pulumi cancel --yes ${stack.name}`);
      expect([code, stdout]).toEqual([2, ""]);
    }
    expect(await readFile(fileOf(stack))).toEqual(before);
    expect(await host.mutations(since)).toEqual([]);
    await rm(locks, { recursive: true });
  });

  it("goes forward again by naming the newer one, with the container that was kept", async () => {
    const kept = (await containersOf(host)).find(({ labels }) => labels["slipway.release"]?.startsWith("v2-"));
    const { code, stdout, stderr } = await slipway(stack, "rollback", "--yes", "--to", "2");
    expect(code, stdout + stderr).toBe(0);
    expect(await served()).toEqual({ version: "v2", ...SECOND });
    expect((await liveOf(host)).image).toBe(kept?.image);
  });

  it("is frozen for a time: deploy, rollback and pulumi itself are refused, reading goes on, and an emergency is possible", async () => {
    const frozen = await slipway(stack, "lock", "--for", "2h", "-m", "the billing data moves");
    expect(frozen.code, frozen.stderr).toBe(0);
    const since = new Date();
    const before = await readFile(fileOf(stack));
    const rollback = await slipway(stack, "rollback", "--yes", "--to", "v1");
    expect([rollback.code, await readFile(fileOf(stack))]).toEqual([1, before]);
    await stack.configure({ env: { clear: { COLOR: "green" }, secret: ["TOKEN"] } });
    const deploy = await slipway(stack, "deploy");
    expect(deploy.code).toBe(1);
    const up = (await stack.up()).output;
    for (const said of [rollback.stderr, deploy.stderr, up]) {
      expect(said).toMatch(/is frozen on \S+: nothing may be changed there/);
      expect(said).toMatch(/frozen by \S+@\S+ .* since .*, for 1 h 5\d min more, until/);
      expect(said).toContain("because: the billing data moves");
    }
    expect((await slipway(stack, "status")).stdout).toMatch(/^frozen .*: the billing data moves$/m);
    expect(await host.mutations(since)).toEqual([]);
    const urgent = await slipway(stack, "deploy", "--despite-freeze");
    expect(urgent.code, urgent.stderr).toBe(0);
    expect((await served()).COLOR).toBe("green");
    expect((await slipway(stack, "unlock")).stdout).toMatch(/^ended: .* is frozen by/);
    expect((await slipway(stack, "lock status")).stdout).toMatch(/: free$/m);
  });

  it("has on its host who changed what, and how it ended, without a secret", async () => {
    const { stdout } = await slipway(stack, "audit", "--json");
    const { state, hosts } = JSON.parse(stdout) as AuditReport;
    const entries = hosts[0]?.entries ?? [];
    const me = userInfo().username;
    expect(entries.filter(({ who }) => !who.startsWith(`${me}@`) || !who.endsWith(`${stack.name})`))).toEqual([]);
    const of = (what: RegExp) => entries.filter((entry) => what.test(entry.what)).map(({ result }) => result);
    expect(of(/^slipway deploy: release v1-\S+ of/)).toEqual([
      "done",
      "done",
      expect.stringMatching(/^failed: web-\S+: the container exited with code 3/),
    ]);
    expect(of(/^slipway rollback: release v1-\S+ of/)).toEqual(["done"]);
    expect(of(/^slipway deploy: release v2-\S+ of/)).toEqual([
      "done",
      expect.stringMatching(/^done \(despite the freeze by .*@.*\)$/),
    ]);
    expect(of(/^slipway (lock|unlock)/)).toEqual(["frozen", expect.stringMatching(/^ended the freeze by/)]);
    expect(state.filter(({ who }) => who.startsWith(`${me}@`)).map(({ what, result }) => `${what} ${result}`)).toContain(
      "slipway deploy: update failed",
    );
    for (const secret of [FIRST.TOKEN, SECOND.TOKEN]) expect(stdout).not.toContain(secret);
    expect((await slipway(stack, "audit", "-n", "3")).stdout.trimEnd().split("\n")).toHaveLength(4);
  });

  it("is released again when its tag points to a different image", { tags: "long" }, async () => {
    await lab.image("shop", "v2", { VERSION: "v2 again" });
    await stack.configure({ image: v2?.ref });
    expect((await slipway(stack, "deploy")).code).toBe(0);
    expect((await served()).version).toBe("v2 again");
    await lab.image("shop", "v2", { VERSION: "v2 for the third time" });
    const { said, made } = await callsDuring(() => slipway(stack, "deploy", "--verbose"));
    expect(said.stderr).toContain("the image's tag points to a different image now");
    expect(enginesIn(made)).toEqual(["up"]);
    expect((await served()).version).toBe("v2 for the third time");
  });

  it("gets its config back byte for byte when the rollback could not be released, and serves on", { tags: "long" }, async () => {
    await stack.configure({
      proxy: { app_port: 3000, host: "shop.test" },
      env: { clear: { COLOR: "green" }, secret: ["TOKEN"] },
    });
    expect((await slipway(stack, "deploy")).code).toBe(0);
    const { id } = await liveOf(host);
    const target = `--target=${id.slice(0, 12)}:3000`;
    await host.must(`docker exec kamal-proxy kamal-proxy deploy stranger ${target} --health-check-path=/up`);
    const before = await readFile(fileOf(stack));

    const { code, stderr } = await slipway(stack, "rollback", "--yes", "--to", "v1");
    expect(stderr).toContain("stranger");
    expect(stderr).toContain("is as it was before");
    expect(code).toBe(1);
    expect(await readFile(fileOf(stack))).toEqual(before);
    expect((await liveOf(host)).id).toBe(id);
  });
});

const fileOf = ({ name }: LabStack): string => join(import.meta.dirname, "..", "..", "..", "stacks", `Pulumi.${name}.yaml`);

/** `LabStack.configure` rewrites the file; the comment in it is restored. */
async function remark(stack: LabStack): Promise<void> {
  const text = await readFile(fileOf(stack), "utf8");
  await writeFile(fileOf(stack), text.replace("app_port: 3000\n", `app_port: 3000 ${REMARK}\n`));
}
