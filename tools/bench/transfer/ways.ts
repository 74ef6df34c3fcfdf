import { Deadline } from "../../../core/deadline.ts";
import type { Bytes, Seconds } from "../../../core/words.ts";
import { Hosts, parseAccess } from "../../../hosts/index.ts";
import { command } from "../../../lab/command.ts";
import { knownLayers } from "../../../providers/container/known-layers.ts";
import { sendImage } from "../../../providers/container/send-image.ts";
import { type Ground, push } from "./ground.ts";
import type { Version } from "./large-image.ts";

/** What went out, and how long it took until all hosts had the image. */
export interface Sent {
  readonly bytes: Bytes;
  readonly s: Seconds;
}

const PATIENCE: Seconds = 180;
/** The stack that the image belongs to. */
const STACK = "bench";

/** Each way brings a version that no host has to all hosts at once. */
export class Ways {
  readonly #ground: Ground;
  #version = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Slipway: what a release does with its hosts, once it knows what each lacks. Its store has read the image, as after a build. */
  async ours(): Promise<Sent> {
    const { image, lab, lines } = this.#ground;
    const { stored, platform } = await image.next();
    const said: string[] = [];
    const report = { status() {}, say: (text: string) => void said.push(text), warn: (text: string) => void said.push(text) };
    await using hosts = new Hosts(parseAccess(JSON.stringify({ keys: lab.key.file, agent: false, config: false }), {}));
    const parcels = await Promise.all(
      lab.hosts.map(async ({ name, hostKey }, at) => {
        const address = { name, address: "127.0.0.1", port: lines.ports[at] ?? 0, user: "deploy", hostKey };
        const host = hosts.at(address);
        const [known, { store: into }] = await Promise.all([knownLayers(host.docker, platform.diffIds), host.docker.info()]);
        return {
          host,
          parcel: { image: `slipway.invalid/bench@${stored.root.digest}`, store: image.store, stored, platform, known, into },
        };
      }),
    );
    const sent = await this.#measured(async () => {
      const all = Promise.all(parcels.map(({ parcel, host }) => sendImage(parcel, host, STACK, { hosts, report }, () => {})));
      await Deadline.in(PATIENCE).race(all, () => new Error(`the image is not on the hosts after ${PATIENCE} s`));
    });
    // What it says is that it went another way than the one that is measured here.
    if (said.length > 0) throw new Error(said.join("\n"));
    return sent;
  }

  /** `docker save IMAGE | ssh HOST docker load`, one for each host. */
  async saveLoad(): Promise<Sent> {
    const { lab, docker, ssh } = this.#ground;
    const tag = await this.#next();
    const script = 'docker save "$1" | "${@:2}" docker load';
    return this.#measured(() =>
      Promise.all(
        lab.hosts.map((host) =>
          command(["bash", "-o", "pipefail", "-c", script, "bash", tag, ...ssh.argv(host)], {
            env: docker.env,
            timeout: PATIENCE,
          }),
        ),
      ),
    );
  }

  /** `docker push`, and when the registry has it, `ssh HOST docker pull` for each host. */
  async registry(): Promise<Sent> {
    const { lab, docker, ssh } = this.#ground;
    const tag = await this.#next();
    return this.#measured(async () => {
      await push(docker, tag);
      await Promise.all(lab.hosts.map((host) => ssh.run(host, `docker pull ${tag}`, { timeout: PATIENCE })));
    });
  }

  /** As many bytes to all hosts at once, which discard them. */
  async plain(bytes: Bytes): Promise<Sent> {
    const { lab, ssh } = this.#ground;
    const each = Math.round(bytes / lab.hosts.length);
    return this.#measured(() => Promise.all(lab.hosts.map((host) => ssh.discard(host, each, PATIENCE))));
  }

  /** In the operator's engine, under the returned name. */
  async #next(): Promise<string> {
    const { image, operator, tag } = this.#ground;
    this.#version += 1;
    const name = tag(this.#version);
    const version: Version = await image.next();
    await image.ontoBase(operator.docker, version, name);
    return name;
  }

  async #measured(work: () => Promise<unknown>): Promise<Sent> {
    const since = await this.#ground.lines.count();
    const start = performance.now();
    await work();
    const s = (performance.now() - start) / 1000;
    return { s, bytes: (await since()).reduce((sum, one) => sum + one, 0) };
  }
}
