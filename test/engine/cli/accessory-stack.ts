import { goBinary } from "../../../lab/gobuild.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf, LabStack } from "../../../lab/stack.ts";
import { anAccessory, declareByHand } from "../../support/declared-accessory.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pulled } from "../../support/images.ts";
import { done, update } from "../../support/outcome.ts";
import { slipway } from "../../support/slipway.ts";

/** A secret: only the container may contain it. */
export const TOKEN = "sesame-4711";
export const CONTAINER = "shop-db";

/** What a test may set of the container. */
export interface Made {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A released stack on one host, with an accessory that its state declares and a container that was made by hand. */
export class AccessoryStack implements AsyncDisposable {
  readonly lab: Lab;
  readonly stack: LabStack;
  readonly host: LabHost;
  readonly #imageId: string;

  private constructor(lab: Lab, stack: LabStack, host: LabHost, imageId: string) {
    this.lab = lab;
    this.stack = stack;
    this.host = host;
    this.#imageId = imageId;
  }

  static async create(): Promise<AccessoryStack> {
    const lab = await freshHosts(1);
    const host = hostOf(lab);
    const content = await goBinary({ name: "tool", from: new URL("../../../lab/tool/", import.meta.url).pathname, target: "." });
    const image = (await lab.image("shop-with-tool", "v1", {}, { files: [{ name: "tool", mode: 0o755, content }] })).ref;
    const stack = await LabStack.create(lab, { image, servers: { web: { hosts: addressesOf(lab.hosts) } } });
    await done(update(stack));
    await declareByHand(stack, [anAccessory(host)]);
    const created = new AccessoryStack(lab, stack, host, await pulled(lab, host, image));
    await created.runContainer();
    return created;
  }

  /** As the provider makes it. */
  async runContainer({ name = CONTAINER, env = {}, labels = {} }: Made = {}): Promise<string> {
    const ours = { service: CONTAINER, "slipway.accessory": "db", "slipway.spec": "ab12cd34", "slipway.image": "shop:16.4" };
    const container = await this.host.docker.createContainer({
      name,
      Image: this.#imageId,
      Env: Object.entries({ VERSION: "first", TOKEN, ...env }).map(([key, value]) => `${key}=${value}`),
      Labels: { ...ours, ...labels },
      HostConfig: { NetworkMode: "kamal", Binds: ["shop-db-data:/data"] },
    });
    await container.start();
    return container.id;
  }

  async remove(name = CONTAINER): Promise<void> {
    await this.host.docker.getContainer(name).remove({ force: true });
  }

  async replace(made: Made = {}): Promise<string> {
    await this.remove();
    return this.runContainer(made);
  }

  /** Runs `slipway accessory ACT`. */
  accessory(act: string, ...args: readonly string[]): ReturnType<typeof slipway> {
    return slipway(this.stack, `accessory ${act}`, ...args);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack[Symbol.asyncDispose]();
  }
}
