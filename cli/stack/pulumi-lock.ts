import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import { shortName } from "../../project/place.ts";
import type { Project } from "../../project/project.ts";
import { selectedStack } from "../../project/pulumi.ts";
import { backendFolder } from "./backend-folder.ts";
import { processAt } from "./process-at.ts";

/** Pulumi's lock of a stack's state, as backends that are a folder or a bucket have it. A run that is killed leaves it. */
const Lock = z.object({ pid: z.number(), username: z.string(), hostname: z.string(), timestamp: z.string() });
type Lock = z.infer<typeof Lock>;

/**
 * Throws if a run of Pulumi has locked the stack, or was killed while it had. Only a backend in a folder is looked at: any other says so
 * itself when the engine starts (`lockIn`).
 *
 * @param given the stack's name on the command line; `undefined` is the selected one
 */
export async function requireUnlocked(project: Project, given: string | undefined): Promise<void> {
  const backend = await backendFolder(project.root);
  const folder = backend && join(backend, ".pulumi", "locks", "organization", project.name);
  // The name of the selected stack takes a process: it is needed only if a stack is locked.
  if (folder === undefined || (await entriesOf(folder)).length === 0) return;
  const stack = given ?? (await selectedStack(project.root));
  const place = join(folder, shortName(stack));
  for (const name of await entriesOf(place)) {
    // A run that ends at this moment removes it.
    const lock = Lock.safeParse(parseJson(await readFile(join(place, name), "utf8").catch(() => "")));
    if (lock.success) throw await locked(stack, lock.data);
  }
}

const entriesOf = (folder: string): Promise<string[]> => readdir(folder).catch((): string[] => []);

const REFUSED = /currently locked by \d+ lock/;
const CREATED = /created by (?<username>[^@\s]+)@(?<hostname>\S+) \(pid (?<pid>\d+)\) at (?<timestamp>\S+)/;

/** The error of a stack that is locked, from what Pulumi prints of it; nothing if it printed something else. */
export async function lockIn(printed: string, stack: string | undefined): Promise<SlipwayError | undefined> {
  const groups = REFUSED.test(printed) ? CREATED.exec(printed)?.groups : undefined;
  const lock = Lock.safeParse({ ...groups, pid: Number(groups?.pid) });
  return lock.success ? locked(stack ?? "", lock.data) : undefined;
}

async function locked(stack: string, { pid, username, hostname: machine, timestamp }: Lock): Promise<SlipwayError> {
  const name = stack === "" ? "the stack" : `the stack ${stack}`;
  const cancel = `pulumi cancel --yes ${stack}`.trim();
  const since = `${timestamp.replace(/\.\d+Z$/, "Z")} by ${username}`;
  if (machine !== hostname())
    return refusal(
      `${name} is locked by a run of Pulumi on ${machine} (process ${pid}, started at ${since})`,
      `wait until that run has ended; if it was killed, ${cancel}, then run this again`,
    );
  if ((await processAt(pid, /pulumi/)) === "running")
    return refusal(
      `${name} is being changed by a run of Pulumi on this machine (process ${pid}, started at ${since})`,
      "wait until it has ended, then run this again",
    );
  return refusal(
    `${name} is still locked by a run of Pulumi on this machine that was killed (process ${pid}, started at ${since})`,
    `${cancel}, then run this again: it continues from what it finds on the hosts`,
  );
}

const refusal = (what: string, next: string): SlipwayError =>
  new SlipwayError({ code: "PULUMI_FAILED", what, servesNow: NOTHING_TOUCHED, next });
