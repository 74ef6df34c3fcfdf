import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";

export const DATA = "/data";
export const VOLUME = "shop-db-data";
const TAGS = {
  v1: {},
  v2: {},
  broken: { EXIT_AT_BOOT: "3" },
  sick: { UNHEALTHY: "1" },
  /** Has its data elsewhere. */
  moved: {},
} as const;
type Tag = keyof typeof TAGS;

/** A fresh host for the accessory `shop-db`, and the images that it is made of. */
export class AccessoryHost implements AsyncDisposable {
  readonly lab: Lab;
  readonly host: LabHost;
  readonly images: Readonly<Record<Tag, string>>;

  private constructor(lab: Lab, images: Readonly<Record<Tag, string>>) {
    this.lab = lab;
    this.host = hostOf(lab);
    this.images = images;
  }

  static async create(): Promise<AccessoryHost> {
    const lab = await freshHosts(1);
    const image = async (tag: Tag) =>
      (await lab.image("db", tag, TAGS[tag], { volumes: [tag === "moved" ? "/elsewhere" : DATA] })).ref;
    return new AccessoryHost(lab, {
      v1: await image("v1"),
      v2: await image("v2"),
      broken: await image("broken"),
      sick: await image("sick"),
      moved: await image("moved"),
    });
  }

  async sh(script: string): Promise<string> {
    return (await this.host.must(script)).trim();
  }

  /** The container of that name, as Docker has it. */
  inspect(name: string) {
    return this.host.docker.getContainer(name).inspect();
  }

  /** Of all containers, in one line. */
  names(): Promise<string> {
    return this.sh("docker ps -a --format '{{.Names}}' | sort | tr '\\n' ' '");
  }

  /** The version of the image that runs. */
  async versionAt(): Promise<string> {
    const { State, Config } = await this.inspect("shop-db");
    return State.Running ? (Config.Env.find((entry) => entry.startsWith("VERSION=")) ?? "").slice("VERSION=".length) : "nothing";
  }

  /** Writes into a volume as its server would. */
  writeRow(volume = VOLUME): Promise<string> {
    return this.sh(`echo kept >$(docker volume inspect -f '{{.Mountpoint}}' ${volume})/row`);
  }

  /** What {@link writeRow} has written, where the container looks for it. */
  async row(): Promise<string> {
    const source = (await this.inspect("shop-db")).Mounts.find(({ Destination }) => Destination === DATA)?.Source;
    return this.sh(`cat ${source}/row`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.must("docker rm -fv $(docker ps -aq) 2>/dev/null; docker volume prune -af >/dev/null");
  }
}
