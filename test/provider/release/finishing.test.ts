import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { readMutations } from "../../../lab/events.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { type AppContainer, containersOf, freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { releaseKilled } from "../../support/killed.ts";

/** What each worker gets to finish, which it uses in full. */
const GRACE = 6;
const WAIT = 1;

/** The workers of one version, which end only by force. */
const jobs = (host: LabHost, version: string, changes: object = {}) => ({
  servers: {
    jobs: {
      hosts: { [host.name]: host.address },
      cmd: "/app worker",
      proxy: false,
      readiness_delay: 0,
      stop_timeout: GRACE,
      env: { clear: { IGNORE_SIGTERM: "1", V: version } },
      ...changes,
    },
  },
});

describe("a worker that needs longer than the run waits", () => {
  let lab: Lab;
  let host: LabHost;
  let app: App;
  let since: Date;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    since = new Date();
    app = await App.create(lab, {
      image: await pinnedImage(lab, "v1"),
      primary_role: "jobs",
      stop_wait: WAIT,
      ...jobs(host, "1"),
    });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const named = async (part: string): Promise<AppContainer[]> =>
    (await containersOf(host)).filter(({ name }) => name.includes(part));
  const signals = async (id: string): Promise<number> =>
    (await readMutations(host.docker, since)).filter((event) => event.id === id && event.action === "kill").length;
  const ended = async (id: string) => {
    const look = async () => {
      const { State, HostConfig } = await host.docker.getContainer(id).inspect();
      return State.Running ? undefined : { code: State.ExitCode, restart: HostConfig.RestartPolicy?.Name };
    };
    return Deadline.in(GRACE * 2).until(look, () => new Error(`${id} still runs`));
  };

  it("is left to finish: the run ends, nothing is to do, and Docker kills it when its time is over", async () => {
    await app.released();
    const [old] = await named("jobs");
    expect(await app.preview(jobs(host, "2"))).toContain(
      `(≤ ${GRACE} s to finish; the run waits ${WAIT} s, then it ends by itself)`,
    );
    const { said, seconds } = await app.released();
    expect(said[0]).toBe(`${host.name}: ${old?.name} is still finishing, for up to ${GRACE} s; it ends by itself`);
    expect(seconds).toBeLessThan(GRACE - 1);
    expect(await app.preview()).toBe("");
    const [left] = await named(".finishing-until-");
    expect(left).toMatchObject({ id: old?.id, state: "running" });

    // The same release comes back beside it, and the next one leaves it alone.
    await app.released(jobs(host, "1"));
    expect(await named(".finishing-until-")).toHaveLength(2);
    expect(await host.docker.getContainer(old?.name ?? "").inspect()).toMatchObject({ State: { Running: true } });
    expect(await app.preview()).toBe("");

    expect(await ended(old?.id ?? "")).toEqual({ code: 137, restart: "no" });
    // SIGTERM once, then SIGKILL.
    expect(await signals(old?.id ?? "")).toBe(2);
    expect(await app.preview()).toBe("");
  });

  it("is found by the next run when this one is killed while it waits, and gets no second signal", async () => {
    const [old] = (await named("jobs")).filter(({ state }) => state === "running");
    app.configure(jobs(host, "3"));
    await releaseKilled(lab, app, ({ call, moment }) => call === "rename container" && moment === "after");
    expect(await app.preview()).not.toContain("stop ");
    await app.released();
    expect(await ended(old?.id ?? "")).toEqual({ code: 137, restart: "no" });
    expect(await signals(old?.id ?? "")).toBe(2);
  });

  it("does not come back when Docker restarts, whatever its policy was", { tags: "long" }, async () => {
    const always = { options: { restart: "always" } };
    // Stopped in time, stopped first, and left to finish.
    await app.released(jobs(host, "4", { ...always, stop_timeout: 1 }));
    await app.released(jobs(host, "5", { ...always, stop_timeout: 1 }));
    await app.released(jobs(host, "6", { ...always, strategy: "stop-first" }));
    const [old] = (await named("jobs")).filter(({ state }) => state === "running");
    await app.released(jobs(host, "7", always));
    await host.killDocker();
    await host.startDocker();
    expect((await ended(old?.id ?? "")).restart).toBe("no");
    expect((await named("jobs")).filter(({ state }) => state === "running")).toHaveLength(1);
    expect(await app.preview()).toBe("");
  });

  it("is waited for by a destroy, with what is left of its time and without another signal", async () => {
    await app.released(jobs(host, "8"));
    const [old] = (await named("jobs")).filter(({ state }) => state === "running");
    await app.released(jobs(host, "9"));
    await app.withdraw();
    expect(await named("jobs")).toEqual([]);
    expect(await signals(old?.id ?? "")).toBe(2);
  });
});
