import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import { type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import type { LogContainer, LogSource } from "../logs/source.ts";
import type { Machines } from "../stack/machines.ts";
import { chooseProxies } from "./choose.ts";

/** The lines of the proxies: a JSON object for each request. */
export function proxyLogs(all: Machines["hosts"], named: readonly HostName[] | undefined): LogSource {
  const hosts = chooseProxies(all, named);
  const find = async ({ docker, name: host }: Host): Promise<LogContainer[]> => {
    const found = await docker.inspect(KAMAL_PROXY.container);
    return found === undefined ? [] : [{ host, id: found.id, running: found.state.running, source: `${host}/proxy` }];
  };
  return { hosts, find, findAll: find, nothing: () => missing(hosts.map(({ name }) => name)) };
}

const missing = (hosts: readonly HostName[]): SlipwayError =>
  new SlipwayError({
    code: "PROXY_UNAVAILABLE",
    what: `kamal-proxy is missing on ${hosts.join(", ")}`,
    servesNow: NOTHING_TOUCHED,
    next: "pulumi up runs it as declared",
  });
