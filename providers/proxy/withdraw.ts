import type { Seconds } from "../../core/words.ts";
import { type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withdrawFromServer } from "../steps/withdraw.ts";
import type { ProxyInputs } from "./inputs.ts";

const STOP_GRACE: Seconds = 11;

/** Removes the proxy if nothing needs it any more: it has no route, and no other container is on its network. */
export async function withdrawProxy({ host: address }: ProxyInputs, run: Run): Promise<void> {
  await withdrawFromServer({ host: address, what: "kamal-proxy" }, run, async (host) => {
    const users = await usersOf(host);
    if (users.length === 0) return removeProxy(host);
    run.report.say(`${host.name}: kamal-proxy stays, ${users.join(", ")} ${users.length === 1 ? "needs" : "need"} it`);
  });
}

async function usersOf(host: Host): Promise<string[]> {
  const [routes, network] = await Promise.all([host.proxy.routes(), host.docker.network(KAMAL_PROXY.network)]);
  const neighbours = (network?.containers ?? []).filter((name) => name !== KAMAL_PROXY.container);
  return [...new Set([...routes.map(({ service }) => service), ...neighbours])].sort();
}

async function removeProxy(host: Host): Promise<void> {
  const container = await host.docker.inspect(KAMAL_PROXY.container);
  if (container !== undefined) {
    await host.docker.stop(container.id, STOP_GRACE);
    await host.docker.remove(container.id, { force: true, anonymousVolumes: false });
    await host.docker.removeImage(container.imageId);
  }
  await host.docker.removeVolume(KAMAL_PROXY.volume);
  await host.docker.removeNetwork(KAMAL_PROXY.network);
}
