import { SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { type Container, type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import { notStarted, ready, recreateRoutes, STOP_GRACE } from "./apply.ts";

/** What a person asks for at once: the container stays as it is. */
export type ProxyAction = "restart" | "start" | "stop";

type Reporting = Pick<Run, "report">;

/** How long the proxy did not listen; `undefined`: there was nothing to do. Needs the lease of the machine: other apps share the proxy. */
export const PROXY_ACTIONS: Readonly<Record<ProxyAction, (host: Host, run: Reporting) => Promise<Seconds | undefined>>> = {
  restart: (host, run) => up(host, run, "also if it runs"),
  start: (host, run) => up(host, run, "if it does not run"),
  stop,
};

/** Routes are read before: a proxy that cannot read all of them at its start would have none. */
async function up(host: Host, run: Reporting, when: "also if it runs" | "if it does not run"): Promise<Seconds | undefined> {
  const { id, state } = await requireProxy(host);
  if (state.running && when === "if it does not run") return undefined;
  const routes = await host.proxy.routes();
  const began = performance.now();
  try {
    await host.docker.restart(id, STOP_GRACE);
    await ready(host, id);
  } catch (thrown) {
    throw isExplained(thrown) ? thrown : await notStarted(host, id, thrown, "nothing on this host: its proxy is down");
  }
  const took = (performance.now() - began) / 1000;
  await recreateRoutes(host, routes, run);
  return took;
}

async function stop(host: Host): Promise<Seconds | undefined> {
  const { id, state } = await requireProxy(host);
  if (!state.running) return undefined;
  const began = performance.now();
  await host.docker.stop(id, STOP_GRACE);
  return (performance.now() - began) / 1000;
}

async function requireProxy({ docker, name: host }: Host): Promise<Container> {
  const container = await docker.inspect(KAMAL_PROXY.container);
  if (container !== undefined) return container;
  throw new SlipwayError({
    code: "PROXY_UNAVAILABLE",
    what: "kamal-proxy is missing",
    host,
    servesNow: "nothing on this host",
    next: "pulumi up runs it as declared",
  });
}
