import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Seconds } from "../../core/words.ts";

/** A command on this machine, and what it took. */
export interface MeasuredRun {
  readonly code: number;
  /** stdout and stderr. */
  readonly output: string;
  readonly wall_s: Seconds;
  /** User and system time of the command and of all processes that it started. */
  readonly cpu_s: Seconds;
}

interface Where {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called with the process under which all others run. */
  readonly watch?: (pid: number) => void;
  /** Called with each part of the output as it comes. */
  readonly heed?: (text: string) => void;
}

const PATIENCE: Seconds = 180;

/**
 * Node does not report the CPU time of a child. A process that is declared the reaper of its descendants (prctl, 36) also waits for those that the
 * command did not wait for, as the plugins of Pulumi; the kernel has then added up the time of all. The clock stops at the end of the command itself.
 */
const ACCOUNTANT = `
  use strict; use POSIX ":sys_wait_h"; use Time::HiRes "time";
  my $report = shift @ARGV;
  my %prctl = (x86_64 => 157, aarch64 => 167);
  syscall($prctl{(POSIX::uname())[4]} // die("no number of prctl\\n"), 36, 1, 0, 0, 0) == 0 or die "prctl: $!\\n";
  my $start = time;
  my $command = fork // die "fork: $!\\n";
  if ($command == 0) { exec { $ARGV[0] } @ARGV or do { print STDERR "$ARGV[0]: $!\\n"; POSIX::_exit(127) } }
  $SIG{TERM} = $SIG{INT} = sub { kill "KILL", $command };
  waitpid($command, 0);
  my ($status, $wall) = ($?, time - $start);
  my ($end, $left) = (time + 10, 1);
  while (time < $end) {
    my $ended = waitpid(-1, WNOHANG);
    if ($ended == -1) { $left = 0; last }
    select undef, undef, undef, 0.01 if $ended == 0;
  }
  my (undef, undef, $user, $system) = times;
  open my $out, ">", $report or die "$report: $!\\n";
  printf $out '{"status":%d,"wall_s":%.4f,"cpu_s":%.4f,"left":%d}', $status, $wall, $user + $system, $left;
  close $out;
`;

const Report = z.object({ status: z.number(), wall_s: z.number(), cpu_s: z.number(), left: z.number() });

/** Runs a command and waits for all its processes. Its exit code is not judged; a process that does not end is an error. */
export async function runMeasured(argv: readonly string[], { cwd, env, watch, heed }: Where): Promise<MeasuredRun> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-measured-"));
  const report = join(folder, "report.json");
  try {
    const child = spawn("perl", ["-e", ACCOUNTANT, report, ...argv], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = outputOf(child, heed);
    if (child.pid !== undefined) watch?.(child.pid);
    const output = await ended;
    const text = await readFile(report, "utf8").catch(() => {
      throw new Error(`${argv.join(" ")}: it could not be measured\n${output}`);
    });
    const { status, wall_s, cpu_s, left } = Report.parse(JSON.parse(text));
    if (left !== 0) throw new Error(`${argv.join(" ")} left processes that do not end\n${output}`);
    return { code: status >> 8 || status & 127, output, wall_s, cpu_s };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function outputOf(child: ChildProcess, heed?: Where["heed"]): Promise<string> {
  const alarm = setTimeout(() => child.kill("SIGTERM"), PATIENCE * 1000);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      heed?.(text);
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(alarm);
      resolve(output);
    });
  });
}
