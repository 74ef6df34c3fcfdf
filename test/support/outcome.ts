import { expect } from "vitest";
import type { DockerEvent } from "../../lab/events.ts";
import type { LabHost } from "../../lab/host.ts";
import type { LabStack, Outcome } from "../../lab/stack.ts";

/** The command, which must succeed. */
export async function done(command: Promise<Outcome>): Promise<Outcome> {
  const outcome = await command;
  expect(outcome.code, outcome.output).toBe(0);
  return outcome;
}

/** The command, which must fail. */
export async function refused(command: Promise<Outcome>): Promise<Outcome> {
  const outcome = await command;
  expect(outcome.code, outcome.output).not.toBe(0);
  return outcome;
}

/** An update without a preview: the same engine in half the time. */
export const update = (stack: LabStack): Promise<Outcome> => stack.up("--skip-preview");

/** The preview with every changed value in it. */
export const details = (stack: LabStack): Promise<Outcome> => done(stack.launch(["preview", "--diff"]).done);

/** The lines under `Resources:`, one list per run in the output. @example [["6 unchanged"]] */
export function summaries({ output }: Outcome): string[][] {
  return output
    .split(/^Resources:\n/m)
    .slice(1)
    .map((rest) => (rest.split(/\n\s*\n/)[0] ?? "").split("\n").map((line) => line.trim()));
}

/** The preview says `unchanged` and nothing else, neither in its summary nor on any resource. */
export async function expectNothingToDo(stack: LabStack): Promise<void> {
  const outcome = await done(stack.launch(["preview", "--expect-no-changes"]).done);
  expect(summaries(outcome)).toEqual([[expect.stringMatching(/^\d+ unchanged$/)]]);
  expect(outcome.output).not.toContain("Diagnostics:");
  expect(outcome.output).not.toContain("[diff:");
}

/** How many SSH connections its processes opened, per host. */
export function connectionsIn({ trace }: Outcome): Record<string, number> {
  const hosts = trace.filter(({ kind }) => kind === "connect").map(({ host }) => host);
  return Object.fromEntries([...new Set(hosts)].sort().map((host) => [host, hosts.filter((name) => name === host).length]));
}

/** What `work` changed in each host's Docker. */
export async function mutationsDuring(
  hosts: readonly LabHost[],
  work: () => Promise<unknown>,
): Promise<Record<string, DockerEvent[]>> {
  const since = new Date();
  await work();
  return Object.fromEntries(await Promise.all(hosts.map(async (host) => [host.name, await host.mutations(since)] as const)));
}

export const nothingOn = (hosts: readonly LabHost[]): Record<string, DockerEvent[]> =>
  Object.fromEntries(hosts.map(({ name }) => [name, []]));
