import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf, labValues } from "../../../lab/stack.ts";
import { refusalIn } from "../../faults/support/story.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage, pulled } from "../../support/images.ts";
import { TYPED_STACK, TypedStack } from "../../support/typed.ts";

/** What the app of this test is called on the network. */
const SITE = "shop.example";

describe("a first deploy with all the usual mistakes", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await freshHosts(1);
  });
  afterAll(async () => {
    await hostOf(lab).sh("docker rm -f shop-db-lab");
  });

  it("is repaired by typing what each refusal says, one after the other", async () => {
    const host = hostOf(lab);
    const image = await pinnedImage(lab, "v1");
    const clear = {
      NEEDS: "LOG_FORMAT API_TOKEN",
      DIAL: "127.0.0.1:5432",
      EAT_MB: "30",
      PORT: "8080",
      LISTEN_LOCALLY: "1",
      UP_IS_MISSING: "1",
      ONLY_HOST: SITE,
    };
    const { registry: _ours, ...open } = labValues(lab);
    const written = {
      ...open,
      image,
      deploy_timeout: 3,
      servers: { web: { hosts: addressesOf([host]), options: { memory: "24m" } } },
      proxy: { app_port: 80, host: SITE },
      env: { clear },
      accessories: { db: { image: "postgres:16.4", host: host.name, env: { clear: { POSTGRES_HOST_AUTH_METHOD: "trust" } } } },
    };
    await using stack = await TypedStack.create(written);
    await using app = await App.create(lab, written, {}, TYPED_STACK);
    // The accessory is not what this test is about: something that listens in its place.
    await pulled(lab, host, image);
    await host.must(`docker run -d --name shop-db-lab --network kamal -e PORT=5432 ${image}`);

    const refusals: string[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      app.configure(await stack.values());
      const { error } = await app.release();
      if (error === "") break;
      const { what, next } = refusalIn({ error });
      refusals.push(what.replace(/^.*?: /, "").replace(/^.*?: /, ""));
      await stack.type(next, "plain");
    }

    expect(refusals).toEqual([
      expect.stringMatching(
        /^the container exited with code 1, .* s after its start: it needs the variable LOG_FORMAT, which is not set$/,
      ),
      expect.stringMatching(/: it needs the variable API_TOKEN, which is not set$/),
      expect.stringMatching(/: 127\.0\.0\.1:5432 refuses its connections: in a container, that is the container itself$/),
      expect.stringMatching(/^the container was killed (?:for memory|\(code 137\))/),
      expect.stringMatching(/: it listens on 127\.0\.0\.1 only, port 8080, .*, and not on port 80$/),
      expect.stringMatching(/: it answers 400 to the host name of its check, and 404 as /),
      expect.stringMatching(/: \/up answers 404, and \/healthz answers 200$/),
    ]);
    // Once, however often it was refused before, and not again while the same release stays.
    await app.released();
    expect(app.notified.map(({ event, release }) => [event, release?.version])).toEqual([["release.live", "v1"]]);
    const values = await stack.values();
    expect(values).toMatchObject({
      env: { clear: { LOG_FORMAT: "plain", HOST: "0.0.0.0", DIAL: "${accessories.db.host}:5432" }, secret: ["API_TOKEN"] },
      proxy: { app_port: 8080, healthcheck: { path: "/healthz", host: SITE } },
    });
  });
});
