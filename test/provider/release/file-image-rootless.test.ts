import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import type { LabHost } from "../../../lab/host.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { ImageFiles } from "../../support/image-file.ts";

const NETWORK = "rootless";

/** As rootless Docker is: its loopback is that of a network of its own, while its socket is a file of the host. */
describe("an image in a file, where Docker has a loopback of its own", { tags: "long" }, () => {
  let host: LabHost;
  let files: ImageFiles;
  let app: App;

  beforeAll(async () => {
    const lab = await freshHosts(1);
    host = hostOf(lab);
    files = await ImageFiles.create();
    await files.layout("v1.tar", "v1");
    await host.stopDocker();
    await host.must(`ip netns add ${NETWORK}; ip -n ${NETWORK} link set lo up`);
    await host.must(`nsenter --net=/run/netns/${NETWORK} host-service docker start`);
    const answers = async () => ((await host.sh("docker version")).code === 0 ? true : undefined);
    await Deadline.in(60).until(answers, () => new Error("Docker does not answer"));
    const web = { hosts: { [host.name]: host.address }, proxy: false, readiness_delay: 1 };
    app = await App.create(lab, { image: files.url("v1.tar"), servers: { web } });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await files[Symbol.asyncDispose]();
    await host.stopDocker();
    await host.must(`ip netns delete ${NETWORK}`);
    await host.startDocker();
    await host.reset();
  });

  it("it is loaded through Docker's socket, and the run says why", async () => {
    const { said } = await app.released();
    expect(said).toContainEqual(
      expect.stringMatching(/the image is loaded, \S+ \S+: its Docker does not reach the loopback of its sshd/),
    );
    expect(await host.must("docker inspect --format '{{.State.Status}}' $(docker ps -q --filter label=service=shop)")).toBe(
      "running\n",
    );
    expect(await app.preview()).toBe("");
  });
});
