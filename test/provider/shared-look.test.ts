import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { DockerEngineInputs } from "../../providers/docker-engine/inputs.ts";
import { dockerEngineProvider } from "../../providers/docker-engine/provider.ts";
import { proxyProvider } from "../../providers/proxy/provider.ts";
import type { Run } from "../../providers/pulumi/provider.ts";
import { releaseProvider } from "../../providers/release/provider.ts";
import { App, proxyOn } from "../support/app.ts";
import { freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { addressOf, ProviderRun } from "../support/provider-run.ts";

describe("a look at a host that all of its resources share", () => {
  let lab: Lab;
  let host: LabHost;
  let app: App;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    app = await App.create(lab, { image: await pinnedImage(lab, "v1") });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  /** As a refresh does: one resource after the other, since each depends on the one before it. */
  async function readAll(run: Run): Promise<readonly string[]> {
    const at = addressOf(host);
    const engine = DockerEngineInputs.parse({
      schema: 1,
      host: at,
      patience: 0,
      install: false,
      settings: {},
      status: "running",
    });
    const found = [
      await dockerEngineProvider.read(engine, run, undefined),
      await proxyProvider.read(proxyOn(at, "lab"), run, undefined),
      await releaseProvider.read(await app.inputs(), run, app.state),
    ];
    return found.map((reading) => reading.found);
  }

  it("asks its Docker each question once, over one connection", async () => {
    await using run = new ProviderRun(lab);
    expect(await readAll({ ...run, declared: run.declared, hosts: run.hosts.shared })).toEqual(["same", "same", "same"]);
    const asked = run.trace.filter(({ kind }) => kind === "docker").map(({ what }) => what);
    expect(asked.toSorted()).toEqual([
      // The proxy, and the app.
      "inspect container",
      "inspect container",
      "inspect network",
      "list containers",
      "list images",
      "read file",
      "version",
    ]);
    expect(run.trace.filter(({ kind }) => kind === "connect")).toHaveLength(1);
  });

  it("sees at once what this run has changed since", async () => {
    await using run = new ProviderRun(lab);
    const shared: Run = { ...run, declared: run.declared, hosts: run.hosts.shared };
    expect(await readAll(shared)).toEqual(["same", "same", "same"]);
    const { id } = await liveOf(host);
    const { docker } = run.hosts.at(addressOf(host));
    await docker.stop(id, 1);
    expect(await readAll(shared)).toEqual(["same", "same", "drift"]);
    await docker.start(id);
    expect(await readAll(shared)).toEqual(["same", "same", "same"]);
  });
});
