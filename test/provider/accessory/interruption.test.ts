import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { Accessory } from "../../support/accessory.ts";
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

const names = () => on.names();
const versionAt = () => on.versionAt();
const writeRow = (volume?: string) => on.writeRow(volume);
const row = () => on.row();

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
