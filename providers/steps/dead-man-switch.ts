import { randomBytes } from "node:crypto";
import type { Seconds } from "../../core/words.ts";
import { asRoot, type CommandResult, type Host } from "../../hosts/index.ts";

/** After this time the host reverts an unconfirmed change by itself, even if this process is dead. */
export const CONFIRM_TIMEOUT: Seconds = 20;

/** A change that could lock everyone out of a host. The host reverts it unless a new connection gets in and confirms it. */
export interface RiskyChange {
  /** The name of its process on the host: `slipway-firewall`. */
  readonly name: string;
  readonly undo: UndoFolder;
  /** Makes the change and starts the countdown: $1 token, $2 seconds, then `args`. */
  readonly script: string;
  readonly args: readonly string[];
  /** What the trace calls the change and its confirmation. */
  readonly names: { readonly change: string; readonly confirm: string };
  /** Logs in on a new connection, or throws. */
  readonly prove: () => Promise<void>;
  readonly failed: {
    /** The host refused the change. */
    readonly change: (ran: CommandResult) => Error;
    /** No new connection got in. @param undone whether the change is known to be reverted */
    readonly proof: (undone: boolean, thrown: unknown) => Error;
    /** The host reverted the change before it was confirmed. */
    readonly confirm: (ran: CommandResult) => Error;
  };
}

/** The folder on a host that holds the way back from one kind of change, and the pieces of shell that decide between it and the change. */
export class UndoFolder {
  readonly path: string;
  /** Shell that runs before `undo` and says where the tools are. */
  readonly #start: string;

  constructor(path: string, start: string) {
    this.path = path;
    this.#start = start;
  }

  /** While this file exists, the countdown runs. Renaming it decides: confirmed by us or reverted by the host, whichever is first. */
  armed(token: string): string {
    return `${this.path}/armed.${token}`;
  }

  get decided(): string {
    return `${this.path}/decided`;
  }

  /** Shell: prints a line that begins with `unconfirmed` if a run made a change and died before it confirmed it. */
  get printUnconfirmed(): string {
    return `for armed in ${this.path}/armed.*; do [ ! -e "$armed" ] || echo "unconfirmed $armed"; done`;
  }

  /** Shell: no countdown takes anything back any more. */
  get disarm(): string {
    return `rm -f -- ${this.path}/armed.*`;
  }

  /** Shell, in the folder: reverts the unconfirmed change of a run that died. */
  get revertStale(): string {
    return `for stale in armed.*; do [ ! -e "$stale" ] || sh ./undo "\${stale#armed.}"; done`;
  }

  /** Shell, the first line of `undo`, whose $1 is the token. Ends with code 3 if it was decided already. */
  get decide(): string {
    return `cd ${this.path} && mv "armed.$1" decided || exit 3`;
  }

  /** Shell, in the folder, with $token and $seconds: starts the countdown. */
  get arm(): string {
    return `: >"armed.$token"
setsid sh -c 'sleep "$1"; exec sh ${this.path}/undo "$2"' slipway-undo "$seconds" "$token" </dev/null >/dev/null 2>&1 &`;
  }

  /** $1 token. Code 3: it was reverted already. */
  get revert(): string {
    return `${this.#start}\nexec sh ${this.path}/undo "$1"`;
  }
}

/** Makes the change and confirms it. When this returns, it is permanent. */
export async function changeWithUndo(host: Host, { name, undo, script, args, names, prove, failed }: RiskyChange): Promise<void> {
  const token = randomBytes(8).toString("hex");
  const asShell = (text: string, ...more: readonly string[]) => asRoot(host.address, ["sh", "-c", text, name, token, ...more]);
  const tried = await host.change(names.change, () => host.run(asShell(script, String(CONFIRM_TIMEOUT), ...args)));
  if (tried.code !== 0) throw failed.change(tried);
  try {
    await prove();
  } catch (thrown) {
    // Our old connection outlives the change. If it is lost as well, the countdown on the host reverts the change.
    const undone = await host.run(asShell(undo.revert)).catch(() => undefined);
    throw failed.proof(undone?.code === 0 || undone?.code === 3, thrown);
  }
  const disarm = asRoot(host.address, ["mv", undo.armed(token), undo.decided]);
  const kept = await host.change(names.confirm, () => host.run(disarm));
  if (kept.code !== 0) throw failed.confirm(kept);
}
