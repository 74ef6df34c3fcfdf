import { together } from "../../core/together.ts";
import { frozen, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";

/**
 * Throws if an app is frozen on one of these hosts. The lease refuses it as well, without a question of its own: this is for what is done, or
 * takes long, before the lease.
 */
export async function obeyFreezes(hosts: readonly Host[], app: string, { recording }: Run): Promise<void> {
  if (recording?.freeze === "pass") return;
  await together(hosts, async (host) => {
    const [freeze] = await host.freezes(app);
    if (freeze !== undefined) throw frozen(host.name, freeze);
  });
}
