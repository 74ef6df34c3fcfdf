import type { z } from "zod";
import type { Provider, Reading } from "../provider.ts";
import { convergeProxy } from "./apply.ts";
import { FoundProxy, ProxyInputs } from "./inputs.ts";
import { observeProxy } from "./observe.ts";
import { describeProxy, planProxy } from "./plan.ts";
import { withdrawProxy } from "./withdraw.ts";

const ProxyState = ProxyInputs.extend({ found: FoundProxy });
export type ProxyState = z.infer<typeof ProxyState>;

const NOT_SEEN: FoundProxy = { is: "missing", network: false };

export const proxyProvider: Provider<ProxyInputs, ProxyState> = {
  inputs: ProxyInputs,
  state: ProxyState,
  id: ({ host }) => `${host.name}:kamal-proxy`,

  plan: (inputs, state) => {
    const operations = planProxy(inputs, state?.found ?? NOT_SEEN);
    const lost = state?.found.is === "unreachable";
    const what = lost
      ? [`unreachable: ${state.found.is === "unreachable" ? state.found.reason : ""}`]
      : operations.map((operation) => describeProxy(operation, inputs));
    return { changes: operations.length > 0 || lost, text: `${inputs.host.name}   ${what.join(" · ")}` };
  },

  converge: async (inputs, _state, run) => ({ ...inputs, found: await convergeProxy(inputs, run) }),

  read: async (state, { hosts }): Promise<Reading<ProxyInputs, ProxyState>> => {
    const found = await observeProxy(hosts.at(state.host));
    const seen = { ...state, found };
    const { found: _found, ...inputs } = state;
    if (found.is === "unreachable")
      return { found: "drift", state: seen, inputs: named(inputs, { status: `unreachable: ${found.reason}` }) };
    if (planProxy(state, found).length === 0) return { found: "same", state: seen };
    if (found.is === "missing") return { found: "drift", state: seen, inputs: named(inputs, { status: "missing" }) };
    const { image, publish, options, logMaxSize, status } = found;
    return { found: "drift", state: seen, inputs: named(inputs, { image, publish, options, logMaxSize, status }) };
  },

  withdraw: (state, run) => withdrawProxy(state, run),
};

/** What really runs, under the keys of the inputs. It is shown, never converged, so it need not be a value one may write. */
const named = (inputs: ProxyInputs, found: Readonly<Record<string, unknown>>): ProxyInputs =>
  ({ ...inputs, ...found }) as ProxyInputs;
