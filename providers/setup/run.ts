import { Deadline } from "../../core/deadline.ts";
import { reasonOf, SlipwayError } from "../../core/error.ts";
import { printable } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { type CommandResult, ConnectionLost, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { ticking } from "../steps/ticking.ts";
import { type SetupInputs, scriptOf } from "./inputs.ts";

/** Packages may have to be downloaded and built. */
const TIMEOUT: Seconds = 3600;
const STATUS_INTERVAL: Milliseconds = 5000;
/** The end of an output says what failed. */
const EVIDENCE = 20;
const SHOWN = 200;

/** The user's own shell, with all output in one order. */
const SHELL = 'exec "$SHELL" -c "$1" 2>&1';

/**
 * Runs the commands, unless they have run on this machine.
 *
 * @param ran the id of the machine on which they have
 */
export async function runSetup(
  inputs: Omit<SetupInputs, "adopted">,
  ran: string | undefined,
  run: Run,
): Promise<{ machine?: string }> {
  const host = run.hosts.at(inputs.host);
  await host.connect();
  const id = await host.installation();
  const machine = id === undefined ? {} : { machine: id };
  if (ran !== undefined && ran === id) return machine;
  const { code, stdout } = await withLeases([host], run, () => execute(inputs, host, run)).catch((thrown: unknown) => {
    throw thrown instanceof ConnectionLost ? lost(inputs, thrown) : thrown;
  });
  const output = linesOf(stdout);
  if (code !== 0) throw failed(inputs, code, output);
  const shown = output.length > SHOWN ? [`… (${output.length} lines)`, ...output.slice(-SHOWN)] : output;
  if (shown.length > 0) run.report.say([`setup of ${inputs.role}:`, ...shown.map((line) => `  ${line}`)].join("\n"));
  return machine;
}

async function execute({ role, commands }: Omit<SetupInputs, "adopted">, host: Host, { report }: Run): Promise<CommandResult> {
  const show = (age: Seconds) => report.status(`setup of ${role} runs, ${age} s`);
  show(0);
  const argv = ["sh", "-c", SHELL, "slipway-setup", scriptOf(commands)];
  const ran = host.change(`setup of ${role}`, () => host.run(argv, { deadline: Deadline.in(TIMEOUT), keep: "end" }));
  return ticking(show, ran, STATUS_INTERVAL);
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map(printable);
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
}

/** They are the user's own: whether a second time does harm is not known here. */
const lost = ({ host: { name }, role }: Omit<SetupInputs, "adopted">, thrown: ConnectionLost): SlipwayError =>
  new SlipwayError(
    {
      code: "SETUP_FAILED",
      what: `the connection was lost during the setup of ${role}, so how far its commands came is unknown`,
      host: name,
      evidence: [reasonOf(thrown, name)],
      servesNow: "what served before; the app was not changed",
      next: "check the network, then run pulumi up again: all of them run again",
    },
    { cause: thrown },
  );

const failed = ({ host: { name }, role }: Omit<SetupInputs, "adopted">, code: number, output: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "SETUP_FAILED",
    what: `setup of ${role} failed with exit code ${code}`,
    host: name,
    evidence: output.slice(-EVIDENCE),
    servesNow: "what served before; the app was not changed. The commands before the one that failed have had their effect",
    next: "correct the commands (setup of the role) or the server, then run pulumi up again: all of them run again",
  });
