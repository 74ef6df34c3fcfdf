import type { LabHost } from "../../../lab/host.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { OperatorDocker } from "../../../lab/operator-docker.ts";
import { operatorEngine } from "../../../lab/operator-engine.ts";
import { LargeImage } from "./large-image.ts";
import { Lines } from "./lines.ts";
import { OpenSsh } from "./open-ssh.ts";
import { leadThrough, login } from "./registry-way.ts";

const HOSTS = ["bench-1", "bench-2", "bench-3"] as const;
/** The machine with the operator's engine. */
const OPERATOR = "bench-operator";
const REPOSITORY = "bench-transfer";

export interface Sizes {
  readonly image_mb: number;
  readonly changed_mb: number;
}

/** Three hosts that have the image as it was, an operator with a Docker and a project's store, and the line between them. */
export interface Ground extends AsyncDisposable {
  readonly lab: Lab;
  readonly operator: LabHost;
  readonly docker: OperatorDocker;
  readonly image: LargeImage;
  readonly lines: Lines;
  readonly ssh: OpenSsh;
  /** The name of a version, for Docker and the registry. @example "10.213.77.1:5000/bench-transfer:v2" */
  tag(version: number): string;
}

/**
 * The hosts keep images in Docker's own layers, as Docker before version 29 does. The operator's engine keeps them in containerd's store,
 * which is the faster one at `docker save` and `docker push`: layers stay compressed.
 */
export async function prepare(sizes: Sizes): Promise<Ground> {
  await using stack = new AsyncDisposableStack();
  const lab = await startLab({ hosts: HOSTS });
  await lab.reset();
  const { host: operator, engine } = await operatorEngine("containerd", OPERATOR);
  const { registry } = lab;
  await registry.discard(REPOSITORY);
  stack.defer(async () => {
    await Promise.all([lab.reset(), operator.reset(), registry.discard(REPOSITORY)]);
  });
  const docker = stack.use(await OperatorDocker.create(engine, { registry }));
  const image = stack.use(await LargeImage.create(sizes));
  const tag = (version: number) => `${registry.server}/${REPOSITORY}:v${version}`;
  const base = await image.base();
  await Promise.all([
    ...lab.hosts.map((host) => image.intoLayers(host.docker, base, tag(0))),
    image.intoContainerd(operator.docker, base, tag(0)),
  ]);
  await push(docker, tag(0));
  const [address = "", port] = registry.server.split(":");
  const lines = stack.use(
    await Lines.open([
      ...lab.hosts.map((host) => ({ to: { address: host.address, port: host.port } })),
      { to: { address, port: Number(port) }, on: address },
    ]),
  );
  stack.use(await leadThrough(operator, registry, lines.ports.at(-1) ?? 0));
  for (const host of lab.hosts) stack.use(await login(host, registry));
  const ssh = stack.use(await OpenSsh.create(lab, lines.ports));
  const all = stack.move();
  return { lab, operator, docker, image, lines, ssh, tag, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** `docker push` of the operator's. */
export async function push(docker: OperatorDocker, tag: string): Promise<void> {
  const { code, stdout, stderr } = await docker.run(["push", tag]);
  if (code !== 0) throw new Error(`docker push ${tag}: exit code ${code}\n${stdout}${stderr}`);
}
