import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { freshHosts, hostOf } from "../support/hosts.ts";
import { pinnedImage, pulled } from "../support/images.ts";
import { releaseKilled } from "../support/killed.ts";
import { answerOf } from "../support/visitors.ts";

const VERSIONS = ["v1", "v2", "v3", "v4", "broken"];

let lab: Lab;
let host: LabHost;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  for (const tag of VERSIONS) images[tag] = await pinnedImage(lab, tag, tag === "broken" ? { EXIT_AT_BOOT: "1" } : {});
});

const digestOf = (version: string): string => images[version]?.split("@")[1] ?? "";

/** The versions whose image the host has. */
async function versionsOn(): Promise<string[]> {
  const there = (await host.docker.listImages()).flatMap(({ RepoDigests }) => RepoDigests ?? []);
  return VERSIONS.filter((version) => there.some((digest) => digest.endsWith(digestOf(version))));
}

/** What the preview says beside its headline. */
const planned = async (app: App): Promise<string[]> => (await app.preview()).split("\n").slice(1);

/** The line of a plan that does nothing else. */
const removal = (version: string): string =>
  `  ${host.name}  remove the image shop@${digestOf(version).slice(0, "sha256:".length + 8)}… (no container uses it)`;

const whatOf = (changes: readonly { what: string }[]): string[] => changes.map(({ what }) => what);

describe("an image that no container uses", () => {
  let app: App;
  beforeAll(async () => {
    app = await App.create(lab, {
      image: images.v1,
      retain_containers: 1,
      deploy_timeout: 5,
      servers: { web: { hosts: addressesOf([host]) } },
    });
    for (const version of ["v1", "v2"]) await app.released({ image: images[version] });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("since a run was killed before it removed it, is what the next one removes, and nothing else", async () => {
    app.configure({ image: images.v3 });
    await releaseKilled(lab, app, ({ call, moment }) => call === "remove image" && moment === "before");
    expect(await versionsOn()).toEqual(["v1", "v2", "v3"]);
    expect(await planned(app)).toEqual([removal("v1")]);
    const { changes } = await app.released();
    expect(whatOf(changes)).toEqual(["remove image"]);
    expect(await versionsOn()).toEqual(["v2", "v3"]);
    expect(await answerOf(host)).toBe("v3");
    expect(await app.preview()).toBe("");
  });

  it("since a run was killed between its container and it, too", async () => {
    app.configure({ image: images.v4 });
    await releaseKilled(lab, app, ({ call, moment }) => call === "remove container" && moment === "after");
    expect(await planned(app)).toEqual([removal("v2")]);
    await app.released();
    expect(await versionsOn()).toEqual(["v3", "v4"]);
    expect(await app.preview()).toBe("");
  });

  it("stays while the config wants it, and goes when the config goes back", async () => {
    const { changes: refused } = await app.refused({ image: images.broken });
    expect(whatOf(refused)).not.toContain("remove image");
    expect(await app.preview()).not.toContain("remove the image");
    app.configure({ image: images.v4 });
    expect(await planned(app)).toEqual([removal("broken")]);
    const { changes } = await app.released();
    expect(whatOf(changes)).toEqual(["remove image"]);
    expect(await versionsOn()).toEqual(["v3", "v4"]);
    expect(await app.preview()).toBe("");
  });

  it("stays where a stranger's container uses it, or it was given another name", async () => {
    const id = await pulled(lab, host, images.v1 ?? "");
    await host.must(`docker create --name stranger ${id}`);
    expect(await app.preview()).toBe("");
    await host.must(`docker rm stranger && docker tag ${id} mine:v1`);
    expect(await app.preview()).toBe("");
    await app.released({ env: { LEVEL: "info" } });
    expect(await versionsOn()).toContain("v1");
    await host.must("docker rmi --no-prune mine:v1");
    expect(await planned(app)).toEqual([removal("v1")]);
  });

  it("and cannot be removed, since another is built on it, is reported, and the release is reached", async () => {
    const container = (await host.must(`docker create ${images.v1}`)).trim();
    await host.must(`docker commit ${container} built-on-it && docker rm ${container}`);
    const { said } = await app.released({ env: { LEVEL: "warn" } });
    expect(said).toContain(`warning: ${host.name}: kept an old image that is in use again`);
    expect(said).toContainEqual(expect.stringMatching(/^released v4-/));
    expect(await planned(app)).toEqual([removal("v1")]);
    await host.must("docker rmi --no-prune built-on-it");
    await app.released();
    expect(await versionsOn()).toEqual(["v4"]);
    expect(await app.preview()).toBe("");
  });

  it("is not left when the app is taken away", async () => {
    await pulled(lab, host, images.v1 ?? "");
    await app.withdraw();
    expect(await versionsOn()).toEqual([]);
  });
});
