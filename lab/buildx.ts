import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { stableHash } from "../core/values.ts";
import { Apt, type Suite } from "./apt.ts";
import { command } from "./command.ts";
import { hostArchitecture } from "./gobuild.ts";
import { alone } from "./lock.ts";
import { folder, timed } from "./state.ts";

/** Debian 13 has versions of 2024. The next Debian has recent ones, and changes them at times. Both run on older systems, too. */
export type BuildxSuite = Extract<Suite, "trixie" | "forky">;

const PACKAGES = ["docker-cli", "docker-buildx"] as const;
/** Changes when the same packages would be unpacked differently. */
const FORM = 1;
const RECORD = "versions.json";

const Versions = z.object({ docker: z.string(), buildx: z.string() }).readonly();

/** Debian's versions of the packages. @example { docker: "26.1.5+dfsg1-9", buildx: "0.13.1+ds1-3" } */
export type BuildxVersions = z.infer<typeof Versions>;

/** Docker's CLI and its plugin buildx, as files of the lab: nothing of this machine is changed. */
export interface Buildx {
  /** A folder for PATH, with `docker` alone. */
  readonly bin: string;
  /** For `cli-plugins/` of a Docker config. */
  readonly plugin: string;
  readonly versions: BuildxVersions;
}

/** Both, fetched by apt and unpacked once per machine. Call it after `startLab`, not inside it: both take the lab's lock. */
export async function buildx(suite: BuildxSuite): Promise<Buildx> {
  const key = stableHash([FORM, PACKAGES]).slice(0, 8);
  const at = join(await folder("buildx"), `${suite}-${hostArchitecture()}-${key}`);
  const what = `unpack ${PACKAGES.join(", ")} of ${suite} for the operator`;
  const made = async () => (await installed(at)) ?? timed(what, () => install(at, suite));
  return (await installed(at)) ?? alone(made);
}

async function installed(at: string): Promise<Buildx | undefined> {
  const record = await readFile(join(at, RECORD), "utf8").catch(() => undefined);
  return record === undefined ? undefined : place(at, Versions.parse(JSON.parse(record)));
}

const place = (at: string, versions: BuildxVersions): Buildx => ({
  bin: join(at, "usr/bin"),
  plugin: join(at, "usr/libexec/docker/cli-plugins/docker-buildx"),
  versions,
});

async function install(at: string, suite: BuildxSuite): Promise<Buildx> {
  const part = `${at}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part);
  // Of what they depend on, libc alone, the machine's own is recent enough.
  const archives = await (await Apt.of(suite)).download(PACKAGES);
  for (const archive of archives) await command(["dpkg-deb", "--extract", archive, part]);
  const versions = { docker: versionOf(archives, "docker-cli"), buildx: versionOf(archives, "docker-buildx") };
  await writeFile(join(part, RECORD), JSON.stringify(versions));
  await rename(part, at); // a killed run leaves no half of it under the final name
  return place(at, versions);
}

/** @example versionOf(["/pool/docker-cli_26.1.5+dfsg1-9_amd64.deb"], "docker-cli") // "26.1.5+dfsg1-9" */
function versionOf(archives: readonly string[], name: (typeof PACKAGES)[number]): string {
  const parts = archives.map((archive) => basename(archive).split("_"));
  const version = parts.find(([first]) => first === name)?.[1];
  if (version === undefined) throw new Error(`apt did not download ${name}, only ${archives.join(", ")}`);
  return version;
}
