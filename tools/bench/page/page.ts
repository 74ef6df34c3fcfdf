import {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  type CommandsResult,
  caseOf,
  criticalRoundTrips,
  rowOf,
} from "../commands/result.ts";
import { type BenchResult, wasBusy } from "../result.ts";
import { plural } from "../target.ts";
import { targetsOf } from "../targets.ts";
import { KAMAL, kamalSeconds } from "./kamal.ts";
import { figure, table } from "./markdown.ts";
import { newcomerSection } from "./newcomer.ts";
import { transferSection } from "./transfer.ts";

/** The folder of plots and stored result, as the page links to it. */
export const FOLDER = "performance";

const rowName = (name: CommandName): string => `\`${COMMANDS[name].typed}\`, ${COMMANDS[name].what}`;

/** docs/performance.md. Pure: the same result makes the same page. */
export function performancePage(result: BenchResult, commands: CommandsResult): string {
  const { machine, versions, rounds, measured } = result;
  return `# Performance

What a person waits for: complete commands, from Enter to the prompt, as they are typed. This page and its plots are made from
[a stored result](${FOLDER}/result.json) of \`npm run bench\`; [below](#measure-it-yourself) is how to make your own.

Measured on ${measured}: ${machine.cpus} × ${machine.cpu}, ${(machine.memory_mb / 1024).toFixed(0)} GB, ${machine.system}. Slipway ${versions.slipway}, Node
${versions.node}, Pulumi ${versions.pulumi}, Docker ${versions.docker}, kamal-proxy ${versions.kamal_proxy}. **This one machine is everything at once**: it runs the command, the registry and all
hosts, so more hosts also means less CPU time for each, and a faster machine is faster. Compare rows with each other and with the floor, not with a
stopwatch elsewhere.
${busyText(machine)}
- The package is installed by npm into a project of its own, with the two files of [the first five minutes](../README.md#five-minutes-to-your-own-server);
  what is timed is \`node_modules/.bin/slipway\`, so npx is not in it.
- All hosts are reached through relays that count, and that hold every byte for half of the added round trip. The registry is not delayed.
- A new version is an image that no host has seen, with a layer of its own.
- Medians of ${rounds} after a warm-up; the *floor* is \`pulumi up --skip-preview\` of a program without resources, in the same rounds: what the
  engine takes before any code of Slipway runs.

![Complete commands by number of hosts](${FOLDER}/by-hosts.svg)

![Complete commands by added round trip](${FOLDER}/by-round-trip.svg)

## Seconds of a complete command

${wallTable(commands)}

## On the machine that runs it

CPU is user and system time of all processes that the command starts; it suffers less from noise than the clock. Memory is the peak of all of
them together, with shared pages counted once, in a run of its own.

${machineTable(commands)}

## On the wire

For one host of a run, at ${wireRtt(commands)} ms of added round trip. A *turn* is that the command sent something after it had received something. Turns of
requests that go out together are waited for together, so what a release waits for is less: ${tripsText(commands)}

${wireTable(commands)}

${historyText(commands)}

## Where the time of a release goes

![Phases of one release](${FOLDER}/phases.svg)

\`start\` is Node, the engine and the program, until the first connection to a host; \`look\` is what is asked of the host before the release; then the
phases that the release names itself; \`end\` is what the engine does after the last answer of a host.

${transferSection(result.transfer, result.elsewhere?.transfer)}

${newcomerSection(result.newcomer, result.elsewhere?.newcomer)}

## Beside Kamal

${KAMAL.conditions} Slipway's figures above are from another day and another run, so a difference of a few tenths says nothing. On 10 hosts
Kamal was only measured on a busy machine, so those figures are not here.

${kamalTable(commands)}

CPU of \`kamal deploy\`: ${KAMAL.cpu_s.toFixed(1)} s. Memory: ${KAMAL.memory_mb[1]} MB on 1 host, ${KAMAL.memory_mb[10]} MB on 10. One host of a run at +50 ms:

${table(
  ["", "connections", "turns", "kB sent", "kB received"],
  KAMAL.wire.map((row) => [
    `\`${row.command}\`, ${row.what}`,
    String(row.connections),
    String(row.turns),
    String(row.up_kb),
    String(row.down_kb),
  ]),
)}

What Kamal does with nothing to do is not nothing: it replaces the container by one of the same version.

## Targets

\`npm run bench -- --check\` fails when one of these is missed.

${table(
  ["target", "measured", ""],
  targetsOf(result).map(({ what, measured: found, held }) => [what, found, held ? "held" : "**missed**"]),
)}

## Measure it yourself

\`\`\`sh
npm run bench -- --out bench.json                                    # everything: the better part of an hour
npm run bench -- --only commands --hosts 1 --rtt 0 --rounds 3        # some minutes
npm run bench -- --only transfer --out bench.json                    # an image to the hosts: less than 8 minutes
npm run bench -- --only newcomer --out bench.json                    # from a Dockerfile to the first answer
node tools/bench.ts --page bench.json                                # writes this page, its plots, and the README's row from it
\`\`\`

What a result does not have stays on this page as it was measured before.

It needs what the tests need: Debian or Ubuntu, root, and a machine that does nothing else meanwhile.
`;
}

/** Nothing about a quiet machine. */
const busyText = (machine: BenchResult["machine"]): string =>
  wasBusy(machine)
    ? `
**The machine was busy with something else**: a load of ${machine.load} on ${machine.cpus} CPUs before the bench began. The seconds below are higher than those
of a quiet machine, and some are of moments that were busier than others. What is counted (connections, turns, bytes, memory) is not affected.
`
    : "";

const placesOf = ({ cases }: CommandsResult) => cases.map(({ hosts, rtt_ms }) => ({ hosts, rtt_ms }));
const sizesOf = ({ cases }: CommandsResult) => cases.filter(({ rtt_ms }) => rtt_ms === 0).map(({ hosts }) => hosts);

function wallTable(commands: CommandsResult): string {
  const places = placesOf(commands);
  return table(
    ["", ...places.map(({ hosts, rtt_ms }) => `${plural(hosts)}, +${rtt_ms} ms`)],
    [
      ["*floor*", ...places.map(({ hosts, rtt_ms }) => figure(caseOf(commands.cases, hosts, rtt_ms)?.floor.wall_s))],
      ...COMMAND_NAMES.map((name) => [
        rowName(name),
        ...places.map(({ hosts, rtt_ms }) => figure(rowOf(commands, name, hosts, rtt_ms)?.wall_s)),
      ]),
    ],
  );
}

function machineTable(commands: CommandsResult): string {
  const sizes = sizesOf(commands);
  const of = (name: CommandName, field: "cpu_s" | "memory_mb", places: number) =>
    sizes.map((hosts) => figure(rowOf(commands, name, hosts, 0)?.[field], places));
  return table(
    ["", ...sizes.map((hosts) => `CPU s, ${plural(hosts)}`), ...sizes.map((hosts) => `MB, ${plural(hosts)}`)],
    [
      ["*floor*", ...sizes.map((hosts) => figure(caseOf(commands.cases, hosts, 0)?.floor.cpu_s)), ...sizes.map(() => "–")],
      ...COMMAND_NAMES.map((name) => [rowName(name), ...of(name, "cpu_s", 2), ...of(name, "memory_mb", 0)]),
    ],
  );
}

/** The longest way that was measured on one host. */
const wireRtt = ({ cases }: CommandsResult): number =>
  Math.max(0, ...cases.filter(({ hosts }) => hosts === 1).map(({ rtt_ms }) => rtt_ms));

function wireTable(commands: CommandsResult): string {
  return table(
    ["", "connections", "turns", "kB sent", "kB received"],
    COMMAND_NAMES.flatMap((name) => {
      const row = rowOf(commands, name, 1, wireRtt(commands));
      if (row === undefined) return [];
      return [[rowName(name), ...[row.connections, row.turns, row.up_kb, row.down_kb].map(String)]];
    }),
  );
}

function tripsText(commands: CommandsResult): string {
  const found = [...new Set(sizesOf(commands))].flatMap((hosts) => {
    const trips = criticalRoundTrips(commands, "deploy", hosts);
    return trips === undefined ? [] : [`${trips.toFixed(0)} round trips on ${plural(hosts)}`];
  });
  return found.length === 0
    ? "that was not measured here."
    : `${found.join(", ")} (by how much the command takes longer at +50 ms, so with its noise in it).`;
}

function historyText({ history }: CommandsResult): string {
  if (history.length === 0) return "What a host with a longer history sends was not measured here.";
  const points = history.map(
    ({ releases, others, down_kb }) =>
      `${down_kb.toFixed(1)} kB by release ${releases}${others === 0 ? "" : `, with ${others} containers of others on the host`}`,
  );
  return `What a release receives as the host is used for longer: ${points.join("; ")}.`;
}

function kamalTable(commands: CommandsResult): string {
  const places = [1, 3].flatMap((hosts) => KAMAL.rtts.map((rtt_ms) => ({ hosts, rtt_ms })));
  const compared: readonly CommandName[] = ["deploy", "rollback", "deploy_noop"];
  return table(
    ["", ...places.map(({ hosts, rtt_ms }) => `${plural(hosts)}, +${rtt_ms} ms`)],
    [
      ...KAMAL.rows.map((row) => [
        `\`${row.command}\`, ${row.what}`,
        ...places.map(({ hosts, rtt_ms }) => figure(kamalSeconds(row, hosts, rtt_ms))),
      ]),
      ...compared.map((name) => [
        `**${rowName(name)}**`,
        ...places.map(({ hosts, rtt_ms }) => figure(rowOf(commands, name, hosts, rtt_ms)?.wall_s)),
      ]),
    ],
  );
}
