import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StackText } from "../../../../cli/add/stack-text.ts";
import { PROGRAM } from "../../../../cli/init/program-text.ts";
import { type InitRequest, init } from "../../../../cli/init/run.ts";
import { screenOf } from "../../../../cli/init/screen.ts";
import { type NewStack, plain, stackText } from "../../../../cli/init/stack-file.ts";
import { aProject } from "../../config/fixture.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const APP = { Dockerfile: "FROM scratch\nEXPOSE 3000\nVOLUME /data\n" };

/** A Pulumi that only makes stacks, as far as an init needs one: the real one is used in test/wire. */
const PULUMI = `#!/bin/sh
case "$*" in "stack init "*) echo "encryptionsalt: v1:of-the-stack" > "Pulumi.$3.yaml" ;; esac
`;

let home: ReturnType<typeof aProject>;
beforeEach(() => {
  home = aProject({ "bin/pulumi": PULUMI });
  vi.stubEnv("PATH", `${join(home.root, "bin")}:${process.env.PATH}`);
  vi.stubEnv("HOME", home.root);
  vi.stubEnv("PULUMI_HOME", join(home.root, ".pulumi"));
  for (const name of [
    "PULUMI_BACKEND_URL",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_CREDENTIALS_PATH",
  ])
    vi.stubEnv(name, undefined);
  chmodSync(join(home.root, "bin/pulumi"), 0o755);
});
afterEach(() => {
  vi.unstubAllEnvs();
  home[Symbol.dispose]();
});

const request = (folder: string, changes: Partial<InitRequest> = {}): InitRequest => ({
  folder,
  in: undefined,
  stack: "production",
  name: "shop",
  image: undefined,
  given: { host: "deploy@203.0.113.10" },
  acceptedKey: KEY,
  ci: "none",
  typescript: false,
  dockerfile: true,
  package: undefined,
  takesDefaults: true,
  isAtTerminal: false,
  ...changes,
});

const read = (root: string, path: string): string => readFileSync(join(root, path), "utf8");

describe("slipway init", () => {
  it("writes a project of which Slipway takes every value, and ends with two commands", async () => {
    using app = aProject(APP);
    const report = await init(request(app.root));
    expect(report).toMatchObject({
      kind: "written",
      service: "shop",
      folder: "deploy",
      found: expect.arrayContaining(["port 3000 (EXPOSE in Dockerfile)"]),
    });
    const text = read(app.root, "deploy/Pulumi.production.yaml");
    const stack = new StackText(text, "production", join(app.root, "deploy"));
    expect(stack.problems).toEqual([]);
    expect(stack.config.hosts).toMatchObject([{ name: "web-1", address: "203.0.113.10", user: "deploy", hostKey: KEY }]);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/node_modules\/slipway\/config\/slipway\.schema\.json\n/);
    expect(text).toContain("encryptionsalt: v1:of-the-stack\n");
    const screen = stripVTControlCharacters(screenOf(report));
    expect(screen).toMatch(/^shop {3}✓ stack production on deploy@203\.0\.113\.10, in deploy\/\n/);
    expect(screen.split("\nnext\n")[1]?.trimEnd().split("\n")).toEqual([
      "  cd deploy && npm install",
      "  npx slipway deploy         --preview shows the plan before",
    ]);
  });

  it("keeps a passphrase that only its owner reads, and that neither git nor an image gets", async () => {
    using app = aProject({ ...APP, ".dockerignore": "*.md\n" });
    await init(request(app.root));
    const file = join(app.root, "deploy/.pulumi/passphrase");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toMatch(/^[\w-]{43}\n$/);
    expect(read(app.root, "deploy/.gitignore").split("\n")).toContain(".pulumi/");
    expect(read(app.root, "deploy/.pulumi/.gitignore")).toBe("*\n");
    expect(read(app.root, ".dockerignore")).toBe("*.md\ndeploy/.pulumi\n");
  });

  it("makes none where the user has one, or where Pulumi Cloud has the keys", async () => {
    for (const [name, value] of [
      ["PULUMI_CONFIG_PASSPHRASE", ""],
      ["PULUMI_ACCESS_TOKEN", "pul-x"],
    ] as const) {
      using app = aProject(APP);
      vi.stubEnv(name, value);
      expect(await init(request(app.root))).toMatchObject({ passphrase: null });
      expect(existsSync(join(app.root, "deploy/.pulumi/passphrase"))).toBe(false);
      vi.stubEnv(name, undefined);
      vi.stubEnv("PULUMI_BACKEND_URL", undefined);
    }
  });

  it("says what is there when it is run again, and changes nothing", async () => {
    using app = aProject(APP);
    await init(request(app.root));
    const before = read(app.root, "deploy/Pulumi.production.yaml");
    const passphrase = read(app.root, "deploy/.pulumi/passphrase");
    vi.stubEnv("PULUMI_BACKEND_URL", undefined);
    expect(await init(request(app.root, { given: { host: "203.0.113.99" } }))).toMatchObject({
      kind: "present",
      service: "shop",
      hosts: ["203.0.113.10"],
      written: [],
    });
    expect([read(app.root, "deploy/Pulumi.production.yaml"), read(app.root, "deploy/.pulumi/passphrase")]).toEqual([
      before,
      passphrase,
    ]);
  });

  it("completes what a killed run has begun: the passphrase and the keys of the stack stay", async () => {
    using app = aProject(APP);
    await init(request(app.root));
    const passphrase = read(app.root, "deploy/.pulumi/passphrase");
    writeFileSync(join(app.root, "deploy/Pulumi.production.yaml"), "encryptionsalt: v1:before\n");
    vi.stubEnv("PATH", `${home.root}:${process.env.PATH}`);
    writeFileSync(
      join(home.root, "pulumi"),
      "#!/bin/sh\necho \"error: stack 'production' already exists\" >&2; [ $2 = select ]\n",
      { mode: 0o755 },
    );
    vi.stubEnv("PULUMI_BACKEND_URL", undefined);
    expect(await init(request(app.root))).toMatchObject({ kind: "written" });
    expect(read(app.root, "deploy/Pulumi.production.yaml")).toContain("encryptionsalt: v1:before\n");
    expect(read(app.root, "deploy/.pulumi/passphrase")).toBe(passphrase);
  });

  it("adds a second stack to a project", async () => {
    using app = aProject(APP);
    await init(request(app.root));
    vi.stubEnv("PULUMI_BACKEND_URL", undefined);
    expect(await init(request(app.root, { stack: "staging" }))).toMatchObject({
      kind: "written",
      written: ["deploy/Pulumi.staging.yaml"],
    });
  });

  it("lists everything that is in the way, and writes nothing", async () => {
    using app = aProject({ ...APP, "deploy/index.ts": "mine", ".github/workflows/slipway.yml": "mine" });
    const all = { typescript: true, ci: "github", given: { host: "203.0.113.10", state: "s3://acme-pulumi" } } as const;
    const refused = init(request(app.root, all));
    await expect(refused).rejects.toThrow("2 files are in the way; nothing was written");
    for (const file of ["deploy/index.ts", ".github/workflows/slipway.yml"])
      await expect(refused).rejects.toThrow(`${file} exists`);
    expect(readdirSync(join(app.root, "deploy"))).toEqual(["index.ts"]);
  });

  it.each<[string, Record<string, string>, Partial<InitRequest>, string]>([
    [
      "another program's project",
      { ...APP, "deploy/Pulumi.yaml": "name: infra\nruntime: go\n" },
      {},
      "deploy/Pulumi.yaml is of a Pulumi project",
    ],
    [
      "an app without Dockerfile in an unknown language",
      { Procfile: "web: x\n" },
      { given: { host: "203.0.113.10", appPort: "80" } },
      "there is no Dockerfile in",
    ],
    ["a CI with the state in a folder", APP, { ci: "github" }, "the jobs of a CI need a state"],
    ["an address that is none", APP, { given: { host: "203.0.113.300" } }, "is not an address"],
    ["a fingerprint that is none", APP, { acceptedKey: "SHA256:abc" }, "neither a fingerprint nor a public key"],
    ["Pulumi Cloud without a login", APP, { given: { host: "203.0.113.10", state: "cloud" } }, "no login to Pulumi Cloud"],
  ])("writes nothing for %s", async (_, files, changes, message) => {
    using app = aProject(files);
    const before = readdirSync(app.root, { recursive: true }).toSorted();
    await expect(init(request(app.root, changes))).rejects.toThrow(message);
    expect(readdirSync(app.root, { recursive: true }).toSorted()).toEqual(before);
  });

  it("keeps a package.json, and says what it needs", async () => {
    using app = aProject({ "package.json": '{"dependencies":{"slipway":"file:../slipway.tgz"}}' });
    const report = await init(
      request(app.root, { image: "ghcr.io/acme/shop:1.4.2", given: { host: "203.0.113.10", appPort: "80" } }),
    );
    expect(report).toMatchObject({ folder: ".", kept: ["package.json"] });
    expect(screenOf(report)).toMatch(/ {2}npm install --save-exact @pulumi\/pulumi@[\d.]+\n/);
    expect(read(app.root, "Pulumi.production.yaml")).not.toContain("builder");
  });

  it("writes into the folder deploy of an app, from the app or from there, or where it is asked to", async () => {
    using app = aProject({ ...APP, "services/api/Dockerfile": APP.Dockerfile });
    mkdirSync(join(app.root, "deploy"));
    await init(request(join(app.root, "deploy")));
    expect(read(app.root, "deploy/Pulumi.production.yaml")).toContain("builder: { context: .. }");
    vi.stubEnv("PULUMI_BACKEND_URL", undefined);
    await init(request(join(app.root, "services/api"), { in: "../../ops/api" }));
    expect(read(app.root, "ops/api/Pulumi.production.yaml")).toContain("builder: { context: ../../services/api }");
  });

  it("writes a Dockerfile where it is missing and the language is known", async () => {
    using app = aProject({ "index.html": "<h1>hello</h1>" });
    expect(await init(request(app.root))).toMatchObject({ written: expect.arrayContaining(["Dockerfile", ".dockerignore"]) });
    expect(read(app.root, ".dockerignore").split("\n")).toContain("deploy/.pulumi");
  });

  it("pushes what it builds if the image is a repository, with a cache beside it", async () => {
    using app = aProject(APP);
    const report = await init(request(app.root, { image: "ghcr.io/acme/shop" }));
    const { config, problems } = new StackText(read(app.root, "deploy/Pulumi.production.yaml"), "production", app.root);
    expect(problems.map(({ path }) => path.join("."))).toEqual(["registry.password"]);
    expect(config.builder).toMatchObject({ cache: { type: "registry", image: "ghcr.io/acme/shop-build-cache" } });
    expect(screenOf(report)).toContain("config set --secret --path 'slipway:secrets.REGISTRY_PASSWORD'");
  });

  it("writes the program of this package with --typescript", async () => {
    using app = aProject(APP);
    await init(request(app.root, { typescript: true }));
    expect(read(app.root, "deploy/Pulumi.yaml")).toContain("main: index.ts\n");
    const withoutComments = (text: string) => text.replace(/^\/\/.*\n/gm, "").replace(/\n+/g, "\n");
    const own = readFileSync(join(import.meta.dirname, "../../../../program.ts"), "utf8");
    expect(withoutComments(PROGRAM)).toBe(withoutComments(own));
  });

  it("hands Kamal's files over to the import", async () => {
    using app = aProject({ ...APP, "config/deploy.yml": "service: shop\nimage: acme/shop\nservers: [203.0.113.10]\n" });
    const report = await init(request(app.root));
    expect(report.kind).toBe("imported");
    expect(screenOf(report)).toContain("config/deploy.yml is Kamal's, so this is slipway import");
    expect(read(app.root, "deploy/Pulumi.production.yaml")).toContain("Made by slipway import");
  });
});

it.each([
  "ssh-ed25519 AAAA+/=",
  "203.0.113.10",
  "2001:db8::1",
  "yes",
  "1.10",
  "0644",
  "12:30",
  "a: b",
  "a #b",
  "x, y",
  "~",
  "",
  "bin/jobs --all",
  "2024-01-31",
  "'",
  "node",
])("a text is read from a new stack's file as it is: %j", (text) => {
  const stack: NewStack = {
    service: "shop",
    context: ".",
    image: undefined,
    server: { address: "203.0.113.10", port: 2222, user: "root", hostKey: KEY, fingerprint: "SHA256:x" },
    domain: undefined,
    port: { value: 80, from: "x" },
    health: { value: "/", from: "x" },
    volumes: [],
    release: { value: text === "" ? "x" : text, from: "x" },
    workers: {},
  };
  const { written } = new StackText(stackText(stack), "production", "/srv");
  expect(written["slipway:release"]).toBe(text === "" ? "x" : text);
  expect(JSON.stringify(text) === plain(text) || text === plain(text)).toBe(true);
});
