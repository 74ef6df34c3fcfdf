import type { LabHost } from "../../../lab/host.ts";
import type { LabRegistry } from "../../../lab/registry.ts";

/** A chain of its own, so that what a run that was killed has left is replaced by the next. */
const CHAIN = "bench-registry";
const LOGIN = "/home/deploy/.docker";

/** From now on a host reaches the registry through a port of the registry's machine, under the same name. */
export async function leadThrough(host: LabHost, { server }: LabRegistry, port: number): Promise<AsyncDisposable> {
  const [address, from] = server.split(":");
  await host.must(`iptables -t nat -N ${CHAIN} 2>/dev/null || iptables -t nat -F ${CHAIN}`);
  await host.must(`iptables -t nat -C OUTPUT -j ${CHAIN} 2>/dev/null || iptables -t nat -I OUTPUT -j ${CHAIN}`);
  await host.must(`iptables -t nat -A ${CHAIN} -p tcp -d ${address} --dport ${from} -j DNAT --to-destination ${address}:${port}`);
  return {
    [Symbol.asyncDispose]: async () => {
      await host.must(`iptables -t nat -D OUTPUT -j ${CHAIN}; iptables -t nat -F ${CHAIN}; iptables -t nat -X ${CHAIN}`);
    },
  };
}

/** As after `docker login` of the user who deploys. */
export async function login(host: LabHost, { server, username, password }: LabRegistry): Promise<AsyncDisposable> {
  const config = JSON.stringify({ auths: { [server]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } } });
  await host.must(
    `install -d -m 700 -o deploy -g deploy ${LOGIN} && (umask 077; printf %s '${config}' >${LOGIN}/config.json) && chown deploy: ${LOGIN}/config.json`,
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await host.must(`rm -rf ${LOGIN}`);
    },
  };
}
