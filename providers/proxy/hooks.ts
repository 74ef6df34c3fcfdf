import { orStoppedBy } from "../pulumi/hooks/run-hook.ts";
import type { Run } from "../pulumi/provider.ts";
import type { ProxyInputs } from "./inputs.ts";

/** The user's own commands before a proxy is replaced: they may take the host out of a load balancer. */
export async function beforeReboot({ host }: ProxyInputs, run: Run): Promise<void> {
  const consequence = { host: host.name, servesNow: "what served before; the proxy was not replaced", next: "it runs once more" };
  await run.hooks?.ofStack("pre_proxy_reboot", { hosts: [host], lock: true }, run).catch(orStoppedBy(consequence));
  run.hooks?.begin(host.name);
}

/** Those after it, also if the replacement took several attempts because the connection was lost. */
export async function afterReboot({ host }: ProxyInputs, run: Run): Promise<void> {
  if (run.hooks?.end(host.name) !== true) return;
  const consequence = {
    host: host.name,
    servesNow: "the new proxy, with all its routes",
    next: "this hook does not run again, so do by hand what it left undone",
  };
  await run.hooks.ofStack("post_proxy_reboot", { hosts: [host], lock: true }, run).catch(orStoppedBy(consequence));
}
