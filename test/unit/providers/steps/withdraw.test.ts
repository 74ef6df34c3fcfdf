import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import { type Address, ConnectionLost, Hosts, parseAccess, Unreachable } from "../../../../hosts/index.ts";
import { AccessoryRemains } from "../../../../providers/accessory/remains.ts";
import { withdrawAccessory } from "../../../../providers/accessory/withdraw.ts";
import { FirewallRemains } from "../../../../providers/firewall/inputs.ts";
import { withdrawFirewall } from "../../../../providers/firewall/withdraw.ts";
import { preDeleteProvider } from "../../../../providers/pre-delete/provider.ts";
import { ProxyRemains } from "../../../../providers/proxy/inputs.ts";
import { withdrawProxy } from "../../../../providers/proxy/withdraw.ts";
import { forgottenIn } from "../../../../providers/pulumi/forgotten.ts";
import type { Run } from "../../../../providers/pulumi/provider.ts";
import { withdrawRelease } from "../../../../providers/release/withdraw.ts";
import { ScheduleRemains } from "../../../../providers/schedule/remains.ts";
import { withdrawSchedule } from "../../../../providers/schedule/withdraw.ts";
import { explainingLoss } from "../../../../providers/steps/withdraw.ts";
import { aRelease, V1 } from "../release/fixture.ts";

const ACCESS = JSON.stringify({ agent: false, config: false, known_hosts: "/nonexistent", connect_timeout: 1 });

/** Where nothing listens. */
let nowhere: Address;
beforeAll(async () => {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  nowhere = { name: "web-2", address: "127.0.0.1", port, user: "root" };
});

type Withdraw = (host: Address, run: Run) => Promise<void>;

const APP = { schema: 1, stack: "shop/production", service: "shop", drainTimeout: 30 } as const;

const withdrawApp: Withdraw = (host, run) => withdrawRelease({ ...aRelease(V1), hosts: { [host.name]: host } }, run);

const withdrawTheFirewall: Withdraw = (host, run) => withdrawFirewall(FirewallRemains.parse({ host, stack: APP.stack }), run);
const withdrawTheProxy: Withdraw = (host, run) => withdrawProxy(ProxyRemains.parse({ host, stack: APP.stack }), run);
const DB = { service: "shop", destination: "production", accessory: "db", container: "shop-db-production" };

const EVERYTHING: readonly [what: string, withdraw: Withdraw][] = [
  ["the app shop-production", withdrawApp],
  ["the firewall", withdrawTheFirewall],
  ["kamal-proxy", withdrawTheProxy],
  ["the accessory db", (host, run) => withdrawAccessory(AccessoryRemains.parse({ host, ...DB }), run)],
  ["the schedule of shop-production", (host, run) => withdrawSchedule(ScheduleRemains.parse({ host, ...DB }), run)],
];

/** What it threw, and what it warned of. */
async function outcome(withdraw: Withdraw, host: Address, forget = "[]"): Promise<{ thrown: unknown; warned: string[] }> {
  const warned: string[] = [];
  const hosts = new Hosts(parseAccess(ACCESS, {}));
  const report = { status() {}, say() {}, warn: (text: string) => void warned.push(text) };
  const run: Run = {
    hosts,
    report,
    declared: async () => [],
    owner: "me",
    forgotten: forgottenIn({ get: (key) => (key === "slipway:forget" ? forget : undefined) }),
  };
  const thrown = await withdraw(host, run).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { thrown, warned };
}

describe.each(EVERYTHING)("%s", (what, withdraw) => {
  it("is not forgotten because its host refuses", async () => {
    const { thrown } = await outcome(withdraw, nowhere);
    expect(thrown).toBeInstanceOf(SlipwayError);
    const { message } = thrown as SlipwayError;
    expect(message).toContain(`${what} cannot be removed from web-2, which cannot be asked`);
    expect(message).toContain(`web-2: 127.0.0.1:${nowhere.port} refused the connection`);
    expect(message).toContain(`web-2 keeps ${what}`);
    expect(message).toContain("pulumi config set --path 'slipway:forget[0]' web-2");
  });

  it("is left where the user gives up the host", async () => {
    for (const forget of ["web-2", '["web-9", "web-2"]', `["127.0.0.1:${nowhere.port}"]`])
      expect(await outcome(withdraw, nowhere, forget)).toEqual({
        thrown: undefined,
        warned: [`web-2 is given up (slipway:forget): ${what} stays there as it is`],
      });
  });
});

describe("a server of the stack that is gone already", () => {
  it.each([
    ["its app", (host: Address, run: Run) => preDeleteProvider.withdraw({ ...APP, host }, run)],
    ["its firewall", withdrawTheFirewall],
    ["its proxy", withdrawTheProxy],
  ])("keeps nothing from being deleted: %s", async (_what, withdraw) => {
    const { thrown, warned } = await outcome(withdraw, { ...nowhere, made: true });
    expect(thrown).toBeUndefined();
    expect(warned).toEqual([
      expect.stringMatching(/^web-2 keeps .* until this server of the stack is deleted: .*refused the connection$/),
    ]);
  });
});

it("a connection that is lost in the middle is an error with a story, and says how to give the host up", async () => {
  const lost = () => Promise.reject(new ConnectionLost("web-2", "no answer in 30 s"));
  const { thrown } = await outcome((host, run) => explainingLoss("the app shop-production", [host], run, lost), nowhere);
  expect(thrown).toBeInstanceOf(Unreachable);
  expect(String(thrown)).toMatch(
    /the app shop-production could not be removed from web-2: the connection was lost: no answer in 30 s\n {2}serves now: .*web-2 keeps what was not removed yet\n {2}next: .*continues from what it finds; only if the host is gone for good, leave what is there: pulumi config set --path 'slipway:forget\[0\]' web-2\n {2}code: CONNECTION_LOST/,
  );
});

it("a second host to give up is added to those that are given up already", async () => {
  const { thrown } = await outcome(withdrawApp, nowhere, '["web-9"]');
  expect(String(thrown)).toContain("'slipway:forget[1]' web-2");
});
