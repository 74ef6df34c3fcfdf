import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { Accessory, Death, type Wish } from "../../support/accessory.ts";
import { AccessoryHost } from "./accessory-host.ts";

let on: AccessoryHost;
let lab: Lab;
let host: LabHost;
let images: AccessoryHost["images"];
let db: Accessory;

beforeAll(async () => {
  on = await AccessoryHost.create();
  ({ lab, host, images } = on);
});
afterAll(() => on?.[Symbol.asyncDispose]());

const sh = (script: string) => on.sh(script);
const inspect = (name: string) => on.inspect(name);
const names = () => on.names();
const versionAt = () => on.versionAt();
const writeRow = (volume?: string) => on.writeRow(volume);
const row = () => on.row();

describe("a run that is killed", () => {
  const env = { A: "1" };
  const files = [{ path: "/x", mode: 0o644, template: false, content: "x", encoding: "utf8" }] as const;

  beforeAll(async () => {
    db = new Accessory(lab, host, { image: images.v1, env, files: [...files] });
    await db.done();
    await writeRow();
  });
  afterAll(() => db[Symbol.asyncDispose]());

  /** Whether the run came to its end before that change. */
  const killedAt = async (at: number, wish: Wish): Promise<boolean> => {
    const { around } = db;
    const death = new Death(at);
    db.around = death.around;
    await db.up(wish).catch(() => {});
    db.around = around;
    const running = await sh("docker ps -q --filter label=slipway.accessory=db");
    expect(running.split("\n").length).toBeLessThan(2);
    return !death.struck;
  };
  const expectWhole = async (version: string): Promise<void> => {
    expect(await versionAt()).toBe(version);
    expect(await row()).toBe("kept");
    expect((await names()).trim()).toBe("shop-db");
    expect((await inspect("shop-db")).HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
    expect(await db.preview()).toBe("");
  };
  const LONG = 30;

  it("at any step of a replace: the next one ends it, with all data", async () => {
    for (let at = 0; at < LONG; at += 1) {
      const version = at % 2 === 0 ? "v2" : "v1";
      const isOver = await killedAt(at, { image: images[version] });
      await db.done();
      await expectWhole(version);
      if (!isOver) continue;
      expect(at).toBeGreaterThan(7);
      return;
    }
    throw new Error("it never came to its end");
  });

  it("at any step of the way back from a broken image: the next one serves, with all data", async () => {
    const { image } = db.inputs();
    for (let at = 0; at < LONG; at += 1) {
      const isOver = await killedAt(at, { image: images.broken });
      await db.done({ image });
      await expectWhole(image === images.v1 ? "v1" : "v2");
      if (!isOver) continue;
      expect(at).toBeGreaterThan(7);
      return;
    }
    throw new Error("it never came to its end");
  });

  it("and another one is wanted by then: that one runs, with all data", async () => {
    for (let at = 3; at < LONG; at += 2) {
      const isOver = await killedAt(at, { image: images.v1, env: { A: `${at}` } });
      await db.done({ image: images.v2, env: { A: `later than ${at}` } });
      await expectWhole("v2");
      if (isOver) return;
    }
    throw new Error("it never came to its end");
  });
});

describe("a connection that is lost", () => {
  beforeAll(async () => {
    db = new Accessory(lab, host, { image: images.v1 });
    await db.done();
    await writeRow();
  });
  afterAll(() => db[Symbol.asyncDispose]());

  it("in the gap is made again, and the replace goes on", async () => {
    let cut = false;
    const { around } = db;
    db.around = async (change, run) => {
      if (change.what === "start container" && !cut) {
        cut = true;
        await host.dropSessions();
      }
      return run();
    };
    const { said } = await db.done({ image: images.v2 });
    db.around = around;
    expect(said.join("\n")).toMatch(/reconnecting\n.*: replaced, gap \d/);
    expect(await versionAt()).toBe("v2");
    expect(await row()).toBe("kept");
    expect((await names()).trim()).toBe("shop-db");
  });
});
