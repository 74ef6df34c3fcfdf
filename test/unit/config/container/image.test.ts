import { describe, expect, it } from "vitest";
import { problems, read, type Section } from "../fixture.ts";
import { describeRefusals } from "../refusals.ts";

const HOST = "203.0.113.10";
const DIGEST = `@sha256:${"9f31".repeat(16)}`;

/** Every key that takes an image. */
const PLACES: Readonly<Record<string, (image: string) => Section>> = {
  image: (image) => ({ image }),
  "canary.image": (image) => ({ canary: { image, percent: 10 } }),
  "accessories.db.image": (image) => ({ accessories: { db: { image, host: HOST, preset: "none" } } }),
  "jobs.report.image": (image) => ({ jobs: { report: { schedule: "@daily", cmd: "report", image } } }),
  "schedule.image": (image) => ({ schedule: { image } }),
};
const keys = Object.keys(PLACES);

const VALID = [
  "postgres",
  "postgres:16.4",
  "acme/shop:V1.2",
  "a__b/c--d/e.f-g:_x",
  "registry:5000/a/b:1.4",
  `registry:5000/a/b:1.4${DIGEST}`,
  "localhost/shop",
  "[2001:db8::5]:5000/a/b:1",
  `a:${"x".repeat(128)}`,
];
const REFUSED = [
  "",
  "a b",
  "https://example.com/a",
  "Acme/Report:2",
  "a:é",
  "a:x+y",
  "a:-x",
  "a:.x",
  "a:$TAG",
  "a:",
  `a:${"x".repeat(129)}`,
  "a:1:2",
  "a/b:1/c",
  "/a",
  "a/",
  "a//b",
  "a/../b",
  "a/.b",
  "a_/b",
  "-a",
  "ä",
  "a?b=c",
  "a@sha256:abc",
  `a@sha512:${"a".repeat(128)}`,
  `a${DIGEST}${DIGEST}`,
  "[zz]:5000/a",
  "host:port/a",
  "9f31".repeat(16),
  `ghcr.io/${"a".repeat(256)}`,
];

describe("an image", () => {
  it.each(VALID.flatMap((image) => keys.map((key) => [key, image] as const)))("in %s may be %s", (key, image) => {
    expect(problems(PLACES[key]?.(image) ?? {})).toEqual([]);
  });
  it.each(REFUSED.flatMap((image) => keys.map((key) => [key, image] as const)))("in %s is not %s", (key, image) => {
    const found = problems(PLACES[key]?.(image) ?? {});
    expect(found.length).toBeGreaterThan(0);
    for (const line of found) expect(line.startsWith(`slipway:${key} `), line).toBe(true);
  });
});

describeRefusals("images", [
  [
    "says what a tag is",
    { image: "acme/shop:x+y" },
    'image "x+y" is not a tag: letters, digits, ., - and _, at most 128, and not . or - at the beginning',
  ],
  [
    "says it of a release's name",
    { version: "-a" },
    'version "-a" is not a valid name of a release: letters, digits, ., - and _, at most 128, and not . or - at the beginning',
  ],
  [
    "says what an image is",
    { image: "acme//shop" },
    'image "acme//shop" is not an image: write registry/name:tag, in small letters, digits, ., - and _',
  ],
  [
    "refuses a proxy's repository that is none",
    { proxy: { run: { repository: "a//b" } } },
    'proxy.run.repository "a//b" is not a repository: small letters, digits, ., - and _, without tag',
  ],
  ["refuses a proxy's tag that is none", { proxy: { run: { version: "x".repeat(129) } } }, "proxy.run.version is not a tag"],
]);

describe("an image in a file", () => {
  const registry = { registry: { server: "ghcr.io", username: "shop", password: ["P"] }, secrets: { P: "p" } };

  it.each(["file://dist/shop.tar", "file:///srv/my shop.tar", "file://out#shop:1.4.2", `file://out${DIGEST}`])(
    "may be the app's, as %s, in whatever registry the others are",
    (image) => {
      expect(read({ ...registry, image }).image).toBe(image);
      expect(read({ canary: { image, percent: 10 } }).canary?.image).toBe(image);
    },
  );

  it.each(["file:shop.tar", "file://", "file://#v2"])("is not %s", (image) => {
    expect(problems({ image })).toEqual([
      `slipway:image "${image}" should be file://PATH, or file://PATH#NAME for one of several images`,
    ]);
  });

  it.each(keys.filter((key) => key !== "image" && key !== "canary.image"))("is not for %s", (key) => {
    expect(problems(PLACES[key]?.("file://dist/shop.tar") ?? {})).toEqual([
      `slipway:${key} comes from a registry: file:// is for slipway:image and slipway:canary.image`,
    ]);
  });

  it("has no other versions that a canary could be", () => {
    expect(problems({ image: "file://dist/shop.tar", canary: { version: "2", percent: 10 } })).toEqual([
      "slipway:canary needs image: the release's image is in no registry, which would have other versions of it",
    ]);
  });
});

describe("an image of the operator's engine", () => {
  const registry = { registry: { server: "ghcr.io", username: "shop", password: ["P"] }, secrets: { P: "p" } };

  it.each([
    "engine://shop",
    "engine://ghcr.io/acme/shop:dev",
    `engine://sha256:${"04bd".repeat(16)}`,
    `engine://shop:dev${DIGEST}`,
  ])("may be the app's, as %s, in whatever registry the others are", (image) => {
    expect(read({ ...registry, image }).image).toBe(image);
    expect(read({ canary: { image, percent: 10 } }).canary?.image).toBe(image);
  });

  it.each(["engine:/shop", "engine://", "engine://Shop:dev", "engine://sha256:04bd77aa"])("is not %s", (image) => {
    expect(problems({ image })).toEqual([
      `slipway:image "${image}" should be engine://NAME:TAG, or engine://sha256: and the 64 hex digits of an id`,
    ]);
  });

  it.each(keys.filter((key) => key !== "image" && key !== "canary.image"))("is not for %s", (key) => {
    expect(problems(PLACES[key]?.("engine://shop:dev") ?? {})).toEqual([
      `slipway:${key} comes from a registry: engine:// is for slipway:image and slipway:canary.image`,
    ]);
  });

  it("has no other versions that a canary could be", () => {
    expect(problems({ image: "engine://shop:dev", canary: { version: "2", percent: 10 } })).toEqual([
      "slipway:canary needs image: the release's image is in no registry, which would have other versions of it",
    ]);
  });

  it("is not the image of a registry that is called engine", () => {
    expect(read({ image: "engine:1.4" }).image).toBe("engine:1.4");
  });
});

describe("an image of a job", () => {
  const job = (image: string, root: Section) =>
    read({ ...root, secrets: { P: "p" }, jobs: { report: { schedule: "@daily", cmd: "report", image } } }).jobs[0]?.own?.image;
  const registry = { server: "ghcr.io", username: "shop", password: ["P"] };
  it("is in the registry that the config logs in to, like the app's", () => {
    expect(job("acme/report:2", { registry })).toBe("ghcr.io/acme/report:2");
    expect(job("acme/report:2", {})).toBe("acme/report:2");
    expect(job("docker.io/acme/report:2", { registry })).toBe("docker.io/acme/report:2");
  });
});

describe("a registry", () => {
  it.each(["ghcr.io", "registry:5000", "[2001:db8::5]:5000", "[2001:db8::5]"])("may be %s", (server) => {
    expect(problems({ registry: { server, username: "u", password: ["P"] }, secrets: { P: "p" } })).toEqual([]);
  });
  it.each(["2001:db8::5", "[zz]:1", "https://ghcr.io", "ghcr.io/acme", "-a", "a:b"])("is not %s", (server) => {
    expect(problems({ registry: { server, username: "u", password: ["P"] }, secrets: { P: "p" } })).toEqual([
      "slipway:registry.server should be host or host:port, without https:// and path",
    ]);
  });
});
