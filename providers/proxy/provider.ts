import type { z } from "zod";
import { canonical } from "../../core/hash.ts";
import type { Provider, Reading } from "../pulumi/provider.ts";
import { convergeProxy } from "./apply.ts";
import { FoundProxy, ProxyInputs } from "./inputs.ts";
import { readProxy } from "./observe.ts";
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
    if (state?.found.is === "unreachable")
      return { changes: true, text: `${inputs.host.name}   unreachable: ${state.found.reason}` };
    const isOther = state !== undefined && state.host.address !== inputs.host.address;
    const operations = planProxy(inputs, isOther ? NOT_SEEN : (state?.found ?? NOT_SEEN));
    const drift = !isOther && state?.found.is === "missing" ? ["kamal-proxy found missing (drift)"] : [];
    const steps = [...drift, ...operations.map((operation) => describeProxy(operation, inputs))].join(" · ");
    const isReachedOtherwise = state !== undefined && canonical(state.host) !== canonical(inputs.host);
    if (!isOther)
      return {
        changes: operations.length > 0 || isReachedOtherwise,
        text: `${inputs.host.name}   ${steps || "no change on the host"}`,
      };
    // The new machine gets its proxy first; then the old one's goes, if nobody needs it there.
    return {
      changes: true,
      replace: { because: ["host"], first: "create" },
      text: `${inputs.host.name} is another machine now   ${steps}`,
    };
  },

  converge: async (inputs, _state, run) => ({ ...inputs, found: await convergeProxy(inputs, run) }),

  read: async (inputs, { hosts }): Promise<Reading<ProxyInputs, ProxyState>> => {
    const found = await readProxy(hosts.at(inputs.host));
    const state = { ...inputs, found };
    if (found.is !== "unreachable" && planProxy(inputs, found).length === 0) return { found: "same", state };
    return { found: "drift", state, inputs: { ...inputs, ...whatRuns(found) } as ProxyInputs };
  },

  withdraw: withdrawProxy,
};

/** Under the keys of the inputs. It is shown, never converged, so it need not be what one may write there. */
function whatRuns(found: FoundProxy): Readonly<Record<string, unknown>> {
  if (found.is === "unreachable") return { status: `unreachable: ${found.reason}` };
  if (found.is === "missing") return { status: "missing" };
  const { image, publish, options, logMaxSize, status } = found;
  return { image, publish, options, logMaxSize, status };
}
