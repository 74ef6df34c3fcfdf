import { accessoryProvider } from "../../../providers/accessory/provider.ts";
import { dockerEngineProvider } from "../../../providers/docker-engine/provider.ts";
import { firewallProvider } from "../../../providers/firewall/provider.ts";
import { hardeningProvider } from "../../../providers/hardening/provider.ts";
import { proxyProvider } from "../../../providers/proxy/provider.ts";
import type { Provider, Run } from "../../../providers/pulumi/provider.ts";
import { scheduleProvider } from "../../../providers/schedule/provider.ts";
import { setupProvider } from "../../../providers/setup/provider.ts";
import type { ChangeOrder, ProviderName } from "./message.ts";

/** What a run leaves to the next one, and whether there was anything to do. */
export interface Made {
  readonly state: unknown;
  readonly changed: boolean;
}

type Task = Pick<ChangeOrder, "inputs" | "state" | "to">;

/** As the engine does: what is known is read again first, and what is found as declared is not converged. */
const make =
  <I, S extends I>(provider: Provider<I, S>) =>
  async ({ inputs, state, to }: Task, run: Run): Promise<Made> => {
    const declared = provider.inputs.parse(inputs);
    if (to === "withdraw") {
      await provider.withdraw(declared, run);
      return { state: undefined, changed: true };
    }
    const known = provider.state.safeParse(state).data;
    const seen = known && (await provider.read(provider.inputs.parse(known), run, known)).state;
    if (seen !== undefined && !provider.plan(declared, seen).changes) return { state: seen, changed: false };
    return { state: await provider.converge(declared, seen, run), changed: true };
  };

/** Each provider as the engine uses it for one resource. */
export const MAKE: Readonly<Record<ProviderName, (task: Task, run: Run) => Promise<Made>>> = {
  accessory: make(accessoryProvider),
  schedule: make(scheduleProvider),
  firewall: make(firewallProvider),
  proxy: make(proxyProvider),
  hardening: make(hardeningProvider),
  "docker-engine": make(dockerEngineProvider),
  setup: make(setupProvider),
};
