import { freezeIn } from "../../core/despite-freeze.ts";
import { Mask } from "../../core/mask.ts";
import { appName } from "../../core/names.ts";
import { type Access, ConnectionLost, operator } from "../../hosts/index.ts";
import { forgottenIn } from "../../providers/pulumi/forgotten.ts";
import { lossOf } from "../../providers/pulumi/loss.ts";
import { safeError, secretsOfInputs } from "../../providers/pulumi/mask.ts";
import type { Run } from "../../providers/pulumi/provider.ts";
import type { ReleaseInputs } from "../../providers/release/inputs.ts";
import { hostsAt } from "../stack/access.ts";
import { notice } from "../terminal/failure.ts";
import { Progress } from "../terminal/progress.ts";

/** The same for a release, whose secrets are not shown. */
export const withRunOf = <T>(
  command: string,
  { inputs, access }: { readonly inputs: ReleaseInputs; readonly access: Access },
  work: (run: Run) => Promise<T>,
): Promise<T> => withRun(command, { what: appName(inputs), stack: inputs.stack, access, secrets: secretsOfInputs(inputs) }, work);

interface Where {
  /** What is worked on, for the journals of the hosts: `shop-production`. */
  readonly what: string;
  /** Project and stack. */
  readonly stack: string;
  readonly access: Access;
  readonly secrets?: readonly string[];
}

/**
 * Does what a run of the engine would do on hosts, without the engine: under leases, with progress, and without secrets in what is
 * shown. Ctrl-C ends what only waits, and takes back or completes what changes something.
 *
 * @param command as others see it who wait for the lease: `slipway restart`
 */
export async function withRun<T>(
  command: string,
  { what, stack, access, secrets = [] }: Where,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const mask = new Mask(secrets);
  const report = new Progress((text) => mask.hide(text));
  const hosts = hostsAt(access);
  const stop = new AbortController();
  const interrupt = () => {
    report.end();
    notice("interrupted: what has begun is completed or taken back first");
    stop.abort();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const run: Run = {
    hosts,
    report,
    owner: `${operator(stack)}, ${command}`,
    recording: { command, what, freeze: freezeIn(process.env), hide: (text) => mask.hide(text) },
    forgotten: forgottenIn(undefined),
    cancelled: stop.signal,
    declared: async () => [],
  };
  try {
    return await work(run);
  } catch (thrown) {
    throw safeError(thrown instanceof ConnectionLost ? lossOf(thrown, nextOf(command)) : thrown, mask);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    report.end();
    await hosts.close();
  }
}

const nextOf = (command: string): string =>
  `see slipway status, then run ${command} again: it continues from what it finds; so does pulumi up`;
