import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installPlugins } from "../../lab/plugins/install.ts";
import { ensurePulumi, pulumiEnvironment } from "../../tools/pulumi/index.ts";
import { LocalSshd } from "./local-sshd.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** What versions before 0.2 declared for `setup: [hello]`, and for two hooks. */
const BEFORE = `
import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
const { address, port, user, hostKey, privateKey } = JSON.parse(process.env.WIRE_HOST);
class Server extends pulumi.ComponentResource {
  constructor() {
    super("slipway:Server", "web-1");
    const setup = new pulumi.ComponentResource("slipway:Setup", "web-1-setup-web", {}, { parent: this });
    const connection = pulumi.secret({ host: address, port, user, hostKey, privateKey });
    const create = "set -e\\nhello\\n";
    const args = { create, triggers: [create], addPreviousOutputInEnv: false, connection };
    new remote.Command("web-1-setup-web", args, { parent: setup, ignoreChanges: ["connection"] });
  }
}
new Server();
for (const name of ["pre-deploy", "post-deploy"]) {
  const hook = new pulumi.ComponentResource("slipway:Hook", name, {});
  const args = { create: "set -e\\necho " + name + " >>$WIRE_HOOKS\\n", triggers: ["1.4.2-ab12cd34"], addPreviousOutputInEnv: false };
  new local.Command(name, args, { parent: hook, additionalSecretOutputs: ["stdout", "stderr"] });
}
`;
const NOW = `
import * as pulumi from "@pulumi/pulumi";
import { Setup } from ${JSON.stringify(join(ROOT, "components/server/setup.ts"))};
import { Hook } from ${JSON.stringify(join(ROOT, "components/app/hook.ts"))};
import { plainly } from ${JSON.stringify(join(ROOT, "components/pulumi/configured.ts"))};
const { privateKey: _key, ...host } = JSON.parse(process.env.WIRE_HOST);
class Server extends pulumi.ComponentResource {
  constructor() {
    super("slipway:Server", "web-1");
    new Setup("web-1-setup-web", { host, role: "web", commands: ["hello"] }, { parent: this });
  }
}
new Server();
const hookOf = (name) => ({ run: { commands: ["echo " + name + " >>$WIRE_HOOKS"] }, output: "verbose", timeout: 60 });
const hooks = { pre_deploy: hookOf("pre-deploy"), post_deploy: hookOf("post-deploy") };
const config = plainly({ service: "shop", roles: [{ name: "web" }], hooks, secrets: { TOKEN: "s3cret-canary" } });
for (const [name, release] of [["pre-deploy", "1.4.2-ab12cd34"], ["post-deploy", process.env.WIRE_RELEASE]]) {
  const args = { moment: name.replace("-", "_"), config, release: { version: "1.4.2", image: "shop@sha256:9f31", release }, hosts: {} };
  new Hook(name, args);
}
`;

let sshd: LocalSshd;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  sshd = await LocalSshd.start();
  folder = await mkdtemp(join(tmpdir(), "slipway-setup-"));
  const [state, home, project] = [join(folder, "state"), join(folder, "home"), join(folder, "project")];
  await Promise.all([state, home, project].map((path) => mkdir(path)));
  await installPlugins(home);
  await symlink(join(ROOT, "node_modules"), join(project, "node_modules"));
  const manifest = { name: "slipway", type: "module", exports: { "./provider": "./provider.ts" } };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  await writeFile(join(project, "provider.ts"), `export * from ${JSON.stringify(join(ROOT, "providers", "index.ts"))};\n`);
  const runtime = "runtime: { name: nodejs, options: { typescript: false } }";
  await writeFile(join(project, "Pulumi.yaml"), `name: slipway\n${runtime}\nmain: index.ts\noptions: { refresh: always }\n`);
  const pulumi = await ensurePulumi();
  const host = { name: "web-1", address: "127.0.0.1", port: sshd.port, user: "root", hostKey: sshd.hostKey };
  await writeFile(join(folder, "key"), sshd.user.privateKey, { mode: 0o600 });
  env = {
    ...pulumiEnvironment({ pulumi, home, backend: pathToFileURL(state).href, passphrase: "wire" }),
    WIRE_HOST: JSON.stringify({ ...host, privateKey: sshd.user.privateKey }),
    WIRE_HOOKS: join(folder, "hooks"),
    WIRE_RELEASE: "1.4.2-ab12cd34",
    SSH_AUTH_SOCK: "",
  };
  await pulumiDoes("stack", "init", "wire");
  const ssh = { keys: [join(folder, "key")], agent: false, config: false };
  await writeFile(join(project, "Pulumi.wire.yaml"), JSON.stringify({ config: { "slipway:ssh": ssh } }));
});
afterAll(async () => {
  await sshd.stop();
  await rm(folder, { recursive: true, force: true });
});

const pulumiDoes = (...args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { cwd: join(folder, "project"), env, timeout: 100_000 };
    execFile("pulumi", [...args, "--non-interactive", "--color", "never"], options, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${stdout}${stderr}`)),
    );
  });

const up = async (program: string): Promise<string> => {
  await writeFile(join(folder, "project", "index.ts"), program);
  return pulumiDoes("up", "--yes", "--skip-preview");
};
const exported = () => pulumiDoes("stack", "export", "--show-secrets");
const timesRun = () => sshd.commands.filter((command) => command.includes("hello")).length;

const hooksRun = async () => (await readFile(join(folder, "hooks"), "utf8")).trim().split("\n").sort();

it("what @pulumi/command ran is taken over without running again, and the private key leaves the state", async () => {
  await up(BEFORE);
  expect(timesRun()).toBe(1);
  expect(await hooksRun()).toEqual(["post-deploy", "pre-deploy"]);
  expect(await exported()).toContain("PRIVATE KEY");

  await up(NOW);
  expect(timesRun()).toBe(1);
  expect(await hooksRun()).toEqual(["post-deploy", "pre-deploy"]);
  const state = await exported();
  expect(state).not.toContain("command:local:Command");
  expect(await pulumiDoes("stack", "export")).not.toContain("canary");
  expect(state).not.toContain("PRIVATE KEY");
  expect(state).not.toContain('command:remote:Command"');
  expect(state).toContain("pulumi-nodejs:dynamic/slipway:Setup");

  expect(await up(NOW)).toMatch(/\d+ unchanged/);
  env = { ...env, WIRE_RELEASE: "1.4.3-00000000" };
  await up(NOW);
  expect(await hooksRun()).toEqual(["post-deploy", "post-deploy", "pre-deploy"]);
  expect(await pulumiDoes("destroy", "--yes", "--skip-preview")).toContain("deleted");
}, 120_000);
