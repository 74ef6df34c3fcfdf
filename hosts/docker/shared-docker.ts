import type { z } from "zod";
import type { Container, ContainerSummary, Image, ImageSummary, Network } from "./answers.ts";
import { Docker } from "./docker.ts";
import type { Info, Version } from "./info.ts";
import type { LabelFilter } from "./labels.ts";
import { SharedLook, type Watched } from "./shared-look.ts";
import type { DockerTransport } from "./transport.ts";

/** Names that nearly every run asks for, besides the lists. */
interface Usual {
  readonly container: string;
  readonly network: string;
}

/**
 * The Docker Engine of one host for those who look at it before a run changes it. Each question is asked once; with the first one go those that
 * nearly every run has, so that an app's resources, which look one after the other, wait for one round trip together.
 */
export class SharedDocker extends Docker {
  readonly #look: SharedLook;
  readonly #usual: Usual;

  constructor(transport: DockerTransport, watched: Watched, usual: Usual) {
    super(transport);
    this.#look = new SharedLook(watched);
    this.#usual = usual;
  }

  override version(): Promise<z.infer<typeof Version>> {
    return this.#ask("version", () => super.version());
  }

  override info(): Promise<z.infer<typeof Info>> {
    return this.#ask("info", () => super.info());
  }

  override containers(labels: LabelFilter): Promise<ContainerSummary[]> {
    return this.#ask(`containers ${JSON.stringify(labels)}`, () => super.containers(labels));
  }

  override inspect(idOrName: string): Promise<Container | undefined> {
    return this.#ask(`container ${idOrName}`, () => super.inspect(idOrName));
  }

  override image(ref: string): Promise<Image | undefined> {
    return this.#ask(`image ${ref}`, () => super.image(ref));
  }

  override images(labels: LabelFilter): Promise<ImageSummary[]> {
    return this.#ask(`images ${JSON.stringify(labels)}`, () => super.images(labels));
  }

  override network(name: string): Promise<Network | undefined> {
    return this.#ask(`network ${name}`, () => super.network(name));
  }

  #ask<T>(question: string, ask: () => Promise<T>): Promise<T> {
    if (!this.#look.isFresh) {
      this.#look.begin();
      // Who needs one of these asks for it as well, and gets its failure.
      for (const answer of this.#askUsual()) answer.catch(() => {});
    }
    return this.#look.once(question, ask);
  }

  #askUsual(): Promise<unknown>[] {
    const { container, network } = this.#usual;
    return [this.version(), this.containers({}), this.images({}), this.inspect(container), this.network(network)];
  }
}
