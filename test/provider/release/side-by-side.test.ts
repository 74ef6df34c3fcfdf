import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { once } from "../../support/moments.ts";
import { answerOf } from "../../support/visitors.ts";

let lab: Lab;
let host: LabHost;
let apps: readonly [App, App];

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  const image = await pinnedImage(lab, "v1");
  const app = (service: string) =>
    App.create(lab, {
      service,
      image,
      proxy: { path_prefix: `/${service}`, app_port: 3000 },
      servers: { web: { hosts: { [host.name]: host.address } } },
      retain_containers: 1,
    });
  apps = [await app("shop"), await app("blog")];
  for (const one of apps) await one.released();
});
afterAll(async () => {
  for (const app of apps) await app[Symbol.asyncDispose]();
});

it("two apps of one repository are released on one machine, and none waits for the other", async () => {
  const [shop, blog] = apps;
  const [slow, quick] = [await pinnedImage(lab, "v2", { BOOT_DELAY_MS: "4000" }), await pinnedImage(lab, "v3")];
  const late = shop.released({ image: slow });
  await once(host, "shop-web-lab-v2-");
  const first = await blog.released({ image: quick });
  expect(first.statuses.join()).not.toContain("waiting for");
  expect(await Promise.race([late.then(() => "released"), Promise.resolve("boots")])).toBe("boots");
  await late;
  // Each has kept its own, whatever the other removed.
  for (const app of apps) expect(await app.preview()).toBe("");
  expect(await Promise.all(["/shop", "/blog"].map((path) => answerOf(host, path)))).toEqual([
    expect.stringContaining("v2"),
    expect.stringContaining("v3"),
  ]);
});
