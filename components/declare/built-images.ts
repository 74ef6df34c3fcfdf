import type { Config, ImageSource } from "../../config/index.ts";
import type { Builder } from "../../core/builder.ts";

/** An image of an app that is built. */
export interface BuiltSource extends ImageSource {
  readonly builder: Builder;
  /** Of what runs it: `worker`, `job report`. undefined: it is the app's. */
  readonly name: string | undefined;
  /** As the config writes it. */
  readonly version: string | undefined;
}

/** What an image of an app that is built is called. In a program it may be an output, which a source from the config's shape does not know. */
export const nameOfBuilt = (config: Parameters<typeof builtImages>[0], { name, image }: BuiltSource): string =>
  builtImages(config).find((one) => one.name === name)?.image ?? image;

/**
 * The name of its resource. That of a job ends with the job, that of a role with the word, so that a role `job-report` is not the job `report`.
 *
 * @example nameOfBuild("shop", "worker") // "shop-worker-image"; "job report" is "shop-image-job-report"
 */
export function nameOfBuild(service: string, name: BuiltSource["name"]): string {
  if (name === undefined) return `${service}-image`;
  return name.startsWith(JOB) ? `${service}-image-job-${name.slice(JOB.length)}` : `${service}-${name}-image`;
}

/** No role has a space in its name. */
const JOB = "job ";

/** The name by which the image of a job is distinguished from that of a role. */
export const nameOfJob = (job: string): string => `${JOB}${job}`;

/** What is built in an app, that of the app itself first. */
export function builtImages({
  image,
  builder,
  version,
  roles,
  jobs,
}: Pick<Config, keyof ImageSource | "version" | "roles" | "jobs">) {
  const all = [
    { image, builder, version, name: undefined },
    ...roles.flatMap(({ name, own }) => (own === undefined ? [] : [{ ...own, version: own.version ?? version, name }])),
    ...jobs.flatMap(({ name, own }) => (own === undefined ? [] : [{ ...own, version, name: nameOfJob(name) }])),
  ];
  return all.flatMap((source): BuiltSource[] => {
    const { builder: its } = source;
    return its === undefined ? [] : [{ ...source, builder: its }];
  });
}
