import { describe, expect, it } from "vitest";
import { Boot } from "../../../../core/release/boot.ts";
import { ProxyFile } from "../../../../core/release/proxy-file.ts";
import { Canary } from "../../../../providers/release/inputs.ts";
import { aProject, type Circumstances, problems, read, type Section } from "../fixture.ts";

const refused = (changes: Section, problem: string, circumstances?: Circumstances) =>
  expect(problems(changes, circumstances)).toEqual([`slipway:${problem}`]);
const unproxied = { servers: { web: { hosts: ["203.0.113.10"], proxy: false } } };

describe("boot", () => {
  const servers = Array.from({ length: 7 }, (_, at) => `203.0.113.${at + 1}`);
  const of = (boot: Section) => read({ servers, boot }).boot;

  it("limits the hosts of a wave", () =>
    expect(of({ limit: 3, wait: 5, parallel_roles: false })).toEqual({ limit: 3, wait: 5, parallelRoles: false }));
  it.each([
    ["25%", 1],
    ["50%", 3],
    ["100%", 7],
    ["1%", 1],
  ])("makes hosts of %s", (limit, hosts) => expect(of({ limit }).limit).toBe(hosts));
  it("is what a release takes", () => expect(Boot.parse(of({ limit: 1 }))).toEqual(of({ limit: 1 })));
  it.each<[string, Section, string]>([
    ["no hosts at all", { limit: 0 }, "limit should be at least 1"],
    ["a text", { limit: "some" }, 'limit "some" is not a number of hosts, or 1% to 100%'],
    ["too large a share", { limit: "101%" }, 'limit "101%" is not a number of hosts, or 1% to 100%'],
    ["too small a share", { limit: "0%" }, 'limit "0%" is not a number of hosts, or 1% to 100%'],
    ["a wait between no waves", { wait: 3 }, "wait needs limit: without it there is only one wave"],
    ["an unknown key", { limt: 3 }, "limt unknown key; did you mean limit?"],
  ])("refuses %s", (_, boot, problem) => refused({ boot }, `boot.${problem}`));
});

describe("watch", () => {
  it("takes seconds", () => expect(read({ watch: 20 }).watch).toBe(20));
  it("refuses fewer than none", () => refused({ watch: -1 }, "watch should be at least 0"));
});

describe("release", () => {
  const of = (release: unknown) => read({ release }).releaseCommand;

  it("takes a command", () =>
    expect(of("bin/rails 'db: migrate'")).toEqual({ commands: [["bin/rails", "db: migrate"]], timeout: 600 }));
  it("takes one that reads like another kind of value", () => expect(of("true")?.commands).toEqual([["true"]]));
  it("takes several", () => expect(of(["a 1", "b"])?.commands).toEqual([["a", "1"], ["b"]]));
  it("takes a timeout", () => {
    expect(of({ cmd: "a", timeout: 9 })).toEqual({ commands: [["a"]], timeout: 9 });
    expect(of({ cmd: ["a", "b"] })).toEqual({ commands: [["a"], ["b"]], timeout: 600 });
  });
  it.each<[string, unknown, string]>([
    ["shell operators", "a && b", "release it is not run by a shell, so & is not supported: write sh -c '…' around it"],
    ["an empty command in a list", ["a", ""], "release[1] should not be empty"],
    ["an empty list", [], "release should not be empty"],
    ["no command", { timeout: 3 }, "release.cmd is required"],
    ["an open quote", { cmd: ["a", "'b"] }, "release.cmd[1] a ' is not closed"],
    ["a timeout of nothing", { cmd: "a", timeout: 0 }, "release.timeout should be at least 1"],
    ["an unknown key", { cmd: "a", host: "x" }, "release.host unknown key"],
  ])("refuses %s", (_, release, problem) => refused({ release }, problem));
});

describe("canary", () => {
  const of = (canary: Section, image?: string) => read({ canary, ...(image === undefined ? {} : { image }) }).canary;
  const percent = { to: "percent", percent: 10 };

  it("can be a different tag of the same repository", () => {
    expect(of({ version: "1.5.0", percent: 10 })).toEqual({ image: "ghcr.io/acme/shop:1.5.0", version: "1.5.0", share: percent });
    expect(of({ version: "2", percent: 10 }, "localhost:5000/shop")?.image).toBe("localhost:5000/shop:2");
    expect(of({ version: "2", percent: 10 }, `shop:1@sha256:${"a".repeat(64)}`)?.image).toBe("shop:2");
  });
  it("can be a different image, under a name of its own", () => {
    expect(of({ image: "other:3", percent: 10 })).toEqual({ image: "other:3", version: undefined, share: percent });
    expect(of({ image: "other:3", version: "three", percent: 10 })).toEqual({
      image: "other:3",
      version: "three",
      share: percent,
    });
  });
  it("is for some", () => {
    const canary = of({ version: "2", allow: ["beta", "staff"] });
    expect(canary?.share).toEqual({ to: "allowed", allow: ["beta", "staff"] });
    expect(Canary.shape.share.parse(canary?.share)).toEqual(canary?.share);
  });

  const ONE = "canary set either percent or allow: which requests the canary serves";
  it.each<[string, Section, string]>([
    ["neither version nor image", { percent: 1 }, "canary set version or image: what the canary runs"],
    ["neither percent nor allow", { version: "2" }, ONE],
    ["both", { version: "2", percent: 1, allow: ["a"] }, ONE],
    ["0 %", { version: "2", percent: 0 }, "canary.percent should be at least 1"],
    ["101 %", { version: "2", percent: 101 }, "canary.percent should be at most 100"],
    ["no one", { version: "2", allow: [] }, "canary.allow should not be empty"],
    ["what no cookie holds", { version: "2", allow: ["a", "a,b"] }, 'canary.allow[1] "a,b" is not a valid cookie value'],
    [
      "a version that is no tag",
      { version: "1/2", percent: 1 },
      'canary.version "1/2" is not a valid name of a release: letters, digits, ., - and _, at most 128, and not . or - at the beginning',
    ],
    [
      "an image that is none",
      { image: "Shop:1", percent: 1 },
      'canary.image "Shop:1" has uppercase letters before the tag: write "shop:1"',
    ],
    ["the release itself", { version: "1.4.2", percent: 1 }, "canary.version is the image of the release itself"],
    ["its image", { image: "ghcr.io/acme/shop:1.4.2", percent: 1 }, "canary.image is the image of the release itself"],
  ])("refuses %s", (_, canary, problem) => refused({ canary }, problem));
  it("needs a proxied role", () =>
    refused(
      { ...unproxied, canary: { version: "2", percent: 1 } },
      "canary needs a proxied role: the proxy splits the requests",
    ));
  it("needs roles that can run twice", () =>
    refused(
      { servers: { web: { hosts: ["203.0.113.10"], strategy: "stop-first" } }, canary: { version: "2", percent: 1 } },
      "canary the role web is stop-first: two of its containers cannot run at the same time",
    ));
  it("is no concern of a role without proxy", () => {
    const servers = { web: ["203.0.113.10"], jobs: { hosts: ["203.0.113.10"], strategy: "stop-first" } };
    expect(problems({ servers, canary: { version: "2", percent: 1 } })).toEqual([]);
  });
});

describe("maintenance", () => {
  it.each<[unknown, unknown]>([
    [false, undefined],
    [true, { message: "" }],
    [{}, { message: "" }],
    [{ message: "back soon" }, { message: "back soon" }],
  ])("of %j is %j", (written, maintenance) => expect(read({ maintenance: written }).maintenance).toEqual(maintenance));
  it("needs a proxied role", () =>
    refused({ ...unproxied, maintenance: true }, "maintenance needs a proxied role: the proxy serves the page"));
  it("refuses text", () => refused({ maintenance: "on" }, "maintenance should be true or false or a map"));
});

describe("error pages", () => {
  const files = {
    "public/503.html": "<p>{{ .Message }}</p>",
    "public/404.html": "gone",
    "public/index.html": "no",
    "public/200.html": "no",
    "public/403.html/x": "a folder",
    "empty/readme.txt": "",
  };
  const PAGES = { "404.html": "gone", "503.html": "<p>{{ .Message }}</p>" };

  it("are read beside the project, and given to every route", () => {
    using project = aProject(files);
    const servers = { web: ["203.0.113.10"], admin: { hosts: ["203.0.113.10"], proxy: { host: "admin.example.com" } } };
    const config = read({ error_pages_path: "public", servers, proxy: { host: "shop.example.com" } }, { root: project.root });
    const [folder = "", ...others] = Object.keys(config.proxyFiles);
    expect(config.errorPages).toEqual(PAGES);
    expect([folder, others]).toEqual([expect.stringMatching(/^slipway\/shop-production\/[0-9a-f]{12}$/), []]);
    expect(config.proxyFiles[folder]).toEqual({
      "404.html": { from: "text", text: PAGES["404.html"] },
      "503.html": { from: "text", text: PAGES["503.html"] },
    });
    const path = `/home/kamal-proxy/.config/kamal-proxy/${folder}`;
    expect(config.roles.map(({ proxy }) => proxy?.errorPages)).toEqual([path, path]);
    for (const file of Object.values(config.proxyFiles[folder] ?? {})) expect(ProxyFile.parse(file)).toEqual(file);
  });

  it("are another folder when one page changes, and the same one otherwise", () => {
    const folders = (changes: Record<string, string>, more: Section = {}) => {
      using project = aProject({ ...files, ...changes });
      return Object.keys(read({ error_pages_path: "./public", ...more }, { root: project.root }).proxyFiles);
    };
    expect(folders({ "public/index.html": "other" })).toEqual(folders({}));
    expect(folders({ "public/503.html": "other" })).not.toEqual(folders({}));
    expect(folders({}, { destination: "none" })).toEqual([expect.stringMatching(/^slipway\/shop\/[0-9a-f]{12}$/)]);
  });

  it("are no files of a proxy where nothing is proxied", () => {
    using project = aProject(files);
    expect(read({ ...unproxied, error_pages_path: "public" }, { root: project.root }).proxyFiles).toEqual({});
  });

  it.each([
    ["a folder that is not there", "nowhere", 'the project has no folder "nowhere"'],
    ["a file", "public/503.html", 'the project has no folder "public/503.html"'],
    ["a folder without pages", "empty", 'the folder "empty" has no error page: name them 404.html, 503.html …'],
    ["no path", "", "should not be empty"],
  ])("refuse %s", (_, error_pages_path, problem) => {
    using project = aProject(files);
    refused({ error_pages_path }, `error_pages_path ${problem}`, { root: project.root });
  });
});
