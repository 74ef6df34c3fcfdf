import { Deadline } from "../../core/deadline.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, KAMAL_PROXY, type Route } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { proxyBody } from "./container.ts";
import type { FoundProxy, ProxyInputs } from "./inputs.ts";
import { observeProxy } from "./observe.ts";
import { describeProxy, type ProxyOperation, planProxy } from "./plan.ts";
import { describePortOwner } from "./port-owner.ts";

const NEXT_NAME = `${KAMAL_PROXY.container}-next`;
/** kamal-proxy itself gives its requests 10 s. */
const STOP_GRACE: Seconds = 11;
/** From `docker start` to a control socket that answers: 20–60 ms measured. */
const READY_TIMEOUT: Seconds = 15;
const ROUTE_TIMEOUTS = { deploy: 5, drain: 5 } as const;

/** Makes the proxy of one host run as declared. Under the lease, since other stacks share it. */
export async function convergeProxy(inputs: ProxyInputs, run: Run): Promise<FoundProxy> {
  const host = run.hosts.at(inputs.host);
  return withLeases([host], run, async () => {
    for (const operation of planProxy(inputs, await observeProxy(host))) {
      run.report.status(describeProxy(operation, inputs));
      await perform(operation, inputs, host, run);
    }
    return observeProxy(host);
  });
}

async function perform(operation: ProxyOperation, inputs: ProxyInputs, host: Host, run: Run): Promise<void> {
  switch (operation.do) {
    case "create network":
      return host.docker.createNetwork(KAMAL_PROXY.network, { [STACK_LABEL]: inputs.stack });
    case "run":
      return runNew(inputs, host, run);
    case "start":
      return startAgain(host, run);
    case "replace":
      return replace(inputs, host, run);
  }
}

async function runNew(inputs: ProxyInputs, host: Host, run: Run): Promise<void> {
  await pullIfAbsent(inputs, host, run);
  if (await takeOverNext(host)) return;
  const { id } = await host.docker.create(KAMAL_PROXY.container, proxyBody(inputs));
  try {
    await host.docker.start(id);
    await ready(host, id);
  } catch (thrown) {
    const story =
      thrown instanceof ConnectionLost
        ? thrown
        : await notStarted(host, id, thrown, "nothing on this host: its proxy did not run before");
    await host.docker.remove(id, { force: true, anonymousVolumes: false });
    throw story;
  }
}

/** A run that died after removing the old proxy and before renaming the new one left it under this name, serving. */
async function takeOverNext(host: Host): Promise<boolean> {
  const next = await host.docker.inspect(NEXT_NAME);
  if (next === undefined) return false;
  if (next.state.running) await host.docker.rename(next.id, KAMAL_PROXY.container);
  else await host.docker.remove(next.id, { force: true, anonymousVolumes: false });
  return next.state.running;
}

async function startAgain(host: Host, run: Run): Promise<void> {
  const container = await host.docker.inspect(KAMAL_PROXY.container);
  if (container === undefined) return;
  const routes = await host.proxy.routes();
  try {
    await host.docker.start(container.id);
    await ready(host, container.id);
  } catch (thrown) {
    throw thrown instanceof ConnectionLost
      ? thrown
      : await notStarted(host, container.id, thrown, "nothing on this host: its proxy is down");
  }
  await recreateRoutes(host, routes, run);
}

/** The new one is pulled and created while the old one serves; the gap is one stop and one start. If the new one fails, the old one is started again, once. */
async function replace(inputs: ProxyInputs, host: Host, run: Run): Promise<void> {
  await pullIfAbsent(inputs, host, run);
  const routes = await host.proxy.routes();
  const old = await host.docker.inspect(KAMAL_PROXY.container);
  const stale = await host.docker.inspect(NEXT_NAME);
  if (stale) await host.docker.remove(stale.id, { force: true, anonymousVolumes: false });
  const { id } = await host.docker.create(NEXT_NAME, proxyBody(inputs));
  if (old) await host.docker.stop(old.id, STOP_GRACE);
  try {
    await host.docker.start(id);
    await ready(host, id);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    const story = await notStarted(host, id, thrown, "the old proxy again, with all its routes");
    await host.docker.remove(id, { force: true, anonymousVolumes: false });
    if (old) await host.docker.start(old.id);
    throw story;
  }
  if (old) await host.docker.remove(old.id, { force: true, anonymousVolumes: false });
  await host.docker.rename(id, KAMAL_PROXY.container);
  await recreateRoutes(host, routes, run);
}

/** Recreates the routes that the proxy lost at its start, those of other apps too. */
async function recreateRoutes(host: Host, routes: readonly Route[], run: Run): Promise<void> {
  const proxy = host.proxy;
  const known = new Set(await proxy.services());
  for (const route of routes) {
    const { service, targets } = route;
    if (known.has(service) || targets.length === 0) continue;
    await proxy.recreateRoute(route, ROUTE_TIMEOUTS).catch((thrown: unknown) => {
      run.report.warn(`${host.name}: the route ${service} could not be recreated: ${messageOf(thrown)}`);
    });
  }
}

async function pullIfAbsent({ image, registry }: ProxyInputs, host: Host, run: Run): Promise<void> {
  if ((await host.docker.image(image)) !== undefined) return;
  run.report.status(`pull ${image}`);
  await host.docker.pull(image, registry).catch((thrown: unknown) => {
    if (thrown instanceof ConnectionLost || thrown instanceof SlipwayError) throw thrown;
    throw new SlipwayError(
      {
        code: "PULL_FAILED",
        what: `the proxy's image ${image} could not be pulled`,
        host: host.name,
        evidence: [messageOf(thrown)],
        servesNow: NOTHING_TOUCHED,
        next: "check that the host can reach that registry, or set slipway:proxy.run.registry to one that it can reach",
      },
      { cause: thrown },
    );
  });
}

/** Its control socket answers, so routes can be set. If the proxy exits, this fails at once. */
async function ready(host: Host, id: string): Promise<void> {
  await Deadline.in(READY_TIMEOUT).until(
    async () => {
      const container = await host.docker.inspect(id);
      if (container?.state.status !== "running")
        throw new Error(`kamal-proxy exited with code ${container?.state.exitCode ?? "unknown"}`);
      const { code } = await host.docker.exec(id, ["kamal-proxy", "list"]);
      return code === 0 ? true : undefined;
    },
    () => new Error(`kamal-proxy did not answer within ${READY_TIMEOUT} s`),
  );
}

async function notStarted(host: Host, id: string, thrown: unknown, servesNow: string): Promise<SlipwayError> {
  const reason = messageOf(thrown);
  const owner = await describePortOwner(host, reason);
  return new SlipwayError(
    {
      code: owner === undefined ? "PROXY_UNAVAILABLE" : "PORT_TAKEN",
      what: owner === undefined ? "kamal-proxy did not start" : `kamal-proxy cannot bind port ${owner.port}: ${owner.who}`,
      host: host.name,
      evidence: [reason, ...(await host.docker.lastLogs(id, 5))],
      servesNow,
      next:
        owner === undefined
          ? "fix what the evidence shows, then run pulumi up again"
          : `free port ${owner.port} on ${host.name}, or set slipway:proxy.run.http_port or .https_port, then run pulumi up again`,
    },
    { cause: thrown },
  );
}
