import { hostNames } from "../../core/host-names.ts";
import { type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import { PROXY_ACTIONS, type ProxyAction } from "../../providers/proxy/actions.ts";
import type { Run } from "../../providers/pulumi/provider.ts";
import { withLeases } from "../../providers/steps/lease.ts";
import { withRun } from "../action/run.ts";
import type { StackOptions } from "../stack/option.ts";
import { readProxies } from "../stack/read-stack.ts";
import { DECLINED, isConfirmed } from "../terminal/confirm.ts";
import { printLine } from "../terminal/print.ts";
import { chooseProxies } from "./choose.ts";

interface ProxyOptions extends StackOptions {
  readonly host?: readonly string[];
  readonly rolling?: true;
  readonly yes?: true;
}

const INTERRUPTED = 130;

/** A proxy as it was found. */
export interface SeenProxy {
  readonly host: string;
  readonly state: "running" | "stopped" | "missing";
  /** Names of its routes, those of other apps too. */
  readonly services: readonly string[];
}

/** What a person reads before it is done; a line for each host. Pure. */
export function describeAct(act: ProxyAction, seen: readonly SeenProxy[], rolling: boolean): string[] {
  const several = seen.length > 1;
  const how = act === "start" ? "" : several && rolling ? ", one host after the other" : several ? ", all hosts at once" : "";
  return [
    `${act} kamal-proxy${how}`,
    ...seen.map(({ host, state, services }) => {
      const served = services.length === 0 ? "no route" : services.join(", ");
      return `  ${host}  ${state}, serves ${served}${lossOf(act, state)}`;
    }),
  ];
}

function lossOf(act: ProxyAction, state: SeenProxy["state"]): string {
  if (state !== "running" || act === "start") return "";
  return act === "restart" ? "   gap about 1 s, and at most 11 s while requests in flight end" : "   all of it stops serving";
}

/** Restarts, stops or starts proxies under the leases of their hosts. Returns the exit code. */
export async function perform(act: ProxyAction, { host, rolling, yes, ...options }: ProxyOptions): Promise<number> {
  const { hosts: all, stack, access } = await readProxies(options);
  const addresses = chooseProxies(all, host);
  return withRun(`slipway proxy ${act}`, { what: KAMAL_PROXY.container, stack, access }, async (run) => {
    const hosts = addresses.map((address) => run.hosts.at(address));
    const seen = await Promise.all(hosts.map(look));
    for (const line of describeAct(act, seen, rolling ?? false)) printLine(line);
    const stopsServing = act !== "start" && seen.some(({ state }) => state === "running");
    if (stopsServing && !(await isConfirmed(yes ?? false, `a ${act} of the proxy`, `${PHRASES[act]} it?`))) return DECLINED;
    const groups = rolling ? hosts.map((one) => [one]) : [hosts];
    for (const [at, group] of groups.entries()) {
      if (run.cancelled?.aborted) {
        printLine(`not done: ${hostNames(groups.slice(at).flatMap((left) => left.map(({ name }) => name)))}`);
        return INTERRUPTED;
      }
      await withLeases(group, run, () => Promise.all(group.map((one) => actOn(act, one, run))));
    }
    return 0;
  });
}

const PHRASES: Readonly<Record<ProxyAction, string>> = { restart: "Restart", stop: "Stop", start: "Start" };

async function look(host: Host): Promise<SeenProxy> {
  const { container, routes } = await host.proxy.observe();
  return { host: host.name, state: container, services: routes.map(({ service }) => service).sort() };
}

async function actOn(act: ProxyAction, host: Host, run: Run): Promise<void> {
  const took = await PROXY_ACTIONS[act](host, run);
  const done = took === undefined ? undefined : took.toFixed(1);
  const already = act === "stop" ? "is stopped already" : "runs already";
  if (done === undefined) printLine(`${KAMAL_PROXY.container} on ${host.name} ${already}`);
  else if (act === "restart") printLine(`restarted ${KAMAL_PROXY.container} on ${host.name}: gap ${done} s`);
  else if (act === "start") printLine(`started ${KAMAL_PROXY.container} on ${host.name} in ${done} s`);
  else
    printLine(
      `stopped ${KAMAL_PROXY.container} on ${host.name} in ${done} s; slipway proxy start starts it again, and so does the next pulumi up`,
    );
}
