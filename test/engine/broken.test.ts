import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Seconds } from "../../core/words.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { details, done, expectNothingToDo, mutationsDuring, refused, update } from "../support/outcome.ts";
import { answerOf, expectNobodyFailed, visited } from "../support/visitors.ts";

describe("a broken version", () => {
  let lab: Lab;
  let stack: LabStack;
  let good: string;
  /** What an update without changes takes on this machine now; a refusal may not take much longer. */
  let unchanged: Seconds;

  beforeAll(async () => {
    lab = await freshHosts(1);
    good = (await lab.image("shop", "v1")).ref;
    stack = await LabStack.create(lab, { image: good, deploy_timeout: 3 });
    await done(update(stack));
    unchanged = (await done(update(stack))).seconds;
  });
  afterAll(() => stack[Symbol.asyncDispose]());
  afterEach(async () => expect(await answerOf(hostOf(lab))).toBe("v1"));

  it("that exits at boot is refused at once, with its exit code, its last words, what serves now and what next", async () => {
    const host = hostOf(lab);
    const before = await containersOf(host);
    const since = new Date();
    await stack.configure({ image: (await lab.image("shop", "exits", { EXIT_AT_BOOT: "3" })).ref });
    const attempt = await visited(lab, ["v1"], () => refused(update(stack)));

    const { output, seconds } = attempt.result;
    expect(output).toMatch(
      /shop exits-[0-9a-f]{8} was not released: \S+: the container exited with code 3, \d\.\d s after its start/,
    );
    expect(output).toMatch(/last log lines of shop-web-\S+:\n.*(\n.*)*fatal: connection refused/);
    expect(output).toMatch(
      new RegExp(`serves now: v1-[0-9a-f]{8} on ${host.name}\\. Nothing was switched; candidates were removed\\.`),
    );
    expect(output).toMatch(/next: .*pulumi up/);
    expect(seconds - unchanged).toBeLessThan(4);
    expectNobodyFailed(attempt);
    expect(await containersOf(host)).toEqual(before);

    const events = (await host.mutations(since)).filter(({ name }) => name.includes("-exits-"));
    const at = (action: string) => events.find((event) => event.action === action)?.at.getTime() ?? Number.NaN;
    expect(at("destroy") - at("start")).toBeLessThan(2000);
  });

  it("that never gets healthy is refused at its deploy timeout, with what its health check said", async () => {
    const host = hostOf(lab);
    const before = await containersOf(host);
    await stack.configure({ image: (await lab.image("shop", "sick", { UNHEALTHY: "1" })).ref });
    const attempt = await visited(lab, ["v1"], () => refused(update(stack)));

    const { output, seconds } = attempt.result;
    expect(output).toContain("the container did not become healthy within 3 s");
    expect(output).toMatch(/\/up on port 3000: 503 × \d+, 3\.\d s/);
    expect(output).toMatch(/last log lines of shop-web-\S+:\n.*(\n.*)*listening on 3000/);
    expect(output).toMatch(new RegExp(`serves now: v1-[0-9a-f]{8} on ${host.name}`));
    expect(seconds - unchanged).toBeLessThan(3 + 4);
    expectNobodyFailed(attempt);
    expect(await containersOf(host)).toEqual(before);
  });

  it("leaves its images alone to remove when the config goes back to the version that serves", async () => {
    const host = hostOf(lab);
    const before = await liveOf(host);
    await stack.configure({ image: good });
    const removal = String.raw`remove the image shop@sha256:[0-9a-f]{8}… \(no container uses it\)`;
    expect((await details(stack)).output).toMatch(new RegExp(`^ *${host.name} {2}${removal} · ${removal}$`, "m"));
    const mutations = await mutationsDuring([host], () => done(update(stack)));
    expect(mutations[host.name]?.filter(({ type }) => type !== "image")).toEqual([]);
    expect((await host.docker.listImages()).map(({ Id }) => Id)).toContain(before.image);
    expect((await host.docker.listImages()).filter(({ RepoDigests }) => RepoDigests?.[0]?.includes("/shop@"))).toHaveLength(1);
    expect(await liveOf(host)).toEqual(before);
    await expectNothingToDo(stack);
  });
});

describe("after a broken version", () => {
  it("the next good one is released by an ordinary up", async () => {
    const lab = await freshHosts(1);
    const [host, broken, good] = [
      hostOf(lab),
      await lab.image("shop", "exits", { EXIT_AT_BOOT: "3" }),
      await lab.image("shop", "v2"),
    ];
    await using stack = await LabStack.create(lab, { image: broken.ref });
    const { output } = await refused(update(stack));
    expect(output).toContain("serves now: nothing of this app");
    expect(await containersOf(host)).toEqual([]);

    await stack.configure({ image: good.ref });
    await done(update(stack));
    expect(await answerOf(host)).toBe("v2");
    await expectNothingToDo(stack);
  });
});
