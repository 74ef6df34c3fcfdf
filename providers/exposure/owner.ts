import { asRoot, type Container, type Host, wasRefusedRoot } from "../../hosts/index.ts";

/** A TCP port of a host that a container has, beyond loopback. */
export interface Published {
  readonly port: number;
  readonly container: string;
}

export async function publishedOn(host: Host): Promise<Published[]> {
  const running = (await host.docker.containers({})).filter(({ state }) => state === "running");
  const inspected = await Promise.all(running.map(({ id }) => host.docker.inspect(id)));
  return inspected.flatMap((container) => (container === undefined ? [] : portsOf(container)));
}

function portsOf({ name, ports }: Container): Published[] {
  const reachable = ports.filter(({ hostIp, protocol }) => protocol === "tcp" && !isLoopback(hostIp));
  return [...new Set(reachable.map(({ hostPort }) => Number(hostPort)))]
    .filter((port) => port > 0)
    .map((port) => ({ port, container: name }));
}

const isLoopback = (ip: string): boolean => ip.startsWith("127.") || ip === "::1";

/** Who has a port, in words: a container, else the process, where we may see it. */
export async function ownerOf(host: Host, port: number, published: readonly Published[]): Promise<string> {
  const containers = published.filter((candidate) => candidate.port === port).map(({ container }) => container);
  if (containers.length > 0) return `container ${containers.join(", ")}`;
  const list = ["ss", "-Hltnp", `sport = :${port}`];
  const asked = await host.run(asRoot(host.address, list));
  const { stdout } = wasRefusedRoot(asked) ? await host.run(list) : asked;
  const [, name, id] = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout) ?? [];
  return name === undefined ? "something on the host" : `process ${name} (${id})`;
}
