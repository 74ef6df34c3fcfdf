import { describe, expect, it } from "vitest";
import { problems, read } from "../fixture.ts";

const DIGEST = `sha256:${"9".repeat(64)}`;
const HOSTS = { hosts: ["203.0.113.10"], proxy: false };
const own = (worker: object, root: object = {}) =>
  read({ ...root, servers: { web: ["203.0.113.10"], worker: { ...HOSTS, ...worker } } }).roles.find(
    ({ name }) => name === "worker",
  )?.own;
const wrong = (worker: object, root: object = {}) =>
  problems({ ...root, servers: { web: ["203.0.113.10"], worker: { ...HOSTS, ...worker } } });

describe("an image of a role's own", () => {
  it("is none unless it is written: the role runs the app's", () => {
    expect(own({})).toBeUndefined();
  });

  it("has the forms of the app's, and the registry of the config", () => {
    expect(own({ image: "file://worker.tar" })).toEqual({ image: "file://worker.tar", builder: undefined, version: undefined });
    const registry = { server: "ghcr.io", username: "shop", password: ["P"] };
    expect(own({ image: "acme/worker:2" }, { registry, secrets: { P: "p" } })?.image).toBe("ghcr.io/acme/worker:2");
  });

  it("that is built is called like the app's, with the name of the role, where the app's is in a registry", () => {
    const builder = { context: "apps/worker" };
    expect(own({ builder }, { image: "ghcr.io/acme/shop:1" })?.image).toBe("ghcr.io/acme/shop-worker");
    expect(own({ builder }, { image: `ghcr.io/acme/shop@${DIGEST}` })?.image).toBe("ghcr.io/acme/shop-worker");
    expect(own({ builder, image: "ghcr.io/acme/worker" }, { image: "ghcr.io/acme/shop:1" })?.image).toBe("ghcr.io/acme/worker");
  });

  it("that is built comes from here where the app's does", () => {
    const builder = { context: "apps/worker" };
    for (const image of [undefined, "file://shop.tar", `slipway.invalid/shop@${DIGEST}`])
      expect(own({ builder }, { image, builder: image === undefined ? {} : undefined })?.image).toBe(
        "slipway.invalid/shop-worker",
      );
  });

  it("has the keys of its builder over those of the app's", () => {
    const root = { image: undefined, builder: { arch: "arm64", target: "web", args: { A: "1" } } };
    expect(own({ builder: { target: "worker" } }, root)?.builder).toMatchObject({
      platforms: ["linux/arm64"],
      target: "worker",
      args: { A: "1" },
    });
  });

  it("by digest is that image: nothing is built", () => {
    const image = `slipway.invalid/shop-worker@${DIGEST}`;
    expect(own({ builder: {}, image, version: "3f2a1b9" })).toEqual({ builder: undefined, image, version: "3f2a1b9" });
  });

  it("is refused where it is written, once", () => {
    expect(wrong({ image: "ghcr.io/acme/worker:2", builder: {} })).toEqual([
      "slipway:servers.worker.image has a tag, and slipway:builder builds the image: remove the tag; slipway:version names the release",
    ]);
    expect(wrong({ version: "2" })).toEqual([
      "slipway:servers.worker.version needs image or builder: without them the role runs slipway:image",
    ]);
    expect(wrong({ image: "ghcr.io/acme/worker:2", version: "a b" })).toEqual([
      'slipway:servers.worker.version "a b" is not a valid name of a release: letters, digits, ., - and _, at most 128, and not . or - at the beginning',
    ]);
  });

  it("has what is wrong with the app's builder reported there, not again", () => {
    const root = { image: undefined, builder: { arch: "riscv" } };
    expect(wrong({ builder: { target: "worker" } }, root)).toEqual([
      'slipway:builder.arch "riscv" is not supported: amd64, arm64, or both',
    ]);
    expect(wrong({ builder: { arch: "mips" } })).toEqual([
      'slipway:servers.worker.builder.arch "mips" is not supported: amd64, arm64, or both',
    ]);
  });
});

describe("an image of a job's own", () => {
  const job = (more: object, root: object = {}) =>
    read({ ...root, jobs: { report: { schedule: "@daily", cmd: "report", ...more } } }).jobs[0]?.own;

  it("is built and pushed beside the app's", () => {
    const builder = { context: "apps/report" };
    expect(job({ builder }, { image: "ghcr.io/acme/shop:1" })).toMatchObject({
      image: "ghcr.io/acme/shop-report",
      builder: { context: "apps/report" },
    });
  });

  it("cannot come from here: the host pulls it when the job changes", () => {
    expect(
      problems({ image: undefined, builder: {}, jobs: { report: { schedule: "@daily", cmd: "report", builder: {} } } }),
    ).toEqual(["slipway:jobs.report.builder needs image, in a registry: else give the job a role with this builder"]);
    expect(problems({ jobs: { report: { schedule: "@daily", cmd: "report", image: "file://report.tar" } } })).toEqual([
      "slipway:jobs.report.image comes from a registry: file:// is for slipway:image and slipway:canary.image",
    ]);
  });
});
