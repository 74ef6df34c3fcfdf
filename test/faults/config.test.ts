import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Shop } from "./support/shop.ts";
import { refusalOf } from "./support/story.ts";

/** A stack that was never deployed has nothing to refresh: no connection may be made for a config that is wrong. */
describe("an invalid config", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.plan(1);
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  it("is refused with all its problems at once, each with its path and the nearest key", async () => {
    const servers = { web: { hosts: ["203.0.113.300"], optoins: {} } };
    await shop.declare({ values: { servers, proxy: { app_prot: 3000 }, drain_timeout: "soon", deploy_timeot: 3 } });

    const { what, evidence, next } = refusalOf(await shop.stack.up());

    expect(what).toBe(`stacks/Pulumi.${shop.stack.name}.yaml: 5 problems`);
    expect(evidence.map((line) => line.replace(/ {2,}/, " – "))).toEqual([
      "slipway:servers.web.optoins – unknown key; did you mean options?",
      'slipway:servers.web.hosts[0] – "203.0.113.300" is not an address or host name',
      "slipway:proxy.app_prot – unknown key; did you mean app_port?",
      "slipway:drain_timeout – should be a number, not text",
      "slipway:deploy_timeot – unknown key; did you mean deploy_timeout?",
    ]);
    expect(next).toContain(`correct stacks/Pulumi.${shop.stack.name}.yaml`);
    expect(shop.relay.connections).toBe(0);
  });

  it("is refused when a secret is missing, with the command that sets it", async () => {
    await shop.declare({ values: { env: { secret: ["STRIPE_KEY"] } } });

    const { evidence } = refusalOf(await shop.stack.up());

    expect(evidence.join()).toContain("STRIPE_KEY is not set: pulumi config set --secret --path 'slipway:secrets.STRIPE_KEY'");
    expect(shop.relay.connections).toBe(0);
  });

  it("is refused when a secret is blank, with the command that sets it", async () => {
    await shop.declare({ values: { env: { secret: ["STRIPE_KEY"] } } });
    await shop.stack.secrets({ "slipway:secrets.STRIPE_KEY": " " });

    const { evidence } = refusalOf(await shop.stack.up());

    expect(evidence.join()).toMatch(
      /STRIPE_KEY is (blank|empty).*pulumi config set --secret --path 'slipway:secrets.STRIPE_KEY'/,
    );
    expect(shop.relay.connections).toBe(0);
  });

  it("is refused when the registry rejects the password, which is never shown", async () => {
    await shop.declare();
    await shop.stack.secrets({ "slipway:registry.password": "canary-of-a-password" });
    const since = new Date();

    const outcome = await shop.stack.up();
    const { what, next } = refusalOf(outcome);

    expect(what).toMatch(/^the registry \S+ refused user lab for (lane\d\/)?shop \(401\)$/);
    expect(next).toContain("pulumi config set --secret --path 'slipway:registry.password'");
    expect(outcome.output).not.toContain("canary");
    // The plan looks at the host meanwhile.
    expect(await shop.host.mutations(since)).toEqual([]);
  });
});
