import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { containersOf, freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImages } from "../../support/images.ts";
import { namesOn, storyOf } from "../../support/moments.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { answerOf, expectNobodyFailed, visited } from "../../support/visitors.ts";

let lab: Lab;
let host: LabHost;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(2);
  host = hostOf(lab);
  Object.assign(images, await pinnedImages(lab, ["v1", "v2"]));
});

/** What a visitor gets, whatever it is. */
async function visit({ address }: LabHost, path = "/"): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://${address}${path}`);
  return { status: answer.status, body: await answer.text() };
}

const away = (message: string) => ({ status: 503, body: expect.stringContaining(message) });
const everywhere = (path?: string) => Promise.all(lab.hosts.map((one) => visit(one, path)));
const proxy = (command: string) => host.must(`docker exec kamal-proxy kamal-proxy ${command}`);

describe("an app in maintenance", () => {
  let app: App;
  beforeAll(async () => {
    app = await App.create(lab, { image: images.v1, deploy_timeout: 10, drain_timeout: 5 });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("answers 503 with the message at once and restarts nothing; its health path still answers 200", async () => {
    const preview = await app.preview({ maintenance: { message: "Back at 10:00" } });
    expect(preview).toContain('answer 503 for shop-web-lab: "Back at 10:00"');
    expect(preview).not.toContain("start");
    const events = await mutationsDuring(lab.hosts, () => app.released());
    expect(Object.values(events).flat()).toEqual([]);
    expect(await everywhere()).toEqual([away("Back at 10:00"), away("Back at 10:00")]);
    expect((await everywhere("/up")).map(({ status }) => status)).toEqual([200, 200]);
    expect(await app.preview()).toBe("");
  });

  it("stays so through a new release, whose container is there when it ends", async () => {
    expect(await app.preview({ image: images.v2 })).toContain("in maintenance");
    await app.released();
    expect(await everywhere()).toEqual([away("Back at 10:00"), away("Back at 10:00")]);
    expect((await namesOn(lab.hosts)).flat()).toEqual([expect.stringContaining("-v2-"), expect.stringContaining("-v2-")]);
    expect(await app.preview()).toBe("");
  });

  it("stays so over a restart of the proxy", async () => {
    await host.must("docker restart -t 1 kamal-proxy");
    await expect.poll(() => visit(host).catch(() => undefined), { timeout: 5000 }).toEqual(away("Back at 10:00"));
    expect(await app.preview()).toBe("");
  });

  it("says another message without touching a container", async () => {
    expect(await app.preview({ maintenance: { message: "Back at noon" } })).toContain('"Back at noon"');
    const events = await mutationsDuring(lab.hosts, () => app.released());
    expect(Object.values(events).flatMap(storyOf)).toEqual([]);
    expect(await everywhere()).toEqual([away("Back at noon"), away("Back at noon")]);
  });

  it("that was ended by hand is drift, and is put right", async () => {
    await proxy("resume shop-web-lab");
    expect((await visit(host)).status).toBe(200);
    const reading = await app.read();
    expect(reading.found === "drift" && reading.inputs.routes).toMatchObject({ [`${host.name}/web`]: "not in maintenance" });
    const preview = await app.preview();
    expect(preview).toContain('answer 503 for shop-web-lab: "Back at noon"');
    expect(preview.split("\n").filter((line) => /^ {2}\S/.test(line))).toHaveLength(1);
    await app.released();
    expect(await everywhere()).toEqual([away("Back at noon"), away("Back at noon")]);
  });

  it("whose message was changed by hand is drift, and is put right", async () => {
    await proxy("stop shop-web-lab --message Gone");
    const reading = await app.read();
    expect(reading.found === "drift" && reading.inputs.routes[`${host.name}/web`]).toBe('in maintenance: "Gone"');
    await app.released();
    expect(await everywhere()).toEqual([away("Back at noon"), away("Back at noon")]);
    expect(await app.preview()).toBe("");
  });

  it("serves again when it is taken out", async () => {
    expect(await app.preview({ maintenance: undefined })).toContain(
      "let requests reach shop-web-lab again (it is in maintenance)",
    );
    const events = await mutationsDuring(lab.hosts, () => app.released());
    expect(Object.values(events).flat()).toEqual([]);
    expect(await Promise.all(lab.hosts.map((one) => answerOf(one)))).toEqual(["v2", "v2"]);
    expect(await app.preview()).toBe("");
  });

  it("started by hand is drift, and it serves again", async () => {
    await proxy("stop shop-web-lab --message Oops");
    const reading = await app.read();
    expect(reading.found === "drift" && reading.inputs.routes[`${host.name}/web`]).toBe('in maintenance: "Oops"');
    expect(await app.preview()).toContain("let requests reach shop-web-lab again (it is in maintenance)");
    await app.released();
    expect(await answerOf(host)).toBe("v2");
  });

  it("started by hand does not fall to a release of another version for its visitors elsewhere", async () => {
    await proxy("stop shop-web-lab --message Oops");
    const swap = await visited(lab, ["v1", "v2"], () => app.released({ image: images.v1 }), lab.hosts.slice(1));
    expectNobodyFailed(swap);
    expect(await Promise.all(lab.hosts.map((one) => answerOf(one)))).toEqual(["v1", "v1"]);
    expect(await app.preview()).toBe("");
  });

  it("can be taken away", async () => {
    await app.released({ maintenance: true });
    await app.withdraw();
    for (const one of lab.hosts) expect(await containersOf(one)).toEqual([]);
    expect((await everywhere()).map(({ status }) => status)).toEqual([404, 404]);
  });
});

describe("an app whose first release is in maintenance", () => {
  it("is open for no longer than its first switch takes, and serves when the maintenance ends", async () => {
    await using app = await App.create(lab, { image: images.v1, maintenance: { message: "Soon" }, deploy_timeout: 10 });
    expect(await app.preview()).toContain('answer 503 for shop-web-lab: "Soon"');
    const load = await lab.load({ url: `http://${host.address}/`, rate: 100 });
    await app.released();
    const { answers } = await load.stop();
    const met = (wanted: number) => answers.find(({ status }) => status === wanted);
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([404, 503]));
    // The proxy knows no route that is closed from its beginning.
    const open = met(200);
    expect((open?.last.getTime() ?? 0) - (open?.first.getTime() ?? 0)).toBeLessThan(1000);
    expect(met(503)?.last.getTime()).toBeGreaterThan(open?.last.getTime() ?? 0);
    expect(await everywhere()).toEqual([away("Soon"), away("Soon")]);
    expect(await app.preview()).toBe("");
    await app.released({ maintenance: undefined });
    expect(await Promise.all(lab.hosts.map((one) => answerOf(one)))).toEqual(["v1", "v1"]);
  });
});
