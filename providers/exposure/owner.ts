import { isLoopback } from "../../core/range.ts";
import { asRoot, type Container, type Host, listenerIn, wasRefusedRoot } from "../../hosts/index.ts";

/** A TCP port of a host that a container publishes on other addresses than loopback. */
export interface Published {
  readonly port: number;
  readonly container: string;
}

export async function publishedOn(host: Host): Promise<Published[]> {
  return (await host.docker.running()).flatMap(portsOf);
}

function portsOf({ name, ports }: Container): Published[] {
  const reachable = ports.filter(({ hostIp, protocol }) => protocol === "tcp" && !isLoopback(hostIp));
  return [...new Set(reachable.map(({ hostPort }) => Number(hostPort)))]
    .filter((port) => port > 0)
    .map((port) => ({ port, container: name }));
}

/** What listens on a port: a container, or else a process, if we may see it. */
export async function ownerOf(host: Host, port: number, published: readonly Published[]): Promise<string> {
  const containers = published.filter((candidate) => candidate.port === port).map(({ container }) => container);
  if (containers.length > 0) return `container ${containers.join(", ")}`;
  const list = ["ss", "-Hltnp", `sport = :${port}`];
  const asked = await host.run(asRoot(host.address, list));
  const { stdout } = wasRefusedRoot(asked) ? await host.run(list) : asked;
  const listener = listenerIn(stdout);
  return listener === undefined ? "something on the host" : `process ${listener.name} (${listener.pid})`;
}
