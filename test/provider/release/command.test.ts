import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DockerEvent } from "../../../lab/events.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import { App } from "../../support/app.ts";
import { containersOf, freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImages } from "../../support/images.ts";
import { releaseKilled } from "../../support/killed.ts";
import { momentOf, namesOn, once, storyOf } from "../../support/moments.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { expectNobodyFailed, visited } from "../../support/visitors.ts";

const NOTE = "shop-release-command-lab";

let lab: Lab;
let primary: LabHost;
let other: LabHost;
let relay: Relay;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(2);
  [primary, other] = [hostOf(lab, 0), hostOf(lab, 1)];
  relay = await primary.relay();
  Object.assign(images, await pinnedImages(lab, ["v1", "v2", "v3", "v4", "v5"]));
});

/** The command line of the lab app's task. */
const task = (name: string, ms = 0, code = 0): string => `/app task ${name} ${ms} ${code}`;

const names = () => namesOn(lab.hosts);
const notesOn = async (host: LabHost) => (await containersOf(host)).filter(({ name }) => name.startsWith(NOTE));
const startsOf = (events: readonly DockerEvent[] = [], prefix: string): number =>
  storyOf(events).filter((line) => line.startsWith(`start ${prefix}`)).length;

describe("a release command", () => {
  let app: App;
  beforeAll(async () => {
    const hosts = { [primary.name]: { address: relay.address, port: relay.port }, [other.name]: other.address };
    app = await App.create(lab, {
      image: images.v1,
      servers: { web: { hosts } },
      env: { LEVEL: "info" },
      retain_containers: 2,
      deploy_timeout: 10,
    });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("runs once, on the first host of the primary role, in the new image and environment, before anything starts", async () => {
    const preview = await app.preview({ release: task("migrate", 1400) });
    expect(preview).toMatch(new RegExp(`${primary.name} +run /app task migrate 1400 0 · start shop-web-lab-v1`));
    expect(preview.match(/run \/app/g)).toHaveLength(1);
    const since = new Date();
    const { statuses, said } = await app.released();
    const events = await Promise.all(lab.hosts.map((host) => host.mutations(since)));
    expect(events.map((ofHost) => startsOf(ofHost, NOTE))).toEqual([1, 0]);
    const ended = momentOf(events[0] ?? [], "die", NOTE);
    for (const ofHost of events) expect(momentOf(ofHost, "create", "shop-web-lab-v1")).toBeGreaterThan(ended);

    const [note] = await notesOn(primary);
    const { Config, HostConfig } = await primary.docker.getContainer(note?.id ?? "").inspect();
    expect(Config.Env).toContain("LEVEL=info");
    expect(Config.Labels).not.toHaveProperty("role");
    expect(HostConfig.NetworkMode).toBe("kamal");
    expect(await primary.must(`docker logs ${note?.id} 2>&1`)).toMatch(/task migrate of v1 begins\n.*task migrate ends\n$/s);
    expect(statuses).toContainEqual(expect.stringMatching(/^\/app task migrate 1400 0: .*task migrate: step \d$/));
    expect(said.join()).toMatch(/ · release command \d+\.\d/);
  });

  it("is nothing to do any more, and its container is not taken for the app's", async () => {
    expect(await app.preview()).toBe("");
    expect((await app.read()).found).toBe("same");
    const roles = app.state?.fleet[primary.name];
    expect(roles?.kind === "reached" && roles.containers.map(({ role }) => role)).toEqual(["web"]);
  });

  it("that fails changes nothing on any host, and its output is in the error", async () => {
    const before = await names();
    const events = await mutationsDuring(lab.hosts, async () => {
      const swap = await visited(lab, ["v1"], () => app.refused({ image: images.v2, release: task("migrate", 1000, 3) }), [
        other,
      ]);
      expectNobodyFailed(swap);
      const { error } = swap.result;
      expect(error).toMatch(new RegExp(`^${primary.name}: the release command /app task migrate 1000 3 exited with code 3`));
      expect(error).toMatch(/last log lines of shop-release-command-lab-v2-[0-9a-f]{8}:\n.*relation orders does not exist/s);
      expect(error).toMatch(/serves now: v1-[0-9a-f]{8} on \S+, \S+; nothing of the new release was started/);
    });
    expect(storyOf(events[primary.name] ?? []).map((line) => line.split("-lab-")[0])).toEqual([
      "create shop-release-command",
      "start shop-release-command",
      "die shop-release-command",
    ]);
    expect(storyOf(events[other.name] ?? [])).toEqual([]);
    expect(await names()).toEqual(before);
  });

  it("that failed runs again with the next run, and the release goes on", async () => {
    const events = await mutationsDuring([primary], () => app.released({ release: task("migrate") }));
    expect(startsOf(events[primary.name], NOTE)).toBe(1);
    expect((await names()).flat()).toEqual([expect.stringContaining("-v2-"), expect.stringContaining("-v2-")]);
    expect(await app.preview()).toBe("");
  });

  it("that takes too long is stopped, and its last words are reported", async () => {
    const before = await names();
    const { error, seconds } = await app.refused({ image: images.v3, release: { cmd: task("slow", 60_000), timeout: 1 } });
    expect(seconds).toBeLessThan(6);
    expect(error).toContain("the release command /app task slow 60000 0 was stopped after 1 s");
    expect(error).toContain("task slow: step 3");
    expect((await notesOn(primary)).filter(({ name }) => name.includes("-v3-"))).toEqual([]);
    expect(await names()).toEqual(before);
  });

  it("of several begins with the one that failed", async () => {
    const { error } = await app.refused({ image: images.v3, release: [task("one"), task("two", 0, 1)] });
    expect(error).toContain("/app task two 0 1 exited with code 1");
    const preview = await app.preview({ release: [task("one"), task("two")] });
    expect(preview).not.toContain("task one");
    const events = await mutationsDuring([primary], () => app.released());
    const started = storyOf(events[primary.name] ?? []).filter((line) => line.startsWith(`start ${NOTE}`));
    expect(started).toEqual([expect.stringMatching(/\.2$/)]);
    expect(await app.preview()).toBe("");
  });

  it("does not run when an earlier release comes back", async () => {
    const events = await mutationsDuring([primary], () => app.released({ image: images.v2, release: task("migrate") }));
    expect(startsOf(events[primary.name], NOTE)).toBe(0);
    expect(startsOf(events[primary.name], "shop-web-lab-v2")).toBe(1);
    expect(await app.preview()).toBe("");
  });

  it("goes on while the connection is lost, is found again and does not run twice", async () => {
    const since = new Date();
    const released = app.released({ image: images.v4, release: task("long", 2500) });
    await once(primary, NOTE);
    relay.cut();
    const { said } = await released;
    const events = await primary.mutations(since);
    expect(said.join("\n")).toMatch(new RegExp(`${primary.name}: the connection was lost: .*; reconnecting`));
    expect(startsOf(events, NOTE)).toBe(1);
    expect(momentOf(events, "start", "shop-web-lab-v4")).toBeGreaterThan(momentOf(events, "die", NOTE));
    expect(await app.preview()).toBe("");
  });

  it("does not run again after its run was killed", async () => {
    app.configure({ image: images.v5, release: task("migrate") });
    const since = new Date();
    await releaseKilled(lab, app, ({ call, nth }) => call === "create container" && nth === 2);
    const noted = await notesOn(primary);
    expect(noted.map(({ name }) => name)).toContainEqual(expect.stringContaining("-v5-"));
    await app.released();
    expect(startsOf(await primary.mutations(since), NOTE)).toBe(1);
    expect((await names()).flat()).toEqual([expect.stringContaining("-v5-"), expect.stringContaining("-v5-")]);
    expect(await app.preview()).toBe("");
  });

  it("is noted for as many releases as are kept", async () => {
    const versions = (await notesOn(primary)).map(({ name }) => /-(v\d)-/.exec(name)?.[1]);
    expect([...new Set(versions)].sort()).toEqual(["v3", "v4", "v5"]);
  });

  it("leaves no note behind when the app is taken away", async () => {
    await app.withdraw();
    for (const host of lab.hosts) expect(await containersOf(host)).toEqual([]);
  });
});
