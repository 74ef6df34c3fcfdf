import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { HostName } from "../../core/words.ts";
import type { Access, Host } from "../../hosts/index.ts";
import { declaredConfig, findProject } from "../../project/project.ts";
import { exportStack, showConfig } from "../../project/pulumi.ts";
import { type Backup, type ScheduleInputs, sinkName } from "../../providers/schedule/inputs.ts";
import { accessTo } from "../stack/access.ts";
import { ofApp } from "../stack/apps.ts";
import { parseCheckpoint, stackOf } from "../stack/checkpoint.ts";
import { chosen, chosenAccessory } from "../stack/choose.ts";
import type { StackOptions } from "../stack/option.ts";
import { matches } from "../stack/pattern.ts";
import { schedulesIn } from "../stack/schedules.ts";

/** One backup on one host, as the state declares it, without the values of secrets. */
export interface DeclaredBackup {
  /** The accessory, as the config names it. */
  readonly name: string;
  readonly backup: Backup;
  /** All that is declared on its host. */
  readonly inputs: ScheduleInputs;
}

/** The schedules of a stack, without the values of secrets. */
export async function readSchedules(
  { stack, app }: StackOptions,
  folder = process.cwd(),
): Promise<{ schedules: ScheduleInputs[]; access: Access }> {
  const project = await findProject(folder);
  const checkpoint = ofApp(parseCheckpoint(await exportStack(stack, project.root)), app);
  const written = await declaredConfig(project, stack ?? stackOf(checkpoint));
  return { schedules: schedulesIn(checkpoint), access: await accessTo(project, written, () => showConfig(stack, project.root)) };
}

/** The backup of an accessory on one host. @param name of the accessory, or of its container where two have one name */
export function chooseBackup(schedules: readonly ScheduleInputs[], name: string, host: HostName | undefined): DeclaredBackup {
  const all = schedules.flatMap((inputs) =>
    Object.entries(inputs.backups).map(([own, backup]): DeclaredBackup => ({ name: own, backup, inputs })),
  );
  if (all.length === 0) throw noBackups();
  const namesOf = (one: DeclaredBackup) => ({ name: one.name, container: one.backup.container });
  const places = chosenAccessory(all, name, namesOf, "with a backup");
  const containers = [...new Set(places.map(({ backup }) => backup.container))];
  const hosts = places.map(({ inputs }) => inputs.host.name);
  const [at, ...others] = places.filter(({ inputs }) => host === undefined || matches(host, inputs.host.name));
  if (at === undefined || others.length > 0) {
    chosen("host", hosts, host === undefined ? undefined : [host], `of the accessory ${name}`);
    if (containers.length > 1)
      throw refusal(
        "USAGE",
        `this stack has ${containers.length} accessories ${name}`,
        `name its container: ${containers[0]}`,
        containers,
      );
    throw refusal("USAGE", `the accessory ${name} is on ${hosts.length} hosts`, `name one of them: --host ${hosts[0]}`, hosts);
  }
  return at;
}

/** The container that keeps its backups; what reads them is made like it. */
export async function requireSink({ backup, inputs }: DeclaredBackup, { docker }: Host) {
  const sink = await docker.inspect(sinkName(backup));
  if (sink !== undefined) return sink;
  throw new SlipwayError({
    code: "BACKUP_FAILED",
    what: `there is no container ${sinkName(backup)}, which keeps the backups`,
    host: inputs.host.name,
    servesNow: NOTHING_TOUCHED,
    next: "pulumi up, which makes it again",
  });
}

/** What a person can do something about, before anything was touched. */
export const refusal = (code: ErrorCode, what: string, next: string, evidence: readonly string[] = []): SlipwayError =>
  new SlipwayError({ code, what, evidence, servesNow: NOTHING_TOUCHED, next });

const noBackups = (): SlipwayError =>
  refusal(
    "UNKNOWN_NAME",
    "this stack has no backup",
    "write backup: {schedule: …, to: …} into an accessory and run pulumi up, or name another stack with --stack",
  );
