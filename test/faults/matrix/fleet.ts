import { Deadline } from "../../../core/deadline.ts";
import type { Bytes, HostName } from "../../../core/words.ts";
import type { Load } from "../../../lab/client.ts";
import type { LabHost } from "../../../lab/host.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { Relay } from "../../../lab/relay.ts";
import { labValues } from "../../../lab/stack.ts";
import { ChildRun, type Ending, type Visit } from "./child-run.ts";
import { containerProblems, leftovers, retiredOn, routeProblems } from "./finding.ts";
import { RATE, seenOf } from "./load.ts";
import { declare } from "./program.ts";
import { ASSETS, type ReleaseScenario } from "./release-scenario.ts";
import { leaseProblems, letGo, RESET, RUN, type Seen, type Stage } from "./stage.ts";
import { proxiedHosts, type Release, slotsOf, Wanted } from "./wanted.ts";

/** Two that serve and one that works. */
export const HOSTS = ["fr-1", "fr-2", "fr-3"] as const;
/** Room for all images and containers of a host, and above what a release wants to find free. */
const DISK: Bytes = 512 * 1024 ** 2;
const SITE = "faults.example";
/**
 * They take turns: the one before the last is removed with its image, so every release pulls and removes. With a fourth one, an image
 * that was left over is not what the next release wants, which has to remove it.
 */
const VERSIONS = ["a", "b", "c", "d"] as const;
/** One live, one retired, one removed. */
const SETTLED = 3;

/** Three hosts with the same app over and over again, reached through relays. */
export class FaultFleet implements Stage {
  readonly lab: Lab;
  readonly scenario: ReleaseScenario;
  readonly #relays: ReadonlyMap<HostName, Relay>;
  readonly #releases: readonly Release[];
  #live = 0;
  #state: unknown;
  readonly #unplanned: string[] = [];
  /** The process of the next run loads while this one is looked at. */
  #spare = new ChildRun();

  private constructor(lab: Lab, scenario: ReleaseScenario, relays: ReadonlyMap<HostName, Relay>, releases: readonly Release[]) {
    this.lab = lab;
    this.scenario = scenario;
    this.#relays = relays;
    this.#releases = releases;
  }

  /** Fresh hosts, on which enough versions were released for the next one to meet what any later one meets. */
  static async open(scenario: ReleaseScenario, hosts: readonly HostName[] = HOSTS): Promise<FaultFleet> {
    const lab = await startLab({ hosts, disk: DISK });
    const relays = new Map<HostName, Relay>();
    for (const { name, address, port } of lab.hosts) relays.set(name, await Relay.to({ address, port }));
    const releases: Release[] = [];
    // Pulumi's mocks are one for the whole process.
    for (const version of VERSIONS) releases.push(await declareRelease(lab, scenario, relays, version));
    const fleet = new FaultFleet(lab, scenario, relays, releases);
    await fleet.rebuild();
    return fleet;
  }

  /** The version that must serve now. */
  get live(): string {
    return this.#at(0).version;
  }

  get next(): string {
    return this.#at(1).version;
  }

  get hosts(): ReadonlyMap<HostName, LabHost> {
    return new Map(this.lab.hosts.map((host) => [host.name, host]));
  }

  host(name: HostName): LabHost {
    return this.lab.host(name);
  }

  relay(name: HostName): Relay {
    const relay = this.#relays.get(name);
    if (relay === undefined) throw new Error(`no relay to ${name}`);
    return relay;
  }

  /** From nothing to some releases, so that the next one meets what any later one meets. */
  async rebuild(): Promise<void> {
    await Promise.all(this.lab.hosts.map((host) => host.answerRegistry(this.lab.registry.server)));
    await Deadline.in(RESET).race(this.lab.reset(), () => new Error(`the hosts could not be reset within ${RESET} s`));
    this.#state = undefined;
    for (let release = 0; release < SETTLED; release += 1) await this.advance();
    let problems = await this.#unsettled();
    for (let more = 0; more < SETTLED && problems.length > 0; more += 1) {
      await this.advance();
      problems = await this.#unsettled();
    }
    if (problems.length > 0) throw new Error(`the fleet was rebuilt and is not as it should be: ${problems.join("; ")}`);
  }

  /** Releases the next version without a fault. */
  async advance(visit: Visit = letGo): Promise<void> {
    const ending = await this.run(visit);
    if (ending.how !== "done")
      throw new Error(`a release without a fault: ${ending.how}: ${"text" in ending ? ending.text : ""}`);
    this.arrived();
  }

  /** One run of the release of the next version. */
  async run(visit: Visit = letGo): Promise<Ending> {
    const { declared } = this.#at(1);
    const order = {
      kind: "release",
      ssh: JSON.stringify({ ...(labValues(this.lab).ssh as object), connect_timeout: 4 }),
      owner: "rig@faults",
      proxies: declared.proxies,
      release: declared.release,
      state: this.#state,
    } as const;
    const run = this.#spare;
    this.#spare = new ChildRun();
    const ending = await run.carryOut(order, visit, RUN);
    this.#unplanned.push(...run.unplanned(new Set(this.lab.hosts.map(({ name }) => name))));
    if (ending.how === "done") this.#state = ending.state;
    return ending;
  }

  /** Mutations that no plan had, in words, of all runs since the last call. */
  takeUnplanned(): string[] {
    return this.#unplanned.splice(0).map((mutation) => `in no plan: ${mutation}`);
  }

  /** From now on the next version is the one that must serve. */
  arrived(): void {
    this.#live += 1;
  }

  /** Users ask all proxies all the time until this is called; only the two versions are right answers. */
  async visit(): Promise<() => Promise<Seen[]>> {
    const right = new Set([this.live, this.next].map((version): string => version));
    const loads = await Promise.all(
      this.#proxied().map(async (host): Promise<[LabHost, Load]> => {
        const url = `http://${host.address}/version`;
        const expect = (status: number, body: string) => status === 200 && right.has(body.trim());
        return [host, await this.lab.load({ url, host: SITE, rate: RATE, expect, limit: 4 * RUN, timeout: 5 })];
      }),
    );
    return () => Promise.all(loads.map(async ([host, load]) => seenOf(host.name, await load.stop())));
  }

  /** What is not as the live version wants it, in words; none when all is. */
  async problems(): Promise<string[]> {
    const release = this.#at(0);
    const found = await Promise.all(
      this.lab.hosts.flatMap((host) => [
        containerProblems(host, release),
        leftovers(host, release),
        routeProblems(host, release, SITE),
        leaseProblems(host.name, host),
      ]),
    );
    return found.flat();
  }

  /** What keeps the next release from meeting the same points as every other, where there are no problems. */
  async settle(): Promise<string[]> {
    const { wanted } = this.#at(0);
    const before = this.#at(-1);
    const found = await Promise.all(
      this.lab.hosts.map(async (host) => {
        const retired = await retiredOn(host, wanted.service);
        const expected = [...new Set(slotsOf(before, host.name).map(({ release }) => release))];
        return retired.join() === expected.join() ? [] : [`${host.name}: retired are [${retired}], not [${expected}]`];
      }),
    );
    return found.flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spare.kill();
    await Promise.all([...this.#relays.values()].map((relay) => relay.close()));
  }

  async #unsettled(): Promise<string[]> {
    return [...(await this.problems()), ...(await this.settle())];
  }

  #at(offset: number): Release {
    const release = this.#releases[(this.#live + offset + VERSIONS.length) % VERSIONS.length];
    if (release === undefined) throw new Error("no such release");
    return release;
  }

  #proxied(): LabHost[] {
    const names = proxiedHosts(this.#at(0));
    return this.lab.hosts.filter(({ name }) => names.includes(name));
  }
}

async function declareRelease(
  lab: Lab,
  scenario: ReleaseScenario,
  relays: ReadonlyMap<HostName, Relay>,
  version: string,
): Promise<Release> {
  const files = [
    { name: `${ASSETS.slice(1)}/`, mode: 0o755 },
    { name: `${ASSETS.slice(1)}/${version}.js`, mode: 0o644, content: version },
  ];
  const { ref, digest } = await lab.image("faults", version, {}, { files });
  const [first = "", second = "", third = ""] = relays.keys();
  const hosts = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, { address: relays.get(name)?.address, port: relays.get(name)?.port }]));
  const config = {
    ...labValues(lab),
    service: "faults",
    image: ref,
    registry: { server: lab.registry.server, username: lab.registry.username, password: lab.registry.password },
    servers: {
      web: { hosts: hosts(first, second), ...scenario.web },
      worker: { hosts: hosts(third), cmd: "/app worker", ...scenario.worker },
    },
    proxy: { app_port: 3000, host: SITE },
    deploy_timeout: 15,
    drain_timeout: 5,
    readiness_delay: 1,
    retain_containers: 1,
    ...scenario.config,
  };
  const declared = await declare(config, digest);
  return { version, declared, wanted: Wanted.parse(declared.release) };
}
