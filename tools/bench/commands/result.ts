import { z } from "zod";

/** The commands, as a person types them after `npx`. */
export const COMMANDS = {
  first_deploy: { typed: "slipway deploy", what: "first release, on hosts without anything of it" },
  deploy: { typed: "slipway deploy", what: "a new version" },
  rollback: { typed: "slipway rollback --yes", what: "to the version before" },
  deploy_noop: { typed: "slipway deploy", what: "nothing to do" },
  up_skip_noop: { typed: "slipway pulumi up --skip-preview --yes", what: "nothing to do" },
  up_noop: { typed: "slipway pulumi up --yes", what: "nothing to do" },
} as const satisfies Record<string, { readonly typed: string; readonly what: string }>;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** One command on some hosts. Medians; what went to and from a host is that of the host with the most. */
export const CommandRow = z.object({
  command: z.enum(Object.keys(COMMANDS) as [CommandName, ...CommandName[]]),
  wall_s: z.number(),
  /** User and system time of all processes of the command. */
  cpu_s: z.number(),
  /** The peak of all processes together (PSS), of one run. Only measured without added round trip. */
  memory_mb: z.number().optional(),
  connections: z.number(),
  /** How often the operator's side sent something after an answer. */
  turns: z.number(),
  up_kb: z.number(),
  down_kb: z.number(),
});
export type CommandRow = z.infer<typeof CommandRow>;

export const CommandsCase = z.object({
  hosts: z.number(),
  /** Added to the round trip of SSH; 0 is the lab's own network. */
  rtt_ms: z.number(),
  /** `pulumi up --skip-preview` of an empty program, in the same rounds. */
  floor: z.object({ wall_s: z.number(), cpu_s: z.number() }),
  rows: z.array(CommandRow),
});
export type CommandsCase = z.infer<typeof CommandsCase>;

/** What one release reads from a host that has been used for a while. */
export const HistoryPoint = z.object({
  /** Releases of the app so far. */
  releases: z.number(),
  /** Containers of others on the host. */
  others: z.number(),
  down_kb: z.number(),
});
export type HistoryPoint = z.infer<typeof HistoryPoint>;

/** A part of one run, in seconds from its start. */
export const Phase = z.object({ phase: z.string(), from_s: z.number(), to_s: z.number() });
export type Phase = z.infer<typeof Phase>;

/** One `slipway deploy` of a new version on one host. */
export const Timeline = z.object({ rtt_ms: z.number(), wall_s: z.number(), phases: z.array(Phase) });
export type Timeline = z.infer<typeof Timeline>;

/** Complete commands of the installed package. */
export const CommandsResult = z.object({
  cases: z.array(CommandsCase),
  history: z.array(HistoryPoint),
  timelines: z.array(Timeline),
});
export type CommandsResult = z.infer<typeof CommandsResult>;

/** The row of a command in the case of these hosts and this round trip, if it was measured. */
export function rowOf({ cases }: CommandsResult, command: CommandName, hosts: number, rtt_ms: number): CommandRow | undefined {
  return caseOf(cases, hosts, rtt_ms)?.rows.find((row) => row.command === command);
}

export const caseOf = (cases: readonly CommandsCase[], hosts: number, rtt_ms: number): CommandsCase | undefined =>
  cases.find((one) => one.hosts === hosts && one.rtt_ms === rtt_ms);

/** Round trips that a command waits for one after the other: what its time grows by, for each ms of round trip. */
export function criticalRoundTrips(result: CommandsResult, command: CommandName, hosts: number): number | undefined {
  const [near, far] = [rowOf(result, command, hosts, 0), rowOf(result, command, hosts, 50)];
  return near === undefined || far === undefined ? undefined : (far.wall_s - near.wall_s) / 0.05;
}
