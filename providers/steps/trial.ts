import { randomBytes } from "node:crypto";
import type { Seconds } from "../../core/words.ts";
import { asRoot, type CommandResult, type Host } from "../../hosts/index.ts";

/** After so long the host takes a change back by itself, whatever became of us. */
export const TRIAL: Seconds = 20;

/** A change that could lock everybody out of a host: it is there on trial until somebody who comes anew has got in. */
export interface Change {
  /** As the host's processes show it: `slipway-firewall`. */
  readonly name: string;
  readonly place: TrialPlace;
  /** Makes the change and arms the trial: $1 token, $2 seconds, then `args`. */
  readonly script: string;
  readonly args: readonly string[];
  /** What it is called while it is tried, and when it is kept. */
  readonly says: { readonly tried: string; readonly kept: string };
  /** Gets in by a new connection, or throws. */
  readonly prove: () => Promise<void>;
  readonly failed: {
    /** The host did not take the change. */
    readonly atOnce: (ran: CommandResult) => Error;
    /** Nobody got in. @param undone whether it is known that the change is off again */
    readonly proof: (undone: boolean, thrown: unknown) => Error;
    /** The host took it back before we could say that it is to stay. */
    readonly tooLate: (ran: CommandResult) => Error;
  };
}

/** The folder of one kind of trial on a host, and the pieces of shell that decide one. */
export class TrialPlace {
  readonly folder: string;
  /** Run before `undo`: where tools are. */
  readonly #start: string;

  constructor(folder: string, start: string) {
    this.folder = folder;
    this.#start = start;
  }

  /** A trial that nobody ended is armed: whoever renames this first decides it. */
  armed(token: string): string {
    return `${this.folder}/armed.${token}`;
  }

  get decided(): string {
    return `${this.folder}/decided`;
  }

  /** Shell, in the folder: takes back what a run left that died in its trial. */
  get bury(): string {
    return `for dead in armed.*; do [ ! -e "$dead" ] || sh ./undo "\${dead#armed.}"; done`;
  }

  /** Shell, first line of `undo`, whose $1 is the token. */
  get decide(): string {
    return `cd ${this.folder} && mv "armed.$1" decided || exit 3`;
  }

  /** Shell, in the folder, with $token and $seconds: from here on the host's own clock runs. */
  get arm(): string {
    return `: >"armed.$token"
setsid sh -c 'sleep "$1"; exec sh ${this.folder}/undo "$2"' slipway-undo "$seconds" "$token" </dev/null >/dev/null 2>&1 &`;
  }

  /** $1 token. Code 3: it was undone already. */
  get undo(): string {
    return `${this.#start}\nexec sh ${this.folder}/undo "$1"`;
  }
}

/** Makes the change; when this returns, it stays. */
export async function onTrial(host: Host, { name, place, script, args, says, prove, failed }: Change): Promise<void> {
  const token = randomBytes(8).toString("hex");
  const asShell = (text: string, ...more: readonly string[]) => asRoot(host.address, ["sh", "-c", text, name, token, ...more]);
  const tried = await host.change(says.tried, () => host.run(asShell(script, String(TRIAL), ...args)));
  if (tried.code !== 0) throw failed.atOnce(tried);
  try {
    await prove();
  } catch (thrown) {
    // Our old connection lives on under the change. If it is gone as well, the host's own clock is what is left.
    const undone = await host.run(asShell(place.undo)).catch(() => undefined);
    throw failed.proof(undone?.code === 0 || undone?.code === 3, thrown);
  }
  const disarm = asRoot(host.address, ["mv", place.armed(token), place.decided]);
  const kept = await host.change(says.kept, () => host.run(disarm));
  if (kept.code !== 0) throw failed.tooLate(kept);
}
