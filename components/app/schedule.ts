import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import type { HostName } from "../../core/words.ts";
import { programHash } from "../../providers/schedule/programs.ts";
import { type Digests, declareApp, declareImages } from "../declare/release.ts";
import { declareSchedule, type ReleaseImage } from "../declare/schedule.ts";
import type { Configured } from "../pulumi/configured.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";
import { sealed } from "../pulumi/sealed.ts";
import type { RegistryCredentials } from "../server/registry-login.ts";

export interface ScheduleArgs {
  /**
   * The app with its jobs and accessories.
   *
   * @example plainly(await stackConfig())
   */
  readonly config: Configured;
  /**
   * Which of its hosts.
   *
   * @example "web-1"
   */
  readonly on: HostName;
  /**
   * How that host is reached.
   *
   * @example server.connection
   */
  readonly host: HostInput;
  /**
   * The digests of the image's tags in this run: jobs run the image of the release. Default: no app, and no jobs.
   *
   * @example imageDigests(config)
   */
  readonly digests?: pulumi.Input<Digests> | undefined;
  /**
   * Credentials for the images. Default: none, for public images.
   *
   * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
   */
  readonly registry?: RegistryCredentials | undefined;
}

/** Backups and jobs of one host. Make it depend on the release, so that jobs change after the app. */
export class Schedule extends DynamicResource<object> {
  constructor(name: string, { config, on, host, digests, registry }: ScheduleArgs, opts: pulumi.CustomResourceOptions = {}) {
    const declared = pulumi
      .output(digests)
      .apply((known) => config.derive((own) => declareSchedule(own, on, known && imagesOf(own, known))));
    const { image } = config.derive(({ schedule }) => schedule);
    const inputs = {
      service: config.shape.service,
      destination: config.shape.destination,
      host,
      ...ownerOf(config.shape.adopt),
      image,
      programs: programHash(),
      backups: declared.backups,
      jobs: declared.jobs,
      registry,
      secrets: declared.apply(({ secrets }) => sealed(secrets)),
      status: "running",
    };
    super("schedule", name, inputs, opts);
  }
}

const imagesOf = (config: Config, digests: Digests): ReleaseImage => ({
  ...declareImages(config, declareApp(config).roles, digests),
  jobs: digests.jobs,
});
