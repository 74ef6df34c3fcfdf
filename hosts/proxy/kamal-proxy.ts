import { Deadline } from "../../core/deadline.ts";
import { stableHash } from "../../core/hash.ts";
import type { RouteOptions } from "../../core/route.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import type { Docker } from "../docker/docker.ts";
import { DockerRefusal } from "../docker/trouble.ts";
import {
  deployArguments,
  MARKS,
  type ProxyTimeouts,
  pauseArguments,
  type RolloutShare,
  rolloutDeployArguments,
  rolloutSetArguments,
  stopArguments,
} from "./arguments.ts";
import { KamalProxyFiles } from "./files.ts";
import { KAMAL_PROXY } from "./place.ts";
import { parseRoutes, parseServices, type Route } from "./route.ts";

const STATE_FILE = `${KAMAL_PROXY.configFolder}/kamal-proxy.state`;

/** A control call that switches nothing answers in milliseconds; this is when we stop believing in it. */
const CONTROL_TIMEOUT: Seconds = 10;

/** Longer than the proxy ever takes to write its state file. */
const HALF_WRITTEN: Seconds = 1;

/** For a route that is made again; its targets run already, and it has no requests to drain. */
const RENEWAL: ProxyTimeouts = { deploy: 30, drain: 1 };
/** kamal-proxy's own default. */
const USUAL_PAUSE: Seconds = 30;

/** What the proxy said when it refused. */
export class ProxyRefused extends Error {
  override readonly name = "ProxyRefused";
}

/** What the proxy is reached through: its host. */
interface ProxyHost {
  readonly name: HostName;
  readonly docker: Docker;
  change<T>(what: string, run: () => Promise<T>): Promise<T>;
}

/** The kamal-proxy of one host: told by its own command line inside its container, read back from its state file. */
export class KamalProxy {
  readonly #host: ProxyHost;
  readonly #files: KamalProxyFiles;

  constructor(host: ProxyHost) {
    this.#host = host;
    this.#files = new KamalProxyFiles(host.name, host.docker);
  }

  /** What the proxy is and what it serves, in its own words; its routes are readable while it is stopped, too. */
  async observe(): Promise<{ container: "running" | "stopped" | "missing"; routes: Route[] }> {
    const [container, routes] = await Promise.all([this.#host.docker.inspect(KAMAL_PROXY.container), this.routes()]);
    if (container === undefined) return { container: "missing", routes: [] };
    return { container: container.state.status === "running" ? "running" : "stopped", routes };
  }

  /** The routes as the proxy itself wrote them down; none where there is no proxy. */
  async routes(): Promise<Route[]> {
    // The proxy truncates the file before it writes it, so a reader can meet half of it for a moment.
    const moment = Deadline.in(HALF_WRITTEN);
    let asked = false;
    const read = async () => {
      const file = await this.#host.docker.readFile(KAMAL_PROXY.container, STATE_FILE);
      const routes = file === undefined ? [] : parseRoutes(file.toString("utf8"));
      if (routes !== undefined || asked || !moment.passed) return routes;
      // A disk that was full leaves it so for good, while the proxy serves on from its memory.
      asked = true;
      return (await this.#rewrite()) === "stopped" ? [] : undefined;
    };
    const unreadable = () => new Error(`the state of kamal-proxy on ${this.#host.name} is not readable: ${STATE_FILE}`);
    return Deadline.in(CONTROL_TIMEOUT).until(read, unreadable);
  }

  /** The route of one service; `undefined` when the proxy has none, or is not there. */
  async route(service: string): Promise<Route | undefined> {
    return (await this.routes()).find((route) => route.service === service);
  }

  /**
   * The services that the running proxy knows, by its own table. Its file can name more: one entry that it could not read at its
   * start makes it forget them all, and it says so only in its log. `undefined`: its control socket does not answer yet.
   */
  async services(): Promise<string[] | undefined> {
    const { code, stdout } = await this.#host.docker.exec(KAMAL_PROXY.container, ["kamal-proxy", "list"]);
    return code === 0 ? parseServices(stdout) : undefined;
  }

  /**
   * Points a service at `targets`, and returns when the old ones have drained. New requests reach the new ones long before that:
   * ask `route` for the moment of the switch. Nothing is switched before all of them are healthy. Of several, one that fails its
   * check later gets no requests until it is well; a single one is not checked again.
   *
   * A paused or stopped service stays so, and the canary stays with its share. A target that is named again counts as a new one:
   * what is in flight on it drains as on any old target, so a request longer than `drain` and every WebSocket on it is cut.
   */
  async deploy(service: string, targets: readonly string[], options: RouteOptions, timeouts: ProxyTimeouts): Promise<void> {
    const argv = deployArguments(service, targets, options, timeouts);
    await this.#tell(service, argv, (route) => isSame(route?.targets, targets), timeouts.deploy + timeouts.drain);
  }

  /**
   * Puts `targets` into the place of the canary, and returns when those that were there have drained. A share that is set already
   * holds for the new ones from the first moment on. They are served with the options that the service has now; later ones reach
   * them with the next `rolloutDeploy`, or with a restart of the proxy.
   */
  async rolloutDeploy(service: string, targets: readonly string[], timeouts: ProxyTimeouts): Promise<void> {
    const argv = rolloutDeployArguments(service, targets, timeouts);
    // Without a share its targets are in the file, but in no route.
    await this.#tell(service, argv, (route) => isSame(route?.rollout?.targets, targets), timeouts.deploy + timeouts.drain);
  }

  /** Gives the canary its share; what is left out is none. Refused where nothing is in the place of the canary. */
  async rolloutSet(service: string, share: RolloutShare): Promise<void> {
    const { percent = 0, allow = [] } = share;
    const isSet = (route: Route | undefined) => route?.rollout?.percent === percent && isSame(route.rollout.allow, allow);
    await this.#tell(service, rolloutSetArguments(service, share), isSet);
  }

  /**
   * Takes the canary's share away: from now on no request reaches it. None there is fine.
   * It does not drain, and its targets stay in their place. To wait for what is in flight there, put a live target into that
   * place afterwards: `rolloutDeploy(service, live, timeouts)` drains the ones before.
   */
  async rolloutStop(service: string): Promise<void> {
    if ((await this.route(service))?.rollout === undefined) return;
    await this.#tell(service, ["kamal-proxy", "rollout", "stop", service], (route) => route?.rollout === undefined);
  }

  /**
   * Answers every request with 503 and `message`, except the health check's path: that one gets 200. Returns when what was in
   * flight has drained, and only then the state file says so. Holds over a restart of the proxy. Stopped already: only the message changes.
   */
  async stop(service: string, { drain, message }: { drain: Seconds; message: string }): Promise<void> {
    const route = await this.route(service);
    if (route !== undefined && (await this.#isStuck(route))) await this.#renew(route);
    const isStopped = (now: Route | undefined) => now?.state.kind === "stopped" && now.state.message === message;
    await this.#tell(service, stopArguments(service, { drain, message }), isStopped, drain);
  }

  /**
   * Lets requests wait, each for `maxPause` at most; then it gets 504. Returns when what was in flight has drained, and only then
   * the state file says so. Paused already: only `maxPause` changes.
   */
  async pause(service: string, { drain, maxPause }: { drain: Seconds; maxPause: Seconds }): Promise<void> {
    // A second pause does not make a first one of another process well.
    const mark = (await this.route(service))?.pausedIn ?? (await this.#mark());
    const argv = pauseArguments(service, { drain, maxPause, mark });
    await this.#tell(service, argv, (route) => route?.state.kind === "paused", drain);
  }

  /**
   * Lets requests through again, after `pause` as after `stop`. Running already is fine. If the proxy restarted during a pause, the
   * route has to be made anew, with the targets that it has now, which must be healthy: requests get 404 for a moment.
   */
  async resume(service: string): Promise<void> {
    const route = await this.route(service);
    if (route !== undefined && (await this.#isStuck(route))) return this.#renew(route);
    await this.#tell(service, ["kamal-proxy", "resume", service], (now) => now?.state.kind === "running");
  }

  /** Makes a route that the proxy forgot, as it was: with its canary, and paused or stopped. */
  async restore({ service, targets, options, rollout, state }: Route, timeouts: ProxyTimeouts): Promise<void> {
    const { drain } = timeouts;
    await this.deploy(service, targets, options, timeouts);
    if (rollout !== undefined) {
      await this.rolloutDeploy(service, rollout.targets, timeouts);
      await this.rolloutSet(service, rollout);
    }
    if (state.kind === "stopped") await this.stop(service, { drain, message: state.message });
    if (state.kind === "paused") await this.pause(service, { drain, maxPause: USUAL_PAUSE });
  }

  /** Takes a service's route away; requests to it get 404 from then on. Without such a route, nothing happens. */
  async remove(service: string): Promise<void> {
    if ((await this.route(service)) === undefined) return;
    await this.#tell(service, ["kamal-proxy", "remove", service], (route) => route === undefined);
  }

  /**
   * Puts files where the proxy, and nobody else in its container, can read them: `/home/kamal-proxy/.config/kamal-proxy/<folder>/<name>`.
   * The same content there already is fine. A run that dies in the middle leaves a part, so the name of a folder carries a hash
   * of its content, and the proxy is told of it only after this returned.
   *
   * @example await proxy.placeFiles("slipway/shop-web-production/cert-1f3a9c", { "cert.pem": certificate, "key.pem": key });
   */
  placeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
    return this.#files.place(folder, files);
  }

  /** Names of the folders directly below `parent`; none where there is no such folder. */
  folders(parent: string): Promise<string[]> {
    return this.#files.folders(parent);
  }

  /**
   * Takes a folder of ours away with all that is in it; gone already is fine. No route may name it any more: at its next start the
   * proxy would forget every route it has. An empty file of that name stays, which `folders` does not show.
   */
  removeFolder(folder: string): Promise<void> {
    return this.#files.remove(folder);
  }

  /**
   * kamal-proxy 0.9.2 cannot end a pause that it read back at its start: it crashes at the attempt, and comes back paused. So each
   * pause of ours carries a mark of the process that it was told to.
   */
  async #isStuck({ state, pausedIn }: Route): Promise<boolean> {
    return state.kind === "paused" && pausedIn !== (await this.#mark());
  }

  /** Only a new service is not paused any more. */
  async #renew(route: Route): Promise<void> {
    await this.remove(route.service);
    await this.restore({ ...route, state: { kind: "running" } }, RENEWAL);
  }

  /** Of the proxy's process; never 0. */
  async #mark(): Promise<number> {
    const container = await this.#host.docker.inspect(KAMAL_PROXY.container);
    const started = stableHash([container?.id, container?.state.startedAt]);
    return (Number.parseInt(started.slice(0, 8), 16) % (MARKS - 1)) + 1;
  }

  /**
   * A control call, after which the state file says what the proxy does. Told two things at once, the proxy can write the older
   * snapshot last (seen after 2 of 60 rounds with four services). A call for a service that it does not have only writes the file.
   */
  async #tell(
    service: string,
    argv: readonly string[],
    isWritten: (route: Route | undefined) => boolean,
    patience: Seconds = 0,
  ): Promise<void> {
    await this.#control(argv, patience);
    if (!isWritten(await this.route(service))) await this.#rewrite();
  }

  /** Has the proxy write its state file anew, and do nothing else. One that is stopped cannot; at its start it will know no route of a file that it cannot read. */
  async #rewrite(): Promise<"written" | "stopped"> {
    const write = ["kamal-proxy", "resume", "(write the state file)"];
    try {
      await this.#host.docker.exec(KAMAL_PROXY.container, write, { deadline: Deadline.in(CONTROL_TIMEOUT) });
      return "written";
    } catch (thrown) {
      if (isStopped(thrown)) return "stopped";
      throw thrown;
    }
  }

  /** `patience` is for what the call itself waits for. */
  async #control(argv: readonly string[], patience: Seconds): Promise<void> {
    const { docker } = this.#host;
    const what = argv.filter((word) => !word.startsWith("--")).join(" ");
    const { code, stdout, stderr } = await this.#host.change(what, () =>
      docker.exec(KAMAL_PROXY.container, argv, { deadline: Deadline.in(patience + CONTROL_TIMEOUT) }).catch(refuseStopped),
    );
    if (code === 0) return;
    const said = `${stderr}\n${stdout}`.split("\n").find((line) => line.startsWith("Error:"));
    throw new ProxyRefused(
      said?.slice("Error:".length).trim() ?? `exit code ${code}: ${`${stderr}${stdout}`.trim().slice(0, 300)}`,
    );
  }
}

/** Docker says it with the id of a container that nobody knows. */
function refuseStopped(thrown: unknown): never {
  throw isStopped(thrown) ? new ProxyRefused("kamal-proxy does not run", { cause: thrown }) : thrown;
}

const isStopped = (thrown: unknown): boolean => thrown instanceof DockerRefusal && thrown.statusCode === 409;

const isSame = (found: readonly string[] | undefined, told: readonly string[]): boolean =>
  found !== undefined && found.length === told.length && told.every((one) => found.includes(one));
