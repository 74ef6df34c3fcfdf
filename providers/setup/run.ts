import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { printable } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { CommandResult, Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
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
  const { code, stdout } = await withLeases([host], run, () => execute(inputs, host, run));
  const output = linesOf(stdout);
  if (code !== 0) throw failed(inputs, code, output);
  const shown = output.length > SHOWN ? [`… (${output.length} lines)`, ...output.slice(-SHOWN)] : output;
  if (shown.length > 0) run.report.say([`setup of ${inputs.role}:`, ...shown.map((line) => `  ${line}`)].join("\n"));
  return machine;
}

async function execute({ role, commands }: Omit<SetupInputs, "adopted">, host: Host, { report }: Run): Promise<CommandResult> {
  const began = performance.now();
  const show = () => report.status(`setup of ${role} runs, ${Math.round((performance.now() - began) / 1000)} s`);
  const timer = setInterval(show, STATUS_INTERVAL);
  show();
  try {
    const argv = ["sh", "-c", SHELL, "slipway-setup", scriptOf(commands)];
    return await host.change(`setup of ${role}`, () => host.run(argv, { deadline: Deadline.in(TIMEOUT), keep: "end" }));
  } finally {
    clearInterval(timer);
  }
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map(printable);
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
}

const failed = ({ host: { name }, role }: Omit<SetupInputs, "adopted">, code: number, output: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "SETUP_FAILED",
    what: `setup of ${role} failed with exit code ${code}`,
    host: name,
    evidence: output.slice(-EVIDENCE),
    servesNow: "what served before; the app was not changed. The commands before the one that failed have had their effect",
    next: "correct the commands (setup of the role) or the server, then run pulumi up again: all of them run again",
  });
