import * as pulumi from "@pulumi/pulumi";
import type { HostName } from "../../core/words.ts";
import { programHash } from "../../providers/schedule/programs.ts";
import { type AppConfig, type Digests, declareApp, declareImages } from "../declare/release.ts";
import { declareSchedule, type ScheduleConfig } from "../declare/schedule.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";
import type { RegistryArgs } from "../server/registry-login.ts";

export interface ScheduleArgs {
  /**
   * The app with its jobs and accessories, resolved.
   *
   * @example stackConfig()
   */
  readonly config: AppConfig & ScheduleConfig;
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
   * The digests of the image's tags in this run: jobs run the image of the release.
   *
   * @example imageDigests(config)
   */
  readonly digests: pulumi.Input<Digests>;
  /**
   * Credentials for the images. Default: none, for public images.
   *
   * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
   */
  readonly registry?: RegistryArgs | undefined;
}

/** Backups and jobs of one host. Make it depend on the release, so that jobs change after the app. */
export class Schedule extends DynamicResource<object> {
  constructor(name: string, { config, on, host, digests, registry }: ScheduleArgs, opts: pulumi.CustomResourceOptions = {}) {
    const declared = pulumi
      .output(digests)
      .apply((known) =>
        declareSchedule(config, on, { ...declareImages(config, declareApp(config).roles, known), jobs: known.jobs }),
      );
    const inputs = {
      service: config.service,
      destination: config.destination,
      host,
      ...ownerOf(config.adopt),
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
