import { describe, expect, it } from "vitest";
import type { ContainerSummary, ImageSummary } from "../../../../hosts/index.ts";
import { unusedImages } from "../../../../providers/container/unused-images.ts";
import { assetVolume } from "../../../../providers/release/container.ts";
import { describe as describeOperation } from "../../../../providers/release/describe.ts";
import { Fleet } from "../../../../providers/release/fleet.ts";
import {
  aCanary,
  aContainer,
  aHost,
  anImage,
  aRelease,
  aRouteTo,
  exited,
  imageOf,
  lost,
  serving,
  V1,
  V2,
  V3,
  WEB,
  WORKER,
} from "./fixture.ts";
import { planned } from "./planned.ts";

const [v1, v2] = [aContainer(V1), aContainer(V2)];
const OLDER = "1.3.0-12345678";
const prune = (host: string, release: string) =>
  `${host}: ${describeOperation({ do: "remove-image", host, id: "", digest: imageOf(release), because: "leftover" })}`;

describe("an image that no container of its host uses", () => {
  const images = [V1, V2, V3].map(anImage);

  it("goes, unless the release wants it there", () => {
    expect(planned(aRelease(V2), { "web-1": { ...serving(v2), images } })).toEqual([prune("web-1", V1), prune("web-1", V3)]);
  });

  it("stays for a canary where that one runs", () => {
    const roles = { web: WEB, worker: WORKER };
    const wanted = aRelease(V2, roles, aCanary(V3, undefined, roles));
    const operations = planned(wanted, { "web-1": aHost([], [], { images }), "jobs-1": aHost([], [], { images }) });
    const gone = operations.filter((operation) => operation.includes("remove the image"));
    expect(gone).toEqual([prune("web-1", V1), prune("jobs-1", V1), prune("jobs-1", V3)]);
  });

  it("goes last", () => {
    const host = aHost([v2, exited(v1)], [aRouteTo(v2)], { images: [anImage(OLDER)] });
    expect(planned(aRelease(V2, { web: WEB }, { retainContainers: 0 }), { "web-1": host })).toEqual([
      `web-1: remove ${v1.name} (retired)`,
      prune("web-1", OLDER),
    ]);
  });

  it("goes from a host that left, and from none that cannot be asked", () => {
    const fleet = { "web-1": serving(v2), "web-2": aHost([], [], { images: [anImage(V2)] }), "web-3": lost() };
    expect(planned(aRelease(V2), fleet)).toEqual([prune("web-2", V2)]);
  });

  it("that two digests lead to stays if one of them is wanted", () => {
    const twice = { id: "sha256:1", digests: [imageOf(V1), imageOf(V2)] };
    expect(planned(aRelease(V2), { "web-1": { ...serving(v2), images: [twice] } })).toEqual([]);
    expect(planned(aRelease(V3), { "web-1": aHost([], [], { images: [twice] }) })).toContain(prune("web-1", V1));
  });

  it("stays if it is the wanted one under another manifest, which Docker's own layers do not distinguish", () => {
    const config = `sha256:${"c".repeat(64)}`;
    const platform = { os: "linux", arch: "amd64", manifest: "", config };
    const wanted = aRelease(V2, { web: WEB }, { __stored: { "sha256:9f31": { index: "", platforms: [platform] } } });
    const images = [{ id: config, digests: [imageOf(V1)] }];
    expect(planned(wanted, { "web-1": { ...serving(v2), images } })).toEqual([]);
  });

  it("is not known to a state of before they were looked for", () => {
    const { images: _none, ...before } = serving(v2);
    expect(Fleet.parse({ "web-1": before, "web-2": lost() })).toEqual({ "web-1": serving(v2), "web-2": lost() });
  });
});

describe("a volume of assets whose containers are gone", () => {
  const [own, old] = [V2, V1].map((release) => assetVolume(aRelease(V2), { role: "web", release })) as [string, string];

  it("goes, unless the release is about to use it", () => {
    expect(planned(aRelease(V2), { "web-1": { ...serving(v2), assets: [old, own] } })).toEqual([
      `web-1: remove the volume ${old} (no container uses it)`,
    ]);
  });

  it("of which a state of before says nothing is none", () => {
    const { assets: _none, ...before } = serving(v2);
    expect(Fleet.parse({ "web-1": before })).toEqual({ "web-1": serving(v2) });
  });
});

describe("the unused images of an app", () => {
  const anImageSummary = (id: string, changes: Partial<ImageSummary> = {}): ImageSummary => ({
    id,
    tags: [],
    digests: [imageOf(V1)],
    labels: {},
    created: 0,
    ...changes,
  });
  const usedBy = (imageId: string): ContainerSummary => ({
    id: "c",
    name: "stranger",
    image: "",
    imageId,
    state: "exited",
    labels: {},
    volumes: [],
    writes: [],
    created: 0,
  });
  const inputs = { image: imageOf(V2) };

  it("are known by their digest alone", () => {
    const images = [anImageSummary("a"), anImageSummary("tagged", { tags: ["registry.example/acme/shop:1.4.1"] })];
    expect(unusedImages([inputs], [], images)).toEqual([{ id: "a", digests: [imageOf(V1)] }]);
  });

  it("have no container, whosever it is", () => {
    expect(unusedImages([inputs], [usedBy("a")], [anImageSummary("a"), anImageSummary("b")])).toMatchObject([{ id: "b" }]);
  });

  it("are of its repository, and of no other", () => {
    const other = `registry.example/acme/shop-web@sha256:${"1".repeat(64)}`;
    const images = [
      anImageSummary("other", { digests: [other] }),
      anImageSummary("both", { digests: [other, imageOf(V1)] }),
      // What a removal has left that was cut short: nothing says whose it is.
      anImageSummary("nameless", { digests: [] }),
    ];
    expect(unusedImages([inputs], [], images)).toEqual([]);
  });

  it("of Docker Hub are called as Docker calls them", () => {
    const digest = `sha256:${"1".repeat(64)}`;
    const found = anImageSummary("a", { digests: [`acme/shop@${digest}`] });
    expect(unusedImages([{ image: `docker.io/acme/shop@${digest}` }], [], [found])).toHaveLength(1);
  });

  it("of the operator's store are known by their repository, whatever port they came through, pulled or loaded", () => {
    const [one, two, three] = ["1", "2", "3"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string];
    const images = [
      anImageSummary("a", { digests: [`127.0.0.1:23456/slipway/shop@${one}`] }),
      anImageSummary("b", { digests: [`127.0.0.1:40001/slipway/shop@${two}`] }),
      anImageSummary("c", { tags: [`127.0.0.1:23456/slipway/shop:${three.replace(":", "-")}`], digests: [] }),
      anImageSummary("tagged", { tags: ["127.0.0.1:23456/slipway/shop:latest"], digests: [] }),
      anImageSummary("another", { digests: [`127.0.0.1:23456/slipway/blog@${one}`] }),
      anImageSummary("theirs", { tags: ["acme/shop:1"], digests: [`127.0.0.1:23456/slipway/shop@${one}`] }),
      anImageSummary("from a registry of the host", { digests: [`127.0.0.1:5000/shop@${one}`] }),
    ];
    const stored = { image: `slipway.invalid/shop@sha256:${"9".repeat(64)}` };
    expect(unusedImages([stored], [], images)).toEqual(
      [one, two, three].map((digest, at) => ({ id: "abc"[at], digests: [`slipway.invalid/shop@${digest}`] })),
    );
    expect(unusedImages([inputs], [], images)).toEqual([]);
  });

  it("are found in the same order whatever order Docker lists them in", () => {
    const images = ["b", "a"].map((id) => anImageSummary(id, { digests: [imageOf(V2), imageOf(V1)] }));
    const found = unusedImages([inputs], [], images);
    expect(found).toEqual(unusedImages([inputs], [], images.toReversed()));
    expect(found[0]).toEqual({ id: "a", digests: [imageOf(V1), imageOf(V2)] });
  });
});
