import { type Host, KAMAL_PROXY, listenerIn } from "../../hosts/index.ts";

/** Docker's messages for a port that is in use, by another container or by a process. */
const TAKEN =
  /(?:Bind for \S*:(\d+) failed|listen tcp\d? \S*:(\d+): bind: address already in use|failed to bind (?:host )?port (?:for )?\S*?:(\d+))/;

/** What uses the port that Docker could not bind; `undefined` for any other message of Docker. */
export async function describePortOwner(host: Host, message: string): Promise<{ port: string; who: string } | undefined> {
  const port = TAKEN.exec(message)
    ?.slice(1)
    .find((group) => group !== undefined);
  if (port === undefined) return undefined;
  return {
    port,
    who: (await containerWith(host, Number(port))) ?? (await processWith(host, port)) ?? "something on the host uses it",
  };
}

async function containerWith(host: Host, port: number): Promise<string | undefined> {
  const running = await host.docker.running();
  const others = running.filter(({ name }) => name !== KAMAL_PROXY.container);
  const owner = others.find(({ ports }) => ports.some(({ hostPort }) => Number(hostPort) === port));
  return owner && `the container ${owner.name} (${owner.image}) uses it`;
}

async function processWith(host: Host, port: string): Promise<string | undefined> {
  const { code, stdout } = await host.run(["ss", "-Hltnp", `sport = :${port}`]);
  const listener = listenerIn(stdout);
  return code === 0 && listener ? `process ${listener.pid} (${listener.name}) uses it` : undefined;
}
