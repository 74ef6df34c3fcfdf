import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Seconds } from "../../../core/words.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { expectOnlyImagesToRemove } from "../../support/tidying.ts";
import { answerOf, expectNobodyFailed, visited } from "../../support/visitors.ts";

let lab: Lab;
let good: string;
let exiting: string;
beforeAll(async () => {
  lab = await freshHosts(1);
  good = await pinnedImage(lab, "v1");
  exiting = await pinnedImage(lab, "exits", { EXIT_AT_BOOT: "3" });
});

describe("a broken version", () => {
  let app: App;
  /** What a good release takes on this machine now; a refusal may not take much longer. */
  let usual: Seconds;
  beforeAll(async () => {
    app = await App.create(lab, { image: good, deploy_timeout: 3 });
    usual = (await app.released()).seconds;
  });
  afterAll(() => app[Symbol.asyncDispose]());
  afterEach(async () => expect(await answerOf(hostOf(lab))).toBe("v1"));

  const imagesOfShop = async () =>
    (await hostOf(lab).docker.listImages()).filter(({ RepoDigests }) => RepoDigests?.[0]?.includes("/shop@"));

  it("that exits at boot is refused at once, with its exit code, its last log lines, what serves now and the next step", async () => {
    const host = hostOf(lab);
    const before = await containersOf(host);
    const since = new Date();
    const attempt = await visited(lab, ["v1"], () => app.refused({ image: exiting }));

    const { error, seconds } = attempt.result;
    expect(error).toMatch(
      /^shop exits-[0-9a-f]{8} was not released: \S+: the container exited with code 3, \d\.\d s after its start/,
    );
    expect(error).toMatch(/last log lines of shop-web-\S+:\n.*(\n.*)*fatal: connection refused/);
    expect(error).toMatch(
      new RegExp(`serves now: v1-[0-9a-f]{8} on ${host.name}\\. Nothing was switched; candidates were removed\\.`),
    );
    expect(error).toMatch(/next: .*pulumi up/);
    expect(seconds - usual).toBeLessThan(4);
    expectNobodyFailed(attempt);
    expect(await containersOf(host)).toEqual(before);

    const events = (await host.mutations(since)).filter(({ name }) => name.includes("-exits-"));
    const at = (action: string) => events.find((event) => event.action === action)?.at.getTime() ?? Number.NaN;
    expect(at("destroy") - at("start")).toBeLessThan(2000);
  });

  it("whose log Docker cannot read is refused with its exit code all the same", async () => {
    const { error } = await app.refused({ image: exiting, logging: { driver: "none" } });
    expect(error).toMatch(/was not released: \S+: the container exited with code 3, \d\.\d s after its start/);
    expect(error).toMatch(/the log of shop-web-\S+ cannot be read: /);
    app.configure({ logging: undefined });
  });

  it("that never gets healthy is refused at its deploy timeout, with what its health check said", async () => {
    const host = hostOf(lab);
    const before = await containersOf(host);
    const sick = await pinnedImage(lab, "sick", { UNHEALTHY: "1" });
    const attempt = await visited(lab, ["v1"], () => app.refused({ image: sick }));

    const { error, seconds } = attempt.result;
    expect(error).toContain("the container did not become healthy within 3 s");
    expect(error).toMatch(/\/up on port 3000: 503 × \d+, 3\.\d s/);
    expect(error).toMatch(/last log lines of shop-web-\S+:\n.*(\n.*)*listening on 3000/);
    expect(error).toMatch(new RegExp(`serves now: v1-[0-9a-f]{8} on ${host.name}`));
    expect(seconds - usual).toBeLessThan(3 + 4);
    expectNobodyFailed(attempt);
    expect(await containersOf(host)).toEqual(before);
  });

  it("has taken the image of the one refused before it along: refused releases do not fill the disk", async () => {
    expect(await imagesOfShop()).toHaveLength(2);
    const third = await pinnedImage(lab, "exits-again", { EXIT_AT_BOOT: "4" });
    const { error } = await app.refused({ image: third });
    expect(error).toContain("exited with code 4");
    expect(await imagesOfShop()).toHaveLength(2);
    expect(
      (await imagesOfShop()).some(({ RepoDigests }) =>
        RepoDigests?.some((digest) => digest.endsWith(third.slice(third.indexOf("@")))),
      ),
    ).toBe(true);
  });

  it("leaves only its image to remove when the config goes back to the version that serves", async () => {
    const host = hostOf(lab);
    const before = await liveOf(host);
    const preview = await app.preview({ image: good });
    expectOnlyImagesToRemove(preview);
    expect(preview.match(/remove the image/g)).toHaveLength(1);
    const mutations = await mutationsDuring([host], () => app.released());
    expect(mutations[host.name]?.filter(({ type }) => type !== "image")).toEqual([]);
    expect((await host.docker.listImages()).map(({ Id }) => Id)).toContain(before.image);
    expect(await imagesOfShop()).toHaveLength(1);
    expect(await liveOf(host)).toEqual(before);
    expect(await app.preview()).toBe("");
  });
});

describe("after a broken first version", () => {
  it("the next good one is released by an ordinary run", async () => {
    const host = hostOf(lab);
    await using app = await App.create(lab, { image: exiting });
    const { error } = await app.refused();
    expect(error).toContain("serves now: nothing of this app");
    expect(await containersOf(host)).toEqual([]);

    await app.released({ image: good });
    expect(await answerOf(host)).toBe("v1");
    expect(await app.preview()).toBe("");
  });
});
