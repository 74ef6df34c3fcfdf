import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Bytes } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import { Lab, startLab } from "../../../lab/lab.ts";
import { hostFor } from "../../../lab/lane.ts";
import type { Relay } from "../../../lab/relay.ts";
import { Uplink } from "../../../lab/uplink.ts";
import { App } from "../../support/app.ts";
import { freshHosts } from "../../support/hosts.ts";
import { ImageFiles, noisyLayer } from "../../support/image-file.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { travelled, unfinishedOn } from "../../support/transfer.ts";
import { answerOf, expectNobodyFailed, visited } from "../../support/visitors.ts";

const MB: Bytes = 1024 * 1024;
/** The images of a host, and above what a release wants to find free. */
const DISK: Bytes = 640 * MB;
const LARGE: Bytes = 24 * MB;

let lab: Lab;
/** The one that tests break. It has a disk of its own. */
let host: LabHost;
let relays: Relay[];
let app: App;
let files: ImageFiles;

beforeAll(async () => {
  const two = await freshHosts(2);
  const small = await startLab({ hosts: [hostFor("small")], disk: DISK });
  await small.reset();
  lab = new Lab([...two.hosts, ...small.hosts], two.registry, two.key);
  host = lab.host(hostFor("small"));
  relays = await Promise.all(lab.hosts.map((one) => one.relay()));
  files = await ImageFiles.create();
  await files.layout("v1.tar", "v1", [await noisyLayer("one", MB)]);
  await files.layout("v2.tar", "v2", [await noisyLayer("large two", LARGE)]);
  await files.layout("v3.tar", "v3", [await noisyLayer("large three", LARGE)]);
  await files.layout("v4.tar", "v4", [await noisyLayer("four", MB)]);
  const hosts = Object.fromEntries(
    lab.hosts.map(({ name }, at) => [name, { address: "127.0.0.1", port: relays[at]?.port ?? 22 }]),
  );
  app = await App.create(lab, {
    image: files.url("v1.tar"),
    retain_containers: 1,
    deploy_timeout: 10,
    servers: { web: { hosts } },
  });
  await app.released();
});
afterEach(async () => {
  for (const relay of relays) relay.limit(undefined);
  await host.freeDisk();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
  await lab.reset();
});

const relayOf = (one: LabHost): Relay => relays[lab.hosts.indexOf(one)] as Relay;
const upOf = (): Bytes[] => relays.map(({ traffic }) => traffic.up);
/** What went to each host since. */
const since = (before: readonly Bytes[]): Bytes[] => upOf().map((bytes, at) => bytes - (before[at] ?? 0));

/** As slow as a line of an office, so that a test can act in the middle. */
function slowly(megabits: number): void {
  const uplink = Uplink.of(megabits);
  for (const relay of relays) relay.limit(uplink);
}

describe("an image in a file, on three hosts of which one has a full disk", () => {
  it("is not sent at all if it does not fit: nothing is changed, and the error says what is needed and what can go", async () => {
    await host.must(`fallocate -l ${300 * MB} /var/lib/docker/lab-fill-part`);
    await host.must("head -c 12M /dev/urandom >/tmp/data && tar -cC /tmp data | docker import - unused:1 && rm /tmp/data");
    const before = upOf();
    const changed = await mutationsDuring(lab.hosts, async () => {
      const { result, ...seen } = await visited(lab, ["v1"], () => app.refused({ image: files.url("v2.tar") }));
      expectNobodyFailed({ result, ...seen });
      expect(result.error).toContain(host.name);
      expect(result.error).toMatch(/only \d+ MB are free for the image in \/var\/lib\/docker/);
      expect(result.error).toMatch(/it takes about \d+ MB there, and 268 MB are to stay free/);
      expect(result.error).toMatch(/could be freed: 1[23] MB of images that no container uses/);
      expect(result.error).toMatch(/serves now: \S+ on \S+, \S+, \S+; nothing was changed/);
    });
    expect(Object.values(changed).flat()).toEqual([]);
    for (const bytes of since(before)) expect(bytes).toBeLessThan(MB / 4);
    await host.must("docker rmi unused:1");
  });

  it("that fills up in the middle of the pull: nothing is switched, and the error says the same", async () => {
    slowly(60);
    const full = travelled(relayOf(host), LARGE / 3).then(() => host.fillDisk());
    const { result, ...seen } = await visited(lab, ["v1"], () => app.refused({ image: files.url("v2.tar") }));
    await full;
    expectNobodyFailed({ result, ...seen });
    expect(result.error).toContain(host.name);
    expect(result.error).toContain("no space left on device");
    expect(result.error).toMatch(/it takes about \d+ MB/);
    expect(result.error).toMatch(/serves now: \S+ on \S+, \S+, \S+; nothing was changed/);
    expect(await unfinishedOn(host)).toBe("");
  });

  it("is released by the next run when there is room again, and is only sent where it is missing", async () => {
    const before = upOf();
    const swap = await visited(lab, ["v1", "v2"], () => app.released({ image: files.url("v2.tar") }));
    expectNobodyFailed(swap);
    const bytes = since(before);
    for (const [at, one] of lab.hosts.entries())
      if (one === host) expect(bytes[at]).toBeLessThan(1.1 * LARGE);
      else expect(bytes[at]).toBeLessThan(MB / 4);
    expect(await Promise.all(lab.hosts.map((one) => answerOf(one)))).toEqual(["v2", "v2", "v2"]);
  });
});

describe("an image in a file, on three hosts of which one loses its connection in the middle", () => {
  it("is sent again to that one by the same run, and to no other", { tags: "long" }, async () => {
    slowly(60);
    const before = upOf();
    const cut = travelled(relayOf(host), LARGE / 2).then(() => {
      relayOf(host).cut();
      return since(before)[lab.hosts.indexOf(host)] ?? 0;
    });
    const swap = await visited(lab, ["v2", "v3"], () => app.released({ image: files.url("v3.tar") }));
    expectNobodyFailed(swap);
    const lost = await cut;
    const bytes = since(before);
    for (const [at, one] of lab.hosts.entries()) expect(bytes[at]).toBeLessThan(1.1 * LARGE + (one === host ? lost : 0));
    expect(swap.result.said).toContainEqual(expect.stringMatching(/the connection was lost.*reconnecting/));
  });
});
