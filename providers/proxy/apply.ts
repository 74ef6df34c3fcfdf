import { Deadline } from "../../core/deadline.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, KAMAL_PROXY, type Route } from "../../hosts/index.ts";
import { digestNow, pinnedImage, pullOwn } from "../container/pin.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import { withLeases } from "../steps/lease.ts";
import { proxyBody } from "./container.ts";
import { PLANNED } from "./events.ts";
import { afterReboot, beforeReboot } from "./hooks.ts";
import type { ProxyInputs, ProxyState } from "./inputs.ts";
import { observeProxy } from "./observe.ts";
import { describeProxy, type ProxyOperation, planProxy } from "./plan.ts";
import { describePortOwner } from "./port-owner.ts";

const NEXT_NAME = `${KAMAL_PROXY.container}-next`;
/** kamal-proxy itself gives its requests 10 s. */
export const STOP_GRACE: Seconds = 11;
/** From `docker start` to a control socket that answers: 20–60 ms measured. */
const READY_TIMEOUT: Seconds = 15;
const ROUTE_TIMEOUTS = { deploy: 5, drain: 5 } as const;

/**
 * Makes the proxy of one host run as declared. Under the lease, since other stacks share it.
 *
 * @param state of this machine, if known
 */
export async function convergeProxy(
  inputs: ProxyInputs,
  state: ProxyState | undefined,
  run: Run,
): Promise<Pick<ProxyState, "found" | "digest">> {
  const host = run.hosts.at(inputs.host);
  return withLeases([host], run, async () => {
    let digest = state?.image === inputs.image ? state.digest : undefined;
    const operations = planProxy(inputs, await observeProxy(host));
    PLANNED.publish({ host: host.name, operations });
    if (operations.some(({ do: what }) => what === "run" || what === "replace"))
      digest = await pullIfAbsent(inputs, digest, host, run);
    for (const operation of operations) {
      if (operation.do === "replace") await beforeReboot(inputs, run);
      run.report.status(describeProxy(operation, inputs));
      await perform(operation, inputs, host, run).catch((thrown: unknown) => {
        if (isExplained(thrown)) throw thrown;
        throw failed(operation, inputs, thrown);
      });
    }
    await afterReboot(inputs, run);
    return { found: await observeProxy(host), ...omitUndefined({ digest }) };
  });
}

const failed = (operation: ProxyOperation, inputs: ProxyInputs, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "PROXY_UNAVAILABLE",
      what: `could not ${describeProxy(operation, inputs)}`,
      host: inputs.host.name,
      evidence: [messageOf(thrown)],
      servesNow: "what slipway status shows: the proxy may be stopped",
      next: "fix what the evidence shows, then run pulumi up again: it continues from what it finds",
    },
    { cause: thrown },
  );

async function perform(operation: ProxyOperation, inputs: ProxyInputs, host: Host, run: Run): Promise<void> {
  switch (operation.do) {
    case "create network":
      return host.docker.createNetwork(KAMAL_PROXY.network, { [STACK_LABEL]: inputs.stack });
    case "run":
      return runNew(inputs, host);
    case "start":
      return startAgain(host, run);
    case "replace":
      return replace(inputs, host, run);
  }
}

async function runNew(inputs: ProxyInputs, host: Host): Promise<void> {
  if (await takeOverNext(host)) return;
  const { id } = await host.docker.create(KAMAL_PROXY.container, proxyBody(inputs));
  try {
    await host.docker.start(id);
    await ready(host, id);
  } catch (thrown) {
    const story = isExplained(thrown)
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
    throw isExplained(thrown) ? thrown : await notStarted(host, container.id, thrown, "nothing on this host: its proxy is down");
  }
  await recreateRoutes(host, routes, run);
}

/** The new one is pulled and created while the old one serves; the gap is one stop and one start. If the new one fails, the old one is started again, once. */
async function replace(inputs: ProxyInputs, host: Host, run: Run): Promise<void> {
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
    const story = isExplained(thrown) ? thrown : await notStarted(host, id, thrown, "the old proxy again, with all its routes");
    await host.docker.remove(id, { force: true, anonymousVolumes: false });
    if (old) await host.docker.start(old.id);
    throw story;
  }
  if (old) await host.docker.remove(old.id, { force: true, anonymousVolumes: false });
  await host.docker.rename(id, KAMAL_PROXY.container);
  await recreateRoutes(host, routes, run);
}

/** Recreates the routes that the proxy lost at its start, those of other apps too. */
export async function recreateRoutes(host: Host, routes: readonly Route[], run: Pick<Run, "report">): Promise<void> {
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

/**
 * By digest. The container is created from the tag all the same, which is what Kamal reads the proxy's version from.
 *
 * @param known the digest from an earlier look
 * @returns the digest; `undefined` if the image was on the host already: what is there was not pulled by this run
 */
async function pullIfAbsent(inputs: ProxyInputs, known: string | undefined, host: Host, run: Run): Promise<string | undefined> {
  const { image, registry } = inputs;
  if ((await host.docker.image(image)) !== undefined) return known;
  const own = {
    image,
    registry,
    of: "kamal-proxy",
    key: "slipway:proxy.run.registry",
    otherwise: `load the image there (docker load)`,
    servesNow: NOTHING_TOUCHED,
  };
  const digest = known || (await digestNow(own, host, run));
  const ref = pinnedImage(image, digest);
  await pullOwn(own, ref, host, run);
  if (ref !== image) await host.docker.tagImage(ref, image);
  return digest;
}

/** Its control socket answers, so routes can be set. If the proxy exits, this fails at once. */
export async function ready(host: Host, id: string): Promise<void> {
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

export async function notStarted(host: Host, id: string, thrown: unknown, servesNow: string): Promise<SlipwayError> {
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
