import { PRESETS, type PresetName } from "../../core/accessory/preset.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { nodeImage } from "../../lab/node.ts";
import { freshHosts, hostOf } from "./hosts.ts";
import { pulled } from "./images.ts";
import { Scheduled } from "./scheduled.ts";

export const NEWEST = { id: undefined, identity: undefined };

/** A lab host with the app's network, for real database servers. */
export class DatabaseHost {
  readonly lab: Lab;
  readonly host: LabHost;
  /** Image of the schedule. */
  readonly node: string;

  private constructor(lab: Lab, host: LabHost, node: string) {
    this.lab = lab;
    this.host = host;
    this.node = node;
  }

  static async start(): Promise<DatabaseHost> {
    const lab = await freshHosts(1);
    const host = hostOf(lab);
    const { ref } = await nodeImage(lab.registry, "24-slim");
    await host.must("docker network create kamal");
    return new DatabaseHost(lab, host, ref);
  }

  scheduled(): Scheduled {
    return new Scheduled(this.lab, this.host, this.node);
  }

  async run(script: string): Promise<string> {
    return (await this.host.must(script)).trim();
  }

  /** Pulls an image to the host. */
  async pulled(image: Promise<{ readonly ref: string }>): Promise<string> {
    const { ref } = await image;
    await pulled(this.lab, this.host, ref);
    return ref;
  }

  /** Waits as an accessory of that preset is waited for. */
  async ready(container: string, preset: PresetName): Promise<void> {
    const argv = PRESETS[preset].ready.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    await this.host.must(
      `for i in $(seq 300); do docker exec ${container} ${argv} >/dev/null 2>&1 && exit 0; sleep 0.1; done; docker logs ${container} >&2; exit 1`,
    );
  }

  /** Names of the backups' files. */
  async files(): Promise<string[]> {
    const listed = await this.run("ls /srv/shop/backups/* 2>/dev/null || true");
    return listed.split("\n").filter((line) => /^\d/.test(line));
  }

  /** As if an earlier version, or another host, had made the backups of this container. */
  async forgetRecords(container: string): Promise<void> {
    await this.run(`rm /var/lib/docker/volumes/${container}-backup-record/_data/records.json`);
  }

  /** Containers that a command should have removed. */
  leftovers(): Promise<string> {
    return this.run("docker ps -a --format '{{.Names}}' | grep -E -- '-(list|read|record|drill|restore)-' || true");
  }
}
