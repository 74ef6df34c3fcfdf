import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { nodeImage } from "../../../lab/node.ts";
import { scheduleFacts } from "../../../providers/schedule/facts.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { aJob, Scheduled } from "../../support/scheduled.ts";
import { STRIDE } from "../../support/stride.ts";

const OFTEN = { cron: "* * * * * *" };

describe("jobs on a host", () => {
  let lab: Lab;
  let host: LabHost;
  let node: string;
  let scheduled: Scheduled;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    node = (await nodeImage(lab.registry, "24-slim-jobs")).ref;
    await ran("docker network create kamal; mkdir -p /srv/shop");
    scheduled = new Scheduled(lab, host, node);
  }, 900_000);
  afterAll(async () => {
    await scheduled.withdraw();
  });

  const ran = async (script: string): Promise<string> => (await host.must(script)).trim();
  const marks = [{ source: "/srv/shop", target: "/marks", readOnly: false }];
  const job = (script: string, change = {}) => aJob(node, script, { mounts: marks, ...change });
  const events = async (): Promise<Record<string, unknown>[]> =>
    (await ran("docker logs shop-schedule 2>&1"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  const event = (name: string, of: string) =>
    scheduled.until(async () => (await events()).find(({ event, entry }) => event === name && entry === of), `${name} of ${of}`);
  const names = async () => (await ran("docker ps -a --format '{{.Names}}'")).split("\n").filter((name) => name.includes("job"));
  /** A job that runs at that moment ends by itself, and the next run removes it. */
  const withoutJobs = () =>
    scheduled.until(async () => {
      await scheduled.converge({ jobs: {} });
      return (await names()).length === 0 ? true : undefined;
    }, "the end of the last job");
  const fact = async (name: string) => {
    const { state } = await scheduled.look();
    if (state?.found.kind !== "present") throw new Error("not reached");
    return scheduleFacts(scheduled.inputs, state.found, new Date()).find((one) => one.name === name);
  };

  it("run at their time, again and again, and their last result is known", async () => {
    await scheduled.converge({ jobs: { tick: job("echo tick >>/marks/ticks; echo done", OFTEN) } });
    await scheduled.until(
      async () => ((await ran("cat /srv/shop/ticks 2>/dev/null | wc -l")) >= "2" ? true : undefined),
      "two ticks",
    );
    await event("ended", "job tick");
    const { last, next } = (await scheduled.until(async () => {
      const found = await fact("tick");
      return found?.last === undefined ? undefined : found;
    }, "a result")) ?? { last: undefined, next: undefined };
    expect(last).toMatchObject({ ok: true, code: 0, said: "done" });
    expect(next).toBeDefined();
    await withoutJobs();
  });

  it("are started by the image that its tag meant first, whatever the tag means later", async () => {
    const image = () => ran("docker inspect --format '{{.Config.Image}}' shop-schedule");
    const first = await image();
    expect(first).toMatch(/node@sha256:[0-9a-f]{64}$/);
    expect((await scheduled.look()).state?.digest).toBe(first.split("@")[1]);
    const { server, username, password } = lab.registry;
    await ran(`docker login ${server} -u ${username} -p '${password}' 2>&1
      docker create --name moved ${first} && docker commit moved ${node} && docker push ${node} && docker rm moved && docker rmi ${node}`);
    await scheduled.converge({ jobs: { other: job("true") } });
    expect(await image()).toBe(first);
    await scheduled.converge({ jobs: {} });
  });

  it("report that they failed", async () => {
    await scheduled.converge({ jobs: { bad: job("echo no luck; exit 7", OFTEN) } });
    const ended = await event("ended", "job bad");
    expect(ended).toMatchObject({ codes: [7] });
    await scheduled.converge({ jobs: { bad: job("echo no luck; exit 7") } });
    expect((await fact("bad"))?.last).toMatchObject({ ok: false, code: 7, said: "no luck" });
  });

  it("leave no secret in their result", async () => {
    const secrets = { TOKEN: "sk_live_canary" };
    const printing = (change = {}) => job('echo "token is $TOKEN"; exit 7', { secretEnv: { TOKEN: "TOKEN" }, ...change });
    await scheduled.converge({ jobs: { loud: printing(OFTEN) }, secrets });
    await event("ended", "job loud");
    await scheduled.converge({ jobs: { loud: printing() }, secrets });
    expect((await fact("loud"))?.last?.said).toBe("token is [secret]");
  });

  it("are left out while the one before runs, unless that is allowed", async () => {
    await scheduled.converge({ jobs: { slow: job("sleep 600", { ...OFTEN, options: { ...job("").options } }) } });
    expect(await event("skipped", "job slow")).toMatchObject({ because: "shop-job-slow is still running" });
    expect(await names()).toEqual(["shop-job-slow"]);
    await scheduled.converge({ jobs: { slow: job("sleep 4", { ...OFTEN, concurrency: "allow" }) } });
    await scheduled.until(
      async () => ((await names()).filter((name) => name.includes("-run-")).length >= 2 ? true : undefined),
      "two at once",
    );
    await ran("docker ps -q --filter name=leaving | xargs -r docker kill");
    await withoutJobs();
  });

  it("are stopped when they take too long", { tags: "long" }, async () => {
    await scheduled.converge({ jobs: { long: job("sleep 600", { ...OFTEN, timeout: 2 }) } });
    expect(await event("stopped", "job long")).toMatchObject({ because: "it took more than 2 s" });
    await scheduled.converge({ jobs: {} });
  });

  it("finish what they do in the old release, and run in the new one from then on", { tags: "long" }, async () => {
    await scheduled.converge({
      jobs: { work: job("echo old began >>/marks/work; sleep 15; echo old ended >>/marks/work", OFTEN) },
    });
    await scheduled.until(
      async () => ((await ran("cat /srv/shop/work 2>/dev/null || true")) === "" ? undefined : true),
      "the old one",
    );
    await scheduled.converge({ jobs: { work: job("echo new >>/marks/work", OFTEN) } });
    expect((await names()).filter((name) => name.includes("-leaving-"))).toHaveLength(1);
    const marksOf = async () => (await ran("cat /srv/shop/work")).split("\n");
    await scheduled.until(async () => ((await marksOf()).includes("new") ? true : undefined), "the new one");
    expect((await marksOf()).slice(0, 3)).toEqual(["old began", "old ended", "new"]);
    await scheduled.until(
      async () => ((await names()).some((name) => name.includes("-leaving-")) ? undefined : true),
      "the end of the old one",
    );
  });

  it("go on after the scheduler was killed", async () => {
    await ran("docker kill shop-schedule");
    const { found, plan } = await scheduled.look();
    expect(found).toBe("drift");
    expect(plan.text).toContain("start shop-schedule, found stopped with code 137 (drift)");
    await scheduled.converge();
    expect((await scheduled.look()).found).toBe("same");
  });

  it("never touch a container that is not theirs", async () => {
    await ran(`docker run -d --name shop-job-other --label slipway.scheduled=someone ${node} sleep 1000`);
    await expect(scheduled.converge({ jobs: { other: job("true") } })).rejects.toThrow(
      /the name shop-job-other is taken by a container that does not belong to this schedule/,
    );
    expect(await ran("docker inspect -f '{{.State.Running}}' shop-job-other")).toBe("true");
    await ran("docker rm -f shop-job-other");
    await scheduled.converge({ jobs: {} });
  });

  it("are as declared after a run that was killed at any of its steps, and the next one", { tags: "long" }, async () => {
    const [old, next] = [
      { one: job("true"), two: job("true") },
      { one: job("false"), three: job("true") },
    ];
    const total = (await converged(old, next)).length;
    expect(total).toBeGreaterThan(8);
    for (let step = 0; step < total; step += STRIDE) {
      await scheduled.withdraw();
      await scheduled.converge({ jobs: old });
      let left = step;
      const dying = <T>(_change: unknown, run: () => Promise<T>): Promise<T> =>
        left-- > 0 ? run() : Promise.reject(new Error("killed"));
      await expect(scheduled.converge({ jobs: next }, dying), `step ${step}`).rejects.toThrow();
      await scheduled.converge();
      expect((await scheduled.look()).found, `step ${step}`).toBe("same");
      expect(await names(), `step ${step}`).toEqual(expect.arrayContaining(["shop-job-one", "shop-job-three"]));
      expect(await names(), `step ${step}`).toHaveLength(2);
      expect(await ran("docker inspect -f '{{.State.Running}}' shop-schedule")).toBe("true");
    }
  });
  const converged = async (...jobs: readonly Record<string, ReturnType<typeof job>>[]): Promise<string[]> => {
    let changes: string[] = [];
    for (const wanted of jobs) changes = await scheduled.converge({ jobs: wanted });
    return changes;
  };

  it("leave nothing when they are withdrawn", async () => {
    await scheduled.converge({ jobs: { tick: job("sleep 60", OFTEN) } });
    await event("started", "job tick");
    await scheduled.withdraw();
    expect(await ran("docker ps -aq")).toBe("");
  });
});
