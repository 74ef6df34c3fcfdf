import { type CommandName, type CommandsResult, rowOf } from "../commands/result.ts";
import { type BenchResult, wasBusy } from "../result.ts";

/** How the line of README's first table begins that has the figures. */
const BEGINNING = "| Short waits |";

/** The line itself. Figures that were not measured are left out, and all of them if the machine was busy. */
export function readmeRow(machine: BenchResult["machine"], commands: CommandsResult): string {
  if (wasBusy(machine))
    return `${BEGINNING} complete commands are measured, by hosts and by round trip ([all figures, and Kamal's](docs/performance.md)) |`;
  const of = (name: CommandName, hosts: number) => rowOf(commands, name, hosts, 0)?.wall_s;
  const [one, many] = [of("deploy", 1), of("deploy", 10)];
  const release = one === undefined ? [] : [`a new version by \`slipway deploy\` takes ${one.toFixed(1)} s${onTen(many)}`];
  const more = (
    [
      ["rollback", "a rollback"],
      ["deploy_noop", "a run with nothing to do"],
    ] as const
  ).flatMap(([name, what]) => {
    const seconds = of(name, 1);
    return seconds === undefined ? [] : [`${what} ${seconds.toFixed(1)} s`];
  });
  return `${BEGINNING} ${[...release, ...more].join(", ")}: complete commands, on a ${machine.cpus}-core machine that is also all of the hosts ([all figures, and Kamal's](docs/performance.md)) |`;
}

const onTen = (seconds: number | undefined): string =>
  seconds === undefined ? " on one server" : ` on one server and ${seconds.toFixed(1)} s on ten`;

/** README with the row of this result. It must have one already. */
export function withReadmeRow(readme: string, machine: BenchResult["machine"], commands: CommandsResult): string {
  const lines = readme.split("\n");
  const at = lines.findIndex((line) => line.startsWith(BEGINNING));
  if (at === -1) throw new Error(`README.md has no line that begins with ${BEGINNING}`);
  return lines.with(at, readmeRow(machine, commands)).join("\n");
}
