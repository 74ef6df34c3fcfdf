// It builds the package and installs Docker on a new server: what an init writes is asserted in test/unit/cli/init and test/wire.
// @module-tag long
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fingerprint, parsePin } from "../../hosts/index.ts";
import { appProgram } from "../../lab/app.ts";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { OperatorDocker } from "../../lab/operator-docker.ts";
import { operatorEngine } from "../../lab/operator-engine.ts";
import { postgresImage } from "../../lab/postgres.ts";
import { setValues } from "../../lab/stack.ts";
import { buildPackage, DIST, pack } from "../../tools/package.ts";
import { withPulumi } from "../../tools/pulumi/environment.ts";
import { ensurePulumi } from "../../tools/pulumi/index.ts";

/** What this machine's user has set for other runs. */
const OF_OTHERS = /^(?:PULUMI_|SLIPWAY_|npm_|NODE_|DOCKER|BUILDX|BUILDKIT)/;
const DOCKERFILE =
  'FROM scratch\nCOPY app /\nENV PATH=/ VERSION=v1\nEXPOSE 3000\nHEALTHCHECK CMD ["/app", "check", "http://127.0.0.1:3000/up"]\nCMD ["/app"]\n';

let lab: Lab;
let host: LabHost;
let docker: OperatorDocker;
let place: string;
let app: string;
let tarball: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "slipway-newcomer-"));
  const { engine } = await operatorEngine("containerd");
  lab = await startLab({ hosts: [hostFor("bare")], bare: true });
  host = lab.host(hostFor("bare"));
  await host.reset();
  docker = await OperatorDocker.create(engine);
  tarball = await buildPackage().then(() => pack(place));
  const home = join(place, "home");
  await mkdir(join(home, ".ssh"), { recursive: true });
  await copyFile(lab.key.file, join(home, ".ssh", "id_ed25519"));
  await chmod(join(home, ".ssh", "id_ed25519"), 0o600);
  app = join(place, "shop");
  await mkdir(app);
  await copyFile(await appProgram(), join(app, "app"));
  await writeFile(join(app, "Dockerfile"), DOCKERFILE);
  const pulumi = withPulumi(await ensurePulumi());
  const { PATH = "", DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG } = docker.env;
  env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_OTHERS.test(name))),
    ...pulumi,
    PATH: [PATH.split(delimiter)[0], pulumi.PATH].join(delimiter),
    DOCKER_CONFIG,
    DOCKER_HOST,
    BUILDX_CONFIG,
    NODE_EXTRA_CA_CERTS: lab.registry.certificates.bundle,
    SSH_AUTH_SOCK: "",
    HOME: home,
    PULUMI_HOME: join(home, ".pulumi"),
    XDG_CACHE_HOME: join(home, ".cache"),
  };
});
afterAll(async () => {
  await host.reset();
  await docker[Symbol.asyncDispose]();
  await rm(place, { recursive: true, force: true });
});

/** A command of the newcomer, which has to succeed. */
function done(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout + stderr) : reject(new Error(`${program} ${args.join(" ")}\n${stdout}\n${stderr}`)),
    );
  });
}

const text = async (path: string): Promise<string> => {
  const answer = await fetch(`http://${host.address}${path}`);
  expect(answer.status).toBe(200);
  return answer.text();
};

it("a folder with an app and its Dockerfile is live on a new server with three commands, and has a database with two more", async () => {
  const deploy = join(app, "deploy");
  const key = fingerprint(parsePin(host.hostKey)?.blob ?? Buffer.alloc(0));
  const answers = ["--host", `deploy@${host.address}`, "--accept-host-key", key, "--package", `file:${tarball}`, "--yes"];

  // As npx runs it, before anything is installed.
  const said = await done(app, process.execPath, join(DIST, "cli", "main.js"), "init", ...answers);
  expect(said).toContain(`✓ stack production on deploy@${host.address}, in deploy/`);
  expect(said).toContain("health check /up (HEALTHCHECK in Dockerfile)");
  expect(said.split("\nnext\n")[1]?.trim().split("\n")).toHaveLength(2);
  await done(deploy, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline");
  // The lab does not reach Docker Hub, which has the proxy's image.
  const { server, username, password } = lab.registry;
  const stack = join(deploy, "Pulumi.production.yaml");
  await setValues(stack, {
    registry: { server, username },
    proxy: { app_port: 3000, healthcheck: { path: "/up" }, run: { registry: server } },
  });
  const slipway = join(deploy, "node_modules", ".bin", "slipway");
  await done(deploy, slipway, "pulumi", "config", "set", "--secret", "--path", "slipway:registry.password", password);

  await done(deploy, slipway, "deploy");
  expect(await text("/version")).toContain("v1");
  expect(await done(deploy, slipway, "deploy")).toContain("nothing to do");

  const database = await postgresImage(lab.registry, { tag: "17.1" });
  expect(await done(deploy, slipway, "add", "postgres", "--image", database.ref, "--yes")).toContain("✓ written to");
  await done(deploy, slipway, "deploy");
  await expect.poll(async () => JSON.parse(await text("/rows")).stored, { timeout: 30_000, interval: 500 }).toBeGreaterThan(0);
  await done(deploy, slipway, "pulumi", "destroy", "--yes");
}, 900_000);
