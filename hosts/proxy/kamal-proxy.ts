import { setTimeout as sleep } from "node:timers/promises";
import { Deadline, POLL } from "../../core/deadline.ts";
import type { RouteOptions } from "../../core/route.ts";
import { stableHash } from "../../core/values.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import type { ArchiveEntry } from "../docker/archive.ts";
import type { Docker } from "../docker/docker.ts";
import { DockerRefusal } from "../docker/refusal.ts";
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
import { KAMAL_PROXY } from "./names.ts";
import { parseRoutes, parseServices, type Route, withoutService } from "./route.ts";

const STATE_FILE_NAME = "kamal-proxy.state";
const STATE_FILE = `${KAMAL_PROXY.configFolder}/${STATE_FILE_NAME}`;
/** As the proxy creates it. */
const STATE_FILE_MODE = 0o644;

/** A control call that switches nothing answers in milliseconds; after this it counts as failed. */
const CONTROL_TIMEOUT: Seconds = 10;

/** Longer than the proxy ever takes to write its state file. */
const STATE_WRITE_TIMEOUT: Seconds = 1;

/** For a route that is re-created: its targets are running and it has no requests to drain. */
const RECREATE_TIMEOUTS: ProxyTimeouts = { deploy: 30, drain: 1 };
/** kamal-proxy's own default. */
const DEFAULT_MAX_PAUSE: Seconds = 30;

/** The proxy refused a control call; the message is its own. */
export class ProxyRefused extends Error {
  override readonly name = "ProxyRefused";
}

/** The part of `Host` that the proxy needs. */
interface ProxyHost {
  readonly name: HostName;
  readonly docker: Docker;
  change<T>(what: string, run: () => Promise<T>): Promise<T>;
}

/** The kamal-proxy of one host: controlled through its command line inside its container, read back from its state file. */
export class KamalProxy {
  readonly #host: ProxyHost;
  readonly #files: KamalProxyFiles;

  constructor(host: ProxyHost) {
    this.#host = host;
    this.#files = new KamalProxyFiles(host.name, host.docker);
  }

  /** The state of the proxy and its routes, which are readable while it is stopped, too. */
  async observe(): Promise<{ container: "running" | "stopped" | "missing"; routes: Route[] }> {
    const [container, routes] = await Promise.all([this.#host.docker.inspect(KAMAL_PROXY.container), this.routes()]);
    if (container === undefined) return { container: "missing", routes: [] };
    return { container: container.state.status === "running" ? "running" : "stopped", routes };
  }

  /** The routes in the proxy's state file; empty without a proxy. */
  async routes(): Promise<Route[]> {
    // The proxy truncates the file before it writes it, so a reader can find it incomplete for a moment.
    const writing = Deadline.in(STATE_WRITE_TIMEOUT);
    let rewritten = false;
    const read = async () => {
      const file = await this.#host.docker.readFile(KAMAL_PROXY.container, STATE_FILE);
      const routes = file === undefined ? [] : parseRoutes(file.toString("utf8"));
      if (routes !== undefined || rewritten || !writing.passed) return routes;
      // A full disk leaves it incomplete for good, while the proxy keeps serving from memory.
      rewritten = true;
      return (await this.writeState()) === "stopped" ? [] : undefined;
    };
    const end = Deadline.in(CONTROL_TIMEOUT);
    for (;;) {
      // Not raced against the end: Docker has its own time for an answer, and its silence has its own error.
      const routes = await read();
      if (routes !== undefined) return routes;
      if (end.passed) throw new Error(`the state of kamal-proxy on ${this.#host.name} is not readable: ${STATE_FILE}`);
      await sleep(POLL);
    }
  }

  /** The route of one service; `undefined` without such a route or without a proxy. */
  async route(service: string): Promise<Route | undefined> {
    return (await this.routes()).find((route) => route.service === service);
  }

  /**
   * The services that the running proxy has in memory. Its state file can list more: if it could not read one entry at its start, it
   * drops them all and reports that only in its log. `undefined`: its control socket does not answer yet.
   */
  async services(): Promise<string[] | undefined> {
    const { code, stdout } = await this.#host.docker.exec(KAMAL_PROXY.container, ["kamal-proxy", "list"]);
    return code === 0 ? parseServices(stdout) : undefined;
  }

  /**
   * Switches a service to `targets` and returns when the old ones have drained. New requests reach the new targets long before that:
   * poll `route` to see the moment of the switch. Nothing is switched until all targets are healthy. If one of several targets fails
   * a later health check, it gets no requests until it recovers; a single target is not checked again.
   *
   * A paused or stopped service stays paused or stopped, and the canary keeps its share. A target that is deployed again counts as
   * new: its requests in flight drain as on any old target, so requests longer than `drain` and WebSockets are cut.
   */
  async deploy(service: string, targets: readonly string[], options: RouteOptions, timeouts: ProxyTimeouts): Promise<void> {
    const argv = deployArguments(service, targets, options, timeouts);
    await this.#control(service, argv, (route) => isSame(route?.targets, targets), timeouts.deploy + timeouts.drain);
  }

  /**
   * Sets the targets of the canary and returns when its previous targets have drained. An existing share applies to the new targets
   * at once. They use the current options of the service; later changes apply to them only at the next `rolloutDeploy` or when the
   * proxy restarts.
   */
  async rolloutDeploy(service: string, targets: readonly string[], timeouts: ProxyTimeouts): Promise<void> {
    const argv = rolloutDeployArguments(service, targets, timeouts);
    // Without a share, its targets are in the state file but not in `route`.
    await this.#control(service, argv, (route) => isSame(route?.rollout?.targets, targets), timeouts.deploy + timeouts.drain);
  }

  /** Sets the share of the canary; an omitted field is reset. The proxy refuses this without canary targets. */
  async rolloutSet(service: string, share: RolloutShare): Promise<void> {
    const { percent = 0, allow = [] } = share;
    const isSet = (route: Route | undefined) => route?.rollout?.percent === percent && isSame(route.rollout.allow, allow);
    await this.#control(service, rolloutSetArguments(service, share), isSet);
  }

  /**
   * Removes the share of the canary: from now on no request reaches it. No-op without a canary.
   * It does not drain, and the canary keeps its targets. To wait for requests in flight, set a live target as the canary afterwards:
   * `rolloutDeploy(service, live, timeouts)` drains the previous targets.
   */
  async rolloutStop(service: string): Promise<void> {
    if ((await this.route(service))?.rollout === undefined) return;
    await this.#control(service, ["kamal-proxy", "rollout", "stop", service], (route) => route?.rollout === undefined);
  }

  /**
   * Answers every request with 503 and `message`, except the health check's path, which gets 200. Returns when requests in flight
   * have drained; only then does the state file show it. Survives a restart of the proxy. If it is stopped, only the message changes.
   */
  async stop(service: string, { drain, message }: { drain: Seconds; message: string }): Promise<void> {
    const route = await this.route(service);
    if (route !== undefined && (await this.#isStuckInPause(route))) await this.#recreateRunning(route);
    const isStopped = (now: Route | undefined) => now?.state.kind === "stopped" && now.state.message === message;
    await this.#control(service, stopArguments(service, { drain, message }), isStopped, drain);
  }

  /**
   * Holds requests, each for `maxPause` at most; then it gets 504. Returns when requests in flight have drained; only then does the
   * state file show it. If it is paused, only `maxPause` changes.
   */
  async pause(service: string, { drain, maxPause }: { drain: Seconds; maxPause: Seconds }): Promise<void> {
    // Pausing again does not repair a pause of an earlier proxy process, so the mark of the first pause stays.
    const mark = (await this.route(service))?.pausedIn ?? (await this.#mark());
    const argv = pauseArguments(service, { drain, maxPause, mark });
    await this.#control(service, argv, (route) => route?.state.kind === "paused", drain);
  }

  /**
   * Ends `pause` or `stop`. No-op if it is running. If the proxy restarted during a pause, the route must be re-created with its
   * current targets, which must be healthy: requests get 404 for a moment.
   */
  async resume(service: string): Promise<void> {
    const route = await this.route(service);
    if (route !== undefined && (await this.#isStuckInPause(route))) return this.#recreateRunning(route);
    await this.#control(service, ["kamal-proxy", "resume", service], (now) => now?.state.kind === "running");
  }

  /** Re-creates a route that the proxy lost, with its canary and its state. */
  async recreateRoute({ service, targets, options, rollout, state }: Route, timeouts: ProxyTimeouts): Promise<void> {
    const { drain } = timeouts;
    await this.deploy(service, targets, options, timeouts);
    if (rollout !== undefined) {
      await this.rolloutDeploy(service, rollout.targets, timeouts);
      await this.rolloutSet(service, rollout);
    }
    if (state.kind === "stopped") await this.stop(service, { drain, message: state.message });
    if (state.kind === "paused") await this.pause(service, { drain, maxPause: DEFAULT_MAX_PAUSE });
  }

  /**
   * Removes the route of a service; requests get 404 from then on. No-op without such a route. A proxy that does not run has the route
   * only in its state file, with which it would start again.
   */
  async remove(service: string): Promise<void> {
    if ((await this.route(service)) === undefined) return;
    try {
      await this.#control(service, ["kamal-proxy", "remove", service], (route) => route === undefined);
    } catch (thrown) {
      if (!(thrown instanceof ProxyRefused && isStopped(thrown.cause))) throw thrown;
      const container = await this.#host.docker.inspect(KAMAL_PROXY.container);
      // A frozen process goes on with what it has in memory.
      if (container?.state.status === "paused") throw thrown;
      await this.#removeFromState(service);
    }
  }

  async #removeFromState(service: string): Promise<void> {
    const { docker } = this.#host;
    const [file, owner] = await Promise.all([
      docker.readFile(KAMAL_PROXY.container, STATE_FILE),
      docker.ownerOf(KAMAL_PROXY.container, STATE_FILE),
    ]);
    if (file === undefined || owner === undefined) return;
    const content = Buffer.from(withoutService(file.toString("utf8"), service));
    const entry: ArchiveEntry = { kind: "file", path: STATE_FILE_NAME, mode: STATE_FILE_MODE, content, ...owner };
    await docker.writeFiles(KAMAL_PROXY.container, KAMAL_PROXY.configFolder, [entry]);
  }

  /**
   * Writes files that only the proxy can read: `/home/kamal-proxy/.config/kamal-proxy/<folder>/<name>`. No-op if they exist with this
   * content. A killed run may leave only some of them, so the name of a folder must contain a hash of its content, and no route may use
   * it before this returns.
   *
   * @example await proxy.placeFiles("slipway/shop-web-production/cert-1f3a9c", { "cert.pem": certificate, "key.pem": key });
   */
  placeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
    return this.#files.place(folder, files);
  }

  /** Names of the folders directly below `parent`; empty if it is missing. */
  folders(parent: string): Promise<string[]> {
    return this.#files.folders(parent);
  }

  /**
   * Removes a folder of ours and everything in it; no-op if it is missing. No route may use it any more: at its next start the proxy
   * would lose every route. An empty file of that name stays, which `folders` does not list.
   */
  removeFolder(folder: string): Promise<void> {
    return this.#files.remove(folder);
  }

  /**
   * kamal-proxy 0.9.2 cannot end a pause that it read from its state file at its start: the attempt crashes it, and it comes back
   * paused. So each pause of ours has the mark of the proxy process that was paused.
   */
  async #isStuckInPause({ state, pausedIn }: Route): Promise<boolean> {
    return state.kind === "paused" && pausedIn !== (await this.#mark());
  }

  /** Only a new service is not paused. */
  async #recreateRunning(route: Route): Promise<void> {
    await this.remove(route.service);
    await this.recreateRoute({ ...route, state: { kind: "running" } }, RECREATE_TIMEOUTS);
  }

  /** Identifies the proxy process; never 0. */
  async #mark(): Promise<number> {
    const container = await this.#host.docker.inspect(KAMAL_PROXY.container);
    const started = stableHash([container?.id, container?.state.startedAt]);
    return (Number.parseInt(started.slice(0, 8), 16) % (MARKS - 1)) + 1;
  }

  /**
   * A control call, after which the state file shows what the proxy does. With two calls at the same time, the proxy can write the older
   * snapshot last (seen in 2 of 60 rounds with four services). Then a call for an unknown service has it write the file again.
   */
  async #control(
    service: string,
    argv: readonly string[],
    isWritten: (route: Route | undefined) => boolean,
    duration: Seconds = 0,
  ): Promise<void> {
    await this.#call(argv, duration);
    if (!isWritten(await this.route(service))) await this.writeState();
  }

  /** Has the proxy write its state file again, and do nothing else. A stopped proxy cannot; it will start without routes if it cannot read the file. */
  async writeState(): Promise<"written" | "stopped"> {
    const write = ["kamal-proxy", "resume", "(write the state file)"];
    try {
      await this.#host.docker.exec(KAMAL_PROXY.container, write, { deadline: Deadline.in(CONTROL_TIMEOUT) });
      return "written";
    } catch (thrown) {
      if (isStopped(thrown)) return "stopped";
      throw thrown;
    }
  }

  /** @param duration how long the call itself may wait, for health checks and drains */
  async #call(argv: readonly string[], duration: Seconds): Promise<void> {
    const { docker } = this.#host;
    const what = argv.filter((word) => !word.startsWith("--")).join(" ");
    const { code, stdout, stderr } = await this.#host.change(what, () =>
      docker.exec(KAMAL_PROXY.container, argv, { deadline: Deadline.in(duration + CONTROL_TIMEOUT) }).catch(refuseStopped),
    );
    if (code === 0) return;
    const message = `${stderr}\n${stdout}`.split("\n").find((line) => line.startsWith("Error:"));
    throw new ProxyRefused(
      message?.slice("Error:".length).trim() ?? `exit code ${code}: ${`${stderr}${stdout}`.trim().slice(0, 300)}`,
    );
  }
}

/** Docker's own message shows only the id of the container. */
function refuseStopped(thrown: unknown): never {
  throw isStopped(thrown) ? new ProxyRefused("kamal-proxy is not running", { cause: thrown }) : thrown;
}

const isStopped = (thrown: unknown): boolean => thrown instanceof DockerRefusal && thrown.statusCode === 409;

const isSame = (found: readonly string[] | undefined, wanted: readonly string[]): boolean =>
  found !== undefined && found.length === wanted.length && wanted.every((one) => found.includes(one));
