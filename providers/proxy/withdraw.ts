import { commandOf } from "../../core/temporary.ts";
import type { Seconds } from "../../core/words.ts";
import { type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withdrawFromServer } from "../steps/withdraw.ts";
import type { ProxyInputs } from "./inputs.ts";

const STOP_GRACE: Seconds = 11;

/** Removes the proxy if nothing needs it any more: it has no route, and no other container is on its network. */
export async function withdrawProxy({ host: address }: ProxyInputs, run: Run): Promise<void> {
  await withdrawFromServer({ host: address, what: "kamal-proxy" }, run, async (host) => {
    const { users, temporary } = await usersOf(host);
    if (users.length === 0) {
      for (const { id, name, command } of temporary) {
        await host.docker.remove(id, { force: true, anonymousVolumes: true });
        run.report.say(`${host.name}: removed ${name}, a container of ${command}: what it belonged to is gone`);
      }
      return removeProxy(host);
    }
    run.report.say(`${host.name}: kamal-proxy stays, ${users.join(", ")} ${users.length === 1 ? "needs" : "need"} it`);
  });
}

/** A container of `slipway exec` is no user: it may be all that a killed one left. */
async function usersOf({ proxy, docker }: Host) {
  const [routes, network, all] = await Promise.all([proxy.routes(), docker.network(KAMAL_PROXY.network), docker.containers({})]);
  const neighbours = (network?.containers ?? []).filter((name) => name !== KAMAL_PROXY.container);
  const temporary = all.flatMap(({ id, name, labels }) => {
    const command = commandOf(labels);
    return command === undefined || !neighbours.includes(name) ? [] : [{ id, name, command }];
  });
  const passing = new Set(temporary.map(({ name }) => name));
  const others = neighbours.filter((name) => !passing.has(name));
  return { users: [...new Set([...routes.map(({ service }) => service), ...others])].sort(), temporary };
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
