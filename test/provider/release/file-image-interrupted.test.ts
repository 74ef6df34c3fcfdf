import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Bytes } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import { labValues } from "../../../lab/stack.ts";
import { Uplink } from "../../../lab/uplink.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { ImageFiles, noisyLayer } from "../../support/image-file.ts";
import { releaseKilledAt } from "../../support/killed.ts";
import { forwardedPorts, travelled, unfinishedOn } from "../../support/transfer.ts";
import { answerOf } from "../../support/visitors.ts";

const MB: Bytes = 1024 * 1024;
const LARGE: Bytes = 24 * MB;
/** By the moment of the next request. */
const STOPPED = /Docker on this host was stopped or restarted while it pulled the image|Docker is installed but not running/;

let lab: Lab;
let host: LabHost;
let relay: Relay;
let app: App;
let files: ImageFiles;

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  files = await ImageFiles.create();
  await files.layout("v0.tar", "v0");
  relay = await host.relay();
  app = await App.create(lab, { image: files.url("v0.tar"), retain_containers: 1, deploy_timeout: 10, ...at(relay) });
  await app.released();
});
afterEach(async () => {
  await host.startDocker();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
  await host.reset();
});

const at = ({ address, port }: Relay) => ({ servers: { web: { hosts: { [host.name]: { address, port } } } } });

const ownFiles = (): Promise<string> => host.must("find / -xdev -name '*slipway*' -not -path '/proc/*' | sort");

/** Docker starts the containers again that it stopped. */
async function serves(version: string): Promise<void> {
  await expect.poll(() => answerOf(host).catch(String), { timeout: 30_000 }).toBe(version);
}

/** Through a line so slow that a test can act in the middle. */
async function through(megabits: number): Promise<void> {
  relay = await host.relay();
  relay.limit(Uplink.of(megabits));
  app.configure(at(relay));
}

async function expectNothingLeft(): Promise<void> {
  await expect.poll(() => forwardedPorts(host), { timeout: 5000 }).toEqual([]);
  await expect.poll(() => unfinishedOn(host), { timeout: 5000 }).toBe("");
}

describe("while an image in a file is pulled", () => {
  it("Docker is restarted: the run says so, and the next one completes", async () => {
    await files.layout("v1.tar", "v1", [await noisyLayer("first", LARGE)]);
    await through(80);
    const restarted = travelled(relay, LARGE / 3).then(async () => {
      await host.stopDocker();
      await host.startDocker();
    });
    const run = await app.release({ image: files.url("v1.tar") });
    await restarted;
    expect(run.error).toMatch(STOPPED);
    expect(run.seconds).toBeLessThan(60);
    await expectNothingLeft();
    await serves("v0");
    await app.released();
    expect(await answerOf(host)).toBe("v1");
  });

  it("Docker stops: the run says so, and the next one completes", async () => {
    await files.layout("v2.tar", "v2", [await noisyLayer("second", LARGE)]);
    await through(80);
    const stopped = travelled(relay, LARGE / 3).then(() => host.stopDocker());
    const run = await app.release({ image: files.url("v2.tar") });
    await stopped;
    expect(run.error).toMatch(STOPPED);
    expect(run.seconds).toBeLessThan(60);
    await host.startDocker();
    await expectNothingLeft();
    await serves("v1");
    await app.released();
    expect(await answerOf(host)).toBe("v2");
  });

  it("the run is killed: the host keeps nothing of it, and the next one completes", async () => {
    await files.layout("v3.tar", "v3", [await noisyLayer("third", LARGE)]);
    await through(80);
    app.configure({ image: files.url("v3.tar") });
    const before = await ownFiles();
    await releaseKilledAt(lab, app, () => travelled(relay, LARGE / 3));
    await expectNothingLeft();
    expect(await ownFiles()).toBe(before);
    await app.released();
    expect(await answerOf(host)).toBe("v3");
  });

  it("the run is killed and the host does not notice: the next one waits until it has ended", { tags: "long" }, async () => {
    await files.layout("v4.tar", "v4", [await noisyLayer("fourth", LARGE)]);
    await through(80);
    // Not root: sshd serves its connections by processes of its own.
    app.configure({ image: files.url("v4.tar"), ssh: { ...Object(labValues(lab).ssh), user: host.users.docker } });
    const silent = relay;
    await releaseKilledAt(lab, app, async () => {
      await travelled(silent, LARGE / 3);
      silent.strand();
    });
    expect(await forwardedPorts(host)).toHaveLength(1);
    await through(800);
    const run = await app.release();
    expect(run.error).toBe("");
    expect(run.statuses).toContainEqual(expect.stringMatching(/an earlier run that has vanished/));
    expect(run.seconds).toBeLessThan(90);
    expect(await answerOf(host)).toBe("v4");
    await expectNothingLeft();
  });

  it("the operator's network changes: the same run goes on", { tags: "long" }, async () => {
    await files.layout("v5.tar", "v5", [await noisyLayer("fifth", LARGE)]);
    await through(80);
    const stranded = travelled(relay, LARGE / 3).then(() => relay.strand());
    const run = await app.release({ image: files.url("v5.tar") });
    await stranded;
    expect(run.error).toBe("");
    expect(run.said).toContainEqual(expect.stringMatching(/the connection was lost: no answer in 30 s; reconnecting/));
    expect(run.seconds).toBeLessThan(90);
    expect(await answerOf(host)).toBe("v5");
    await expectNothingLeft();
  });
});
