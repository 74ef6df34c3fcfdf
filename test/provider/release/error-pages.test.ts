import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { pinnedImages } from "../../support/images.ts";
import { storyOf } from "../../support/moments.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { answerOf, expectNobodyFailed, visited } from "../../support/visitors.ts";

const FILES = "/var/lib/docker/volumes/kamal-proxy-config/_data/slipway/shop-lab";

let lab: Lab;
let host: LabHost;
let folder: string;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  Object.assign(images, await pinnedImages(lab, ["v1", "v2"]));
  folder = await mkdtemp(join(tmpdir(), "slipway-pages-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the pages that the project has now. */
async function pages(from: string): Promise<void> {
  await writeFile(join(folder, "502.html"), `<h1>${from}: no one is at home</h1>`);
  await writeFile(join(folder, "503.html"), `<h1>${from}: {{ .Message }}</h1>`);
}

/** @example "503 <h1>…</h1>" */
async function visit(): Promise<string> {
  const answer = await fetch(`http://${host.address}/`);
  return `${answer.status} ${await answer.text()}`;
}

const folders = async () => (await host.must(`find ${FILES} -mindepth 1 -maxdepth 1 -type d`)).split("\n").filter(Boolean);

/** Restarts the proxy and waits until it takes requests. */
async function restartProxy(): Promise<void> {
  await host.must("docker restart -t 1 kamal-proxy");
  await expect.poll(() => visit().then(Boolean, () => false), { timeout: 5000 }).toBe(true);
}

describe("error pages of one's own", () => {
  let app: App;
  beforeAll(async () => {
    await pages("house");
    app = await App.create(lab, { image: images.v1, error_pages_path: folder, deploy_timeout: 10, drain_timeout: 5 });
    expect(await app.preview()).toContain("place 502.html, 503.html for the proxy");
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("are shown in maintenance, with its message", async () => {
    await app.released({ maintenance: { message: "Back at 10:00" } });
    expect(await visit()).toBe("503 <h1>house: Back at 10:00</h1>");
    expect(await app.preview()).toBe("");
  });

  it("are shown while no container answers", async () => {
    await app.released({ maintenance: undefined });
    await host.docker.getContainer((await liveOf(host)).id).stop({ t: 1 });
    expect(await visit()).toBe("502 <h1>house: no one is at home</h1>");
    await app.released();
    expect(await answerOf(host)).toBe("v1");
  });

  it("stay over a new release and a restart of the proxy", async () => {
    await app.released({ image: images.v2, maintenance: { message: "Soon" } });
    expect(await visit()).toBe("503 <h1>house: Soon</h1>");
    await restartProxy();
    expect(await visit()).toBe("503 <h1>house: Soon</h1>");
    expect(await app.preview()).toBe("");
    await app.released({ maintenance: undefined });
    expect(await answerOf(host)).toBe("v2");
  });

  it("change the route and no container when they are edited, and no visitor notices; the old ones are taken away", async () => {
    const before = await folders();
    await pages("new house");
    const preview = await app.preview();
    expect(preview).toMatch(/place 502\.html, 503\.html for the proxy · set the route shop-web-lab → shop-web-lab-v2-/);
    expect(preview).not.toContain("start");
    const events = await mutationsDuring([host], async () => {
      const change = await visited(lab, ["v2"], async (visitors) => {
        await app.released();
        await visitors.more(20);
      });
      expectNobodyFailed(change);
    });
    expect(storyOf(events[host.name] ?? [])).toEqual([]);
    expect(await app.preview()).toBe("");
    await app.released({ maintenance: { message: "Soon" } });
    expect(await visit()).toBe("503 <h1>new house: Soon</h1>");
    const after = await folders();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    await restartProxy();
    expect(await visit()).toBe("503 <h1>new house: Soon</h1>");
  });

  it("that come back are placed again", async () => {
    await pages("house");
    await app.released();
    expect(await visit()).toBe("503 <h1>house: Soon</h1>");
    expect(await folders()).toHaveLength(1);
    await restartProxy();
    expect(await visit()).toBe("503 <h1>house: Soon</h1>");
    expect(await app.preview()).toBe("");
  });

  it("that were removed by hand are placed again, before a restart of the proxy can lose every route for them", async () => {
    await host.must(`rm -rf ${FILES}/*`);
    expect((await app.read()).found).toBe("drift");
    expect(await app.preview()).toContain("place 502.html, 503.html for the proxy");
    await app.released();
    expect(await app.preview()).toBe("");
    await restartProxy();
    expect(await visit()).toBe("503 <h1>house: Soon</h1>");
  });

  it("that are not wanted any more are the proxy's own again", async () => {
    await app.released({ error_pages_path: undefined });
    expect(await visit()).toMatch(/^503 <!doctype html>.*Soon/s);
    expect(await folders()).toEqual([]);
    expect(await app.preview()).toBe("");
  });

  it("go with the app", async () => {
    await app.released({ error_pages_path: folder });
    expect(await folders()).toHaveLength(1);
    await app.withdraw();
    expect(await folders()).toEqual([]);
  });
});
