import { z } from "zod";
import { isLocalImage } from "../../core/local-image.ts";
import type { Job as DeclaredJob } from "../../core/schedule/job.ts";
import { isStored } from "../../core/stored-image.ts";
import type { HostName, RoleName, Seconds } from "../../core/words.ts";
import { splitCommand } from "../container/command.ts";
import { resolveImage } from "../container/image.ts";
import { BuilderSection } from "../release/builder.ts";
import { type AppSource, type ImageSource, resolveOwnSource } from "../release/image-source.ts";
import type { Role } from "../release/role.ts";
import { isName, NAME_RULE, quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";
import { resolveCron } from "./cron.ts";

/** A job with its name and place. */
export interface Job extends DeclaredJob {
  readonly name: string;
  readonly host: HostName;
  /** The role whose environment, mounts and options it has. */
  readonly role: RoleName;
  /** Its own image, in a registry; undefined: the role's. */
  readonly own: ImageSource | undefined;
}

const TIMEOUT: Seconds = 3600;

const JobSection = section({
  schedule: field(z.string(), {
    is: "When it starts, as in cron: minute, hour, day, month and weekday, or @hourly.",
    refused: "missing; not valid in cron; a time that never comes",
    example: "*/15 * * * *",
  }),
  timezone: field(z.string(), { is: "Time zone of schedule.", default: "UTC", example: "Europe/Berlin" }),
  cmd: field(z.string(), {
    is: "The command. It is not run by a shell.",
    refused: "missing; unquoted shell operators, comments and line breaks",
    example: "bin/rails sessions:expire",
  }),
  role: field(z.string(), {
    is: "The role whose image, environment, mounts and options it uses; it changes with the release.",
    otherwise: "the primary role",
    refused: "an unknown role, or one without hosts",
    example: "worker",
  }),
  image: field(z.string(), {
    is: "Replaces the image of the role. Like slipway:image, it is in the registry of slipway:registry unless it names one, and its tag is resolved to a digest in each run.",
    otherwise: "the role's; with builder of the job: slipway:image with - and the job's name",
    refused: "what is not an image in a registry",
    example: "ghcr.io/acme/report:2",
  }),
  builder: field(BuilderSection, {
    is: "Builds an image of its own for this job, and pushes it; its keys take precedence over those of slipway:builder.",
    otherwise: "the job runs an image that exists",
    refused: "without a registry: give the job a role that has this builder; what slipway:builder refuses",
    example: { context: "apps/report" },
  }),
  concurrency: field(z.enum(["forbid", "allow"]), {
    is: "What happens while the previous run is still going: the new run is skipped, or runs beside it.",
    default: "forbid",
    example: "allow",
  }),
  timeout: field(secondsFrom(1), { is: "Timeout of a run, in seconds.", default: TIMEOUT, example: 600 }),
  on_host: field(z.string(), {
    is: "The host that runs it, one of the role's.",
    otherwise: "the first host of the role",
    refused: "a host without that role",
    example: "jobs-1",
  }),
});
type JobInput = z.infer<typeof JobSection>;

export const JobsSection = z.record(z.string(), JobSection);
export type JobsInput = z.infer<typeof JobsSection>;

/** What jobs refer to. */
interface Around {
  readonly roles: readonly Role[];
  readonly app: AppSource;
}

export function resolveJobs(input: JobsInput | undefined, around: Around, place: ConfigPath): Job[] {
  const named = Object.entries(input ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return named.map(([name, job]) => resolveJob(name, job, around, place.at(name)));
}

function resolveJob(name: string, input: JobInput, { roles, app }: Around, place: ConfigPath): Job {
  if (!isName(name)) place.refuse(`${quoted(name)} is not a valid name of a job: ${NAME_RULE}`);
  if (input.cmd === undefined) place.at("cmd").refuse("is required");
  const role = roleOf(input, roles, place);
  return {
    name,
    ...resolveCron(input, place),
    host: hostOf(input.on_host, role, place),
    role: role?.name ?? "",
    own: resolveOwn(input, name, app, place),
    command: input.cmd === undefined ? [] : splitCommand(input.cmd, place.at("cmd")),
    concurrency: input.concurrency ?? "forbid",
    timeout: input.timeout ?? TIMEOUT,
  };
}

/** The host's own Docker pulls it whenever the job changes. */
function resolveOwn(input: JobInput, name: string, app: AppSource, place: ConfigPath): ImageSource | undefined {
  if (input.image !== undefined && isLocalImage(input.image)) resolveImage(input.image, place.at("image"));
  const own = resolveOwnSource(input, name, app, place);
  if (own?.builder !== undefined && isStored(own.image))
    place.at("builder").refuse("needs image, in a registry: else give the job a role with this builder");
  return own;
}

function roleOf({ role: wanted }: JobInput, roles: readonly Role[], place: ConfigPath): Role | undefined {
  const found = roles.find(({ name, primary }) => (wanted === undefined ? primary : name === wanted));
  if (wanted !== undefined && found === undefined)
    place.at("role").refuse(`unknown role ${quoted(wanted)}; available: ${roles.map(({ name }) => name).join(", ")}`);
  return found;
}

function hostOf(wanted: HostName | undefined, role: Role | undefined, place: ConfigPath): HostName {
  // An unknown role has already been reported.
  if (role === undefined) return "";
  const [first = ""] = role.hosts;
  if (first === "") place.at("role").refuse(`the role ${role.name} has no hosts`);
  else if (wanted !== undefined && !role.hosts.includes(wanted))
    place.at("on_host").refuse(`the role ${role.name} is not on ${quoted(wanted)}; it is on ${role.hosts.join(", ")}`);
  return wanted ?? first;
}
