import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import type { HostName } from "../../core/words.ts";
import { programHash } from "../../providers/schedule/programs.ts";
import { type Digests, declareApp, declareImages } from "../declare/release.ts";
import { declareSchedule } from "../declare/schedule.ts";
import { DynamicResource, type HostInput, stackName } from "../pulumi/dynamic.ts";
import type { RegistryArgs } from "../server/registry-login.ts";

export interface ScheduleArgs {
  readonly config: Config;
  /** Which of its hosts. */
  readonly on: HostName;
  readonly host: HostInput;
  /** What the tags mean in this run: jobs have the release's image. */
  readonly digests: pulumi.Input<Digests>;
  readonly registry?: RegistryArgs | undefined;
}

/** Backups and jobs of one host, each at its time. Declare it behind the release, so that jobs change when the app has. */
export class Schedule extends DynamicResource<object> {
  constructor(name: string, { config, on, host, digests, registry }: ScheduleArgs, opts: pulumi.CustomResourceOptions = {}) {
    const declared = pulumi
      .output(digests)
      .apply((known) => declareSchedule(config, on, declareImages(config, declareApp(config).roles, known)));
    const inputs = {
      service: config.service,
      destination: config.destination,
      host,
      stack: stackName(),
      image: config.schedule.image,
      programs: programHash(),
      backups: declared.backups,
      jobs: declared.jobs,
      registry,
      secrets: pulumi.secret(declared.apply(({ secrets }) => secrets)),
      status: "running",
    };
    super("schedule", name, inputs, opts);
  }
}
