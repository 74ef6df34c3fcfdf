import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appProgram } from "../../../lab/app.ts";
import type { LabHost } from "../../../lab/host.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { OperatorDocker } from "../../../lab/operator-docker.ts";
import { operatorEngine } from "../../../lab/operator-engine.ts";
import { labValues } from "../../../lab/stack.ts";
import { InstalledProject } from "../commands/installed.ts";

const HOST = "bench-new";
const ENGINE = "bench-operator";

const FILES: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM scratch\nCOPY app page.txt /\nENV PATH=/ VERSION=v1\nCMD ["/app"]\n',
  ".dockerignore": "*\n!app\n!page.txt\n",
};

/** Someone with an app and its Dockerfile in a folder, the installed package, a Docker that builds, and a new server. */
export interface Newcomer extends AsyncDisposable {
  readonly host: LabHost;
  readonly project: InstalledProject;
  /** As before the first command: a server without Docker, and nothing kept from a run or a build before. */
  reset(): Promise<void>;
}

/** The lab does not reach Docker Hub: its registry has the proxy's image, and nothing of the app. */
export async function newcomer(tarball: string | undefined): Promise<Newcomer> {
  await using stack = new AsyncDisposableStack();
  const { host: operator, engine } = await operatorEngine("containerd", ENGINE);
  const lab = await startLab({ hosts: [HOST], bare: true });
  const host = lab.host(HOST);
  stack.defer(async () => {
    await Promise.all([lab.reset(), operator.reset()]);
  });
  const docker = stack.use(await OperatorDocker.create(engine));
  const project = stack.use(await InstalledProject.create(lab, valuesFor(lab), { tarball, docker }));
  await copyFile(await appProgram(), join(project.folder, "app"));
  for (const [name, content] of Object.entries({ ...FILES, "page.txt": "one\n" }))
    await writeFile(join(project.folder, name), content);
  const all = stack.move();
  return {
    host,
    project,
    reset: async () => {
      await Promise.all([
        host.reset(),
        operator.must("docker builder prune --all --force && docker system prune --all --force"),
        project.forget(),
        project.forgetCache(),
      ]);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function valuesFor(lab: Lab): Readonly<Record<string, unknown>> {
  const { ssh, servers, registry } = labValues(lab);
  const { server } = lab.registry;
  return { service: "shop", builder: {}, servers, ssh, registry, proxy: { app_port: 3000, run: { registry: server } } };
}
