import type { z } from "zod";
import { canonical } from "../../core/hash.ts";
import type { Provider, Reading } from "../pulumi/provider.ts";
import { DockerEngineInputs, FoundDocker } from "./inputs.ts";
import { readDocker } from "./observe.ts";
import { describeDocker, describeUnseen, planDocker } from "./plan.ts";
import { isOlder } from "./version.ts";

const DockerEngineState = DockerEngineInputs.extend({ found: FoundDocker });
export type DockerEngineState = z.infer<typeof DockerEngineState>;

export const dockerEngineProvider: Provider<DockerEngineInputs, DockerEngineState> = {
  inputs: DockerEngineInputs,
  state: DockerEngineState,
  id: ({ host }) => `${host.name}:docker`,

  plan: (inputs, state) => {
    const { name } = inputs.host;
    if (state === undefined) return { changes: true, text: `${name}   ${describeUnseen(inputs)}` };
    if (isOther(inputs, state))
      return {
        changes: true,
        replace: { because: ["host"], first: "create" },
        text: `${name} is another machine now   ${describeUnseen(inputs)}`,
      };
    if (state.found.is === "unreachable") return { changes: true, text: `${name}   unreachable: ${state.found.reason}` };
    const operations = planDocker(inputs, state.found);
    const isReachedOtherwise = canonical(state.host) !== canonical(inputs.host);
    const drift = state.found.is === "missing" ? ["Docker found missing (drift)"] : [];
    const steps = [...drift, ...operations.map((operation) => describeDocker(operation, inputs))].join(" · ");
    return { changes: operations.length > 0 || isReachedOtherwise, text: `${name}   ${steps || "no change on the host"}` };
  },

  // A machine that was ready once is not new: one that does not answer then is a failure at once.
  converge: async (inputs, state, run) => {
    // Most runs change nothing, and need none of it.
    const { convergeDocker } = await import("./apply.ts");
    const patience = state === undefined || isOther(inputs, state) ? inputs.patience : 0;
    return { ...inputs, found: await convergeDocker(inputs, patience, run) };
  },

  read: async (inputs, { hosts }): Promise<Reading<DockerEngineInputs, DockerEngineState>> => {
    const found = await readDocker(inputs, hosts.at(inputs.host));
    const state = { ...inputs, found };
    if (found.is !== "unreachable" && planDocker(inputs, found).length === 0) return { found: "same", state };
    return { found: "drift", state, inputs: { ...inputs, ...whatRuns(inputs, found) } as DockerEngineInputs };
  },

  /** Docker stays, with its settings: others may need it, and nothing of it listens. */
  withdraw: async () => {},
};

const isOther = (inputs: DockerEngineInputs, state: DockerEngineState): boolean => inputs.host.address !== state.host.address;

/** Under the keys of the inputs. It is shown, never converged, so it need not be what one may write there. */
function whatRuns({ version, settings }: DockerEngineInputs, found: FoundDocker): Readonly<Record<string, unknown>> {
  switch (found.is) {
    case "unreachable":
      return { status: `unreachable: ${found.reason}` };
    case "there": {
      const isOld = version !== undefined && isOlder(found.version, version);
      const keys = Object.keys(settings).map((key) => [key, found.settings[key] ?? "missing"] as const);
      return { settings: Object.fromEntries(keys), ...(isOld ? { version: found.version } : {}) };
    }
    default:
      return { status: found.is };
  }
}
