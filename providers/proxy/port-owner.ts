import { type Host, KAMAL_PROXY, listenerIn } from "../../hosts/index.ts";

/** Docker's ways to say that a port is taken: by another container, or by a process of the host. */
const TAKEN =
  /(?:Bind for \S*:(\d+) failed|listen tcp\d? \S*:(\d+): bind: address already in use|failed to bind (?:host )?port (?:for )?\S*?:(\d+))/;

/** Who has the port that Docker could not have; `undefined` when Docker's words are about something else. */
export async function describePortOwner(host: Host, words: string): Promise<{ port: string; who: string } | undefined> {
  const port = TAKEN.exec(words)
    ?.slice(1)
    .find((group) => group !== undefined);
  if (port === undefined) return undefined;
  return {
    port,
    who: (await containerWith(host, Number(port))) ?? (await processWith(host, port)) ?? "something on the host has it",
  };
}

async function containerWith(host: Host, port: number): Promise<string | undefined> {
  const running = await host.docker.running();
  const others = running.filter(({ name }) => name !== KAMAL_PROXY.container);
  const owner = others.find(({ ports }) => ports.some(({ hostPort }) => Number(hostPort) === port));
  return owner && `the container ${owner.name} (${owner.image}) has it`;
}

async function processWith(host: Host, port: string): Promise<string | undefined> {
  const { code, stdout } = await host.run(["ss", "-Hltnp", `sport = :${port}`]);
  const listener = listenerIn(stdout);
  return code === 0 && listener ? `process ${listener.pid} (${listener.name}) has it` : undefined;
}
