import { type Access, type Address, type Host, operator } from "../../hosts/index.ts";
import { programOf } from "../exec/command-line.ts";
import { FAILED, Session } from "../exec/session.ts";
import { hostsAt } from "../stack/access.ts";
import { noted } from "../stack/lease.ts";
import { printFailure } from "../terminal/failure.ts";

/** Runs a command on hosts side by side, each over its own connection. Returns its exit code. */
export async function runOn(addresses: readonly Address[], access: Access, words: readonly string[]): Promise<number> {
  const hosts = hostsAt(access);
  const session = new Session({ several: addresses.length > 1 });
  const run = async (host: Host): Promise<number> => {
    const { stdout, stderr } = session.sinks(host);
    try {
      // Without its arguments, which may have a secret.
      const entry = { who: operator(), what: "slipway server exec" };
      const code = await noted(host, entry, () => host.stream(programOf(words), { stdout, stderr, signal: session.signal }));
      stdout.flush?.();
      stderr.flush?.();
      return code;
    } catch (thrown) {
      if (!session.signal.aborted) printFailure(thrown);
      return FAILED;
    }
  };
  try {
    return await session.run(() => Promise.all(addresses.map((address) => run(hosts.at(address)))));
  } finally {
    await hosts.close();
  }
}
