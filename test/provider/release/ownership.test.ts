import { beforeAll, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { Accessory } from "../../support/accessory.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImages } from "../../support/images.ts";
import { namesOn } from "../../support/moments.ts";

let lab: Lab;
let host: LabHost;
let images: Record<string, string>;
beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  images = await pinnedImages(lab, ["v1", "v2"]);
}, 900_000);

/** One app by name; which repository it is of, its stack says. */
const shop = (stack: string, values = {}) => App.create(lab, { image: images.v1, destination: "lab", ...values }, {}, stack);

it("keeps an app from a stack that gives its own the same name, until it adopts it", async () => {
  await using one = await shop("one");
  await one.released();
  const before = await namesOn([host]);
  await using two = await shop("two", { image: images.v2 });
  const { error } = await two.refused();
  expect(error).toContain("shop-lab on web-");
  expect(error).toContain("belongs to the stack slipway/one");
  expect(error).toContain('slipway:adopt: ["slipway/one"]');
  expect(await namesOn([host])).toEqual(before);
  await two.released({ adopt: ["slipway/one"] });
  expect((await namesOn([host])).flat()).toEqual([expect.stringMatching(/^shop-web-lab-v2-/)]);
});

it("keeps an accessory and its data from another stack", async () => {
  const image = (await lab.image("db", "v1", {}, { volumes: ["/data"] })).ref;
  const one = new Accessory(lab, host, { image });
  await one.done();
  const two = new Accessory(lab, host, { image, stack: "blog/lab" });
  const { error, changes } = await two.refused();
  expect(error).toContain("the name shop-db is taken by a container that is not ours");
  expect(error).toContain('slipway:adopt: ["slipway/lab"]');
  expect(changes).toEqual([]);
  await host.must("docker rm -f shop-db");
  expect((await two.refused()).error).toContain(
    "the volume shop-db-data, where db would have its data, belongs to the stack slipway/lab",
  );
  await two.done({ adopt: ["slipway/lab"] });
  await two[Symbol.asyncDispose]();
});
