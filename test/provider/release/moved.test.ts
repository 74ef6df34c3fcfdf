import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { answerOf, expectNobodyFailed, visited } from "../../support/visitors.ts";

describe("a machine that is reached in a new way", () => {
  let lab: Lab;
  let host: LabHost;
  let relay: Relay;
  let app: App;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    relay = await host.relay();
    app = await App.create(lab, { image: await pinnedImage(lab, "v1") });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("is the same machine under a new address and port: one lease, and nothing of the app is taken down", async () => {
    const image = await pinnedImage(lab, "v2");
    const servers = { web: { hosts: { [host.name]: { address: relay.address, port: relay.port } } } };
    const { result } = await visited(lab, ["v1", "v2"], () => app.released({ image, servers }));
    expect(result.seconds).toBeLessThan(60);
    expect(result.statuses.filter((line) => line.startsWith("waiting for"))).toEqual([]);
    expect(await answerOf(host)).toBe("v2");
  });

  it("is the same machine when nothing else changes: its container stays", async () => {
    const before = await liveOf(host);
    const servers = { web: { hosts: { [host.name]: host.address } } };
    const seen = await visited(lab, ["v2"], () => app.released({ servers }));
    expectNobodyFailed(seen);
    expect((await liveOf(host)).name).toBe(before.name);
  });

  it("is refused under two names in one release", async () => {
    const servers = { web: { hosts: { [host.name]: host.address, twin: { address: relay.address, port: relay.port } } } };
    const ssh = { host_keys: { [host.name]: host.hostKey, twin: host.hostKey }, keys: lab.key.file, agent: false, config: false };
    const { error } = await app.refused({ servers, ssh });
    expect(error).toContain("are the same machine");
    expect(await answerOf(host)).toBe("v2");
    app.configure({ servers: { web: { hosts: { [host.name]: host.address } } } });
  });
});
