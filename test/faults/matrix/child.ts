/**
 * One update of a release or of another resource, without Pulumi around it: what it would call of our providers, in a process that can be killed. It stops before and
 * after every call that changes a host, says where it is, and waits to be let go.
 */
import { SlipwayError } from "../../../core/error.ts";
import { Hosts, parseAccess, type Trace, traceTo } from "../../../hosts/index.ts";
import { proxyProvider } from "../../../providers/proxy/provider.ts";
import { forgottenIn } from "../../../providers/pulumi/forgotten.ts";
import type { Run } from "../../../providers/pulumi/provider.ts";
import { PLANNED, REVERTING } from "../../../providers/release/events.ts";
import type { ReleaseInputs } from "../../../providers/release/inputs.ts";
import { releaseProvider } from "../../../providers/release/provider.ts";
import { onPlans } from "./calls.ts";
import { undoneBy } from "./cover.ts";
import { type ChangeOrder, type FromChild, FromParent, type Order, type ReleaseOrder } from "./message.ts";
import { Calls, type Point } from "./point.ts";
import { MAKE, type Made } from "./providers.ts";

const waiting = new Map<number, () => void>();
let tickets = 0;

const send = (message: FromChild): void => void process.send?.(message);

PLANNED.subscribe(({ operations }) => send({ kind: "planned", operations: [...operations] }));
onPlans((host, calls) => send({ kind: "allowed", host, calls }));
REVERTING.subscribe((undo) => send({ kind: "reverting", undone: undoneBy(undo) }));

process.on("message", (raw) => {
  const message = FromParent.parse(raw);
  if (message.kind !== "go") return void serve(message);
  waiting.get(message.ticket)?.();
  waiting.delete(message.ticket);
});
// Without its parent it would wait forever.
process.on("disconnect", () => process.exit(1));

async function serve(order: Order): Promise<void> {
  const hosts = new Hosts(parseAccess(order.ssh, {}), stopping(order.kind === "release" ? releaseIn(order) : undefined));
  try {
    const run: Run = {
      hosts,
      owner: order.owner,
      forgotten: forgottenIn(undefined),
      report: { status: () => {}, say: said, warn: said },
      declared: async () => [],
    };
    send({ kind: "done", ...(await (order.kind === "release" ? release(order, run) : change(order, run))) });
  } catch (thrown) {
    const isExpected = thrown instanceof SlipwayError;
    const text = thrown instanceof Error ? (isExpected ? thrown.message : (thrown.stack ?? thrown.message)) : String(thrown);
    send({ kind: "failed", isExpected, text });
  } finally {
    await hosts.close();
    process.removeAllListeners("disconnect");
    process.disconnect?.();
  }
}

const releaseIn = (order: ReleaseOrder): string => releaseProvider.inputs.parse(order.release).release;

async function release(order: ReleaseOrder, run: Run): Promise<Made> {
  await Promise.all(order.proxies.map((proxy) => convergeProxy(proxy, run)));
  send({ kind: "begins" });
  return { state: await convergeRelease(releaseProvider.inputs.parse(order.release), order.state, run), changed: true };
}

async function change(order: ChangeOrder, run: Run): Promise<Made> {
  send({ kind: "begins" });
  return MAKE[order.provider](order, run);
}

const said = (text: string): void => send({ kind: "said", text });

/** As the engine does: what is known is read again first, and a release that is found as wanted is not converged. */
async function convergeRelease(inputs: ReleaseInputs, known: unknown, run: Run): Promise<unknown> {
  const before = releaseProvider.state.safeParse(known).data;
  const reading = before && (await releaseProvider.read(before, run, before));
  const state = reading?.state;
  return state !== undefined && !releaseProvider.plan(inputs, state).changes
    ? state
    : releaseProvider.converge(inputs, state, run);
}

/** As the engine does after a refresh: a proxy that is found as declared is not converged. */
async function convergeProxy(declared: unknown, run: Run): Promise<void> {
  const inputs = proxyProvider.inputs.parse(declared);
  const reading = await proxyProvider.read(inputs, run, undefined);
  if (reading.found !== "same") await proxyProvider.converge(inputs, undefined, run);
}

/** A trace that stops the run at every point. */
function stopping(release: string | undefined): Trace {
  const calls = new Calls();
  return {
    ...traceTo(undefined),
    around: async ({ host, what }, run) => {
      const call = calls.next(host, what, release);
      await reach({ ...call, moment: "before" });
      try {
        return await run();
      } finally {
        await reach({ ...call, moment: "after" });
      }
    },
  };
}

function reach(point: Point): Promise<void> {
  tickets += 1;
  const ticket = tickets;
  return new Promise((resolve) => {
    waiting.set(ticket, resolve);
    send({ kind: "at", ticket, point });
  });
}
