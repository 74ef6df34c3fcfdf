/**
 * The kamal-proxy of one host.
 *
 * Owns the container `kamal-proxy`, its volume and the network `kamal`. Keeps a proxy that another tool or stack started if it is recent
 * enough and runs as declared, and the routes of all apps when it replaces one.
 * Operations: create network, run, start, replace. On removal the proxy stays as long as a route or a container needs it.
 */
import { omitUndefined } from "../../core/values.ts";
import type { Shown } from "../pulumi/provider.ts";
import { DRIFT } from "../steps/drift.ts";
import { obstacleOf, unreachableText } from "../steps/finding.ts";
import { onHost } from "../steps/on-host.ts";
import { convergeProxy } from "./apply.ts";
import { type FoundProxy, ProxyInputs, ProxyRemains, ProxyState } from "./inputs.ts";
import { readProxy } from "./observe.ts";
import { describeProxy, planProxy } from "./plan.ts";
import { withdrawProxy } from "./withdraw.ts";

const NOTHING: FoundProxy = { kind: "missing", network: false };

export const proxyProvider = onHost({
  inputs: ProxyInputs,
  state: ProxyState,
  remains: ProxyRemains,
  noun: "kamal-proxy",
  read: async (inputs, hosts, before) => ({
    ...inputs,
    found: await readProxy(hosts.at(inputs.host)),
    ...omitUndefined({ digest: before?.digest }),
  }),
  obstacle: obstacleOf,
  plan: planProxy,
  describe: describeProxy,
  describeUnseen: (inputs) =>
    planProxy(inputs, NOTHING)
      .map((operation) => describeProxy(operation, inputs))
      .join(" · "),
  describeDrift: ({ kind }) => (kind === "missing" ? [`kamal-proxy found missing${DRIFT}`] : []),
  shown: (_inputs, found) => shown(found),
  onNewMachine: "replace",
  converge: async (inputs, state, run) => ({ ...inputs, ...(await convergeProxy(inputs, state, run)) }),
  withdraw: withdrawProxy,
});

function shown(found: FoundProxy): Shown {
  if (found.kind === "unreachable") return { status: unreachableText(found) };
  if (found.kind === "missing") return { status: "missing" };
  const { image, publish, options, logMaxSize, status } = found;
  return { image, publish, options, logMaxSize, status };
}
