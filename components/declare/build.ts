import { existsSync, statSync } from "node:fs";
import { dirname, relative } from "node:path";
import type { Place } from "../../builder/index.ts";
import type { BuildFacts } from "../../core/build.ts";
import type { Builder } from "../../core/builder.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { isTag } from "../../core/image-reference.ts";
import { pathsOf } from "../../core/paths.ts";
import { projectOf } from "../../project/place.ts";

/** What is built, and for whom. */
export interface Building {
  readonly builder: Builder;
  readonly service: string;
  readonly destination: string | undefined;
  /** Of what runs the image. Absent: it is the app's. */
  readonly name?: string | undefined;
  /** As the config writes it. */
  readonly version: string | undefined;
}

/**
 * What a run knows of a build before it is made: the files, compared with those of the last one, and the version that it would get.
 * Rejects if there is nothing to build from.
 *
 * @param folder in the project: paths are relative to that of Pulumi.yaml
 */
export async function buildFacts(
  { builder, service, destination, name, version }: Building,
  folder: string,
): Promise<BuildFacts> {
  // Most stacks build nothing.
  const { changesSinceBuild, commitOfCi, placeOf, sourceOf, versionOf } = await import("../../builder/index.ts");
  const project = projectOf(folder);
  const place = placeOf(builder, project);
  requireFiles(place);
  const { content, commit, uncommitted } = await readable(() => sourceOf(builder, place), place);
  const changed = changesSinceBuild({ project, service, destination, name }, content);
  return {
    content: content.hash,
    version: versionOf({
      given: version ?? givenVersion(process.env),
      commit,
      // A commit is built as it is, whatever else the folder has.
      isDirty: builder.clean === undefined && uncommitted.length > 0,
      ci: commitOfCi(process.env),
      content: content.hash,
    }),
    uncommitted: pathsOf(uncommitted),
    ...(changed === undefined ? {} : { changed }),
  };
}

/** The version that a CI or a person gives to one run. */
function givenVersion({ SLIPWAY_VERSION: given }: NodeJS.ProcessEnv): string | undefined {
  if (given === undefined || given === "" || isTag(given)) return given;
  throw new SlipwayError({
    code: "CONFIG_INVALID",
    what: "the variable SLIPWAY_VERSION is not a valid name of a release",
    evidence: [given],
    servesNow: NOTHING_TOUCHED,
    next: "set it to letters, digits, ., - and _, at most 128",
  });
}

async function readable<T>(read: () => Promise<T>, { context }: Place): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw unreadable(thrown, context) ?? thrown;
  }
}

/**
 * What a person learns of a file that cannot be read, as of a database's folder beside the app, which belongs to another user; `undefined`: it
 * is something else.
 */
export function unreadable(thrown: unknown, context: string): SlipwayError | undefined {
  const { code, path = "" } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : {};
  if (code !== "EACCES" && code !== "EPERM") return undefined;
  const file = relative(context, path);
  return new SlipwayError(
    {
      code: "CONFIG_INVALID",
      what: `slipway:builder cannot read ${file}, which is a part of the context`,
      evidence: [messageOf(thrown)],
      servesNow: NOTHING_TOUCHED,
      next: `add ${file} to .dockerignore, or let this user read it`,
    },
    { cause: thrown },
  );
}

function requireFiles({ project, context, dockerfile }: Place): void {
  const isFolder = existsSync(context) && statSync(context).isDirectory();
  if (isFolder && existsSync(dockerfile)) return;
  const missing = relative(project, isFolder ? dockerfile : context);
  const next = isFolder
    ? `write a Dockerfile in ${relative(project, dirname(dockerfile)) || "the project's folder"}, or set slipway:builder.dockerfile to the one that there is`
    : "set slipway:builder.context to the folder that the image is built from";
  throw new SlipwayError({
    code: "CONFIG_INVALID",
    what: `slipway:builder builds from ${missing}, which does not exist`,
    evidence: ["paths are relative to the project's folder, which has Pulumi.yaml"],
    servesNow: NOTHING_TOUCHED,
    next,
  });
}
