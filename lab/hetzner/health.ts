import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";
import type { Milliseconds } from "../../core/words.ts";
import type { HealthCheck } from "./objects.ts";

export type Health = "healthy" | "unhealthy" | "unknown";

/** Checks one target for one service repeatedly, as the load balancer does. */
export class HealthWatch {
  #state: Health = "unknown";
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  readonly #address: string;
  readonly #check: HealthCheck;
  readonly #second: Milliseconds;

  constructor(address: string, check: HealthCheck, second: Milliseconds) {
    this.#address = address;
    this.#check = check;
    this.#second = second;
    void this.#look();
  }

  get state(): Health {
    return this.#state;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const isWell = await answersWell(this.#address, this.#check);
    if (this.#ended) return;
    this.#failures = isWell ? 0 : this.#failures + 1;
    if (isWell) this.#state = "healthy";
    // A target that was never healthy needs no retries.
    else if (this.#state === "unknown" || this.#failures >= this.#check.retries) this.#state = "unhealthy";
    this.#timer = setTimeout(() => void this.#look(), this.#check.interval * this.#second);
    this.#timer.unref();
  }
}

/** One health check. Never throws: a missing answer is a result, too. */
function answersWell(address: string, { protocol, port, timeout, http }: HealthCheck): Promise<boolean> {
  const patience = timeout * 1000;
  if (protocol === "tcp" || http === null)
    return new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: patience });
      const end = (isWell: boolean) => {
        socket.destroy();
        resolve(isWell);
      };
      socket
        .once("connect", () => end(true))
        .once("timeout", () => end(false))
        .once("error", () => end(false));
    });
  return new Promise((resolve) => {
    const headers = { "user-agent": "HetznerLoadBalancer/1.0", ...(http.domain === "" ? {} : { host: http.domain }) };
    const options = { host: address, port, path: http.path, headers, timeout: patience, agent: false };
    // As at the provider, it checks the answer and not the certificate.
    const call = http.tls ? secureRequest({ ...options, rejectUnauthorized: false }) : request(options);
    call.once("response", (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body = (body + text).slice(0, 64 * 1024);
      });
      answer.once("error", () => resolve(false));
      answer.once("end", () => resolve(isWanted(answer.statusCode ?? 0, http.status_codes) && body.includes(http.response)));
    });
    call.once("timeout", () => call.destroy(new Error("no answer in time")));
    call.once("error", () => resolve(false));
    call.end();
  });
}

/** @example isWanted(204, ["2??", "3??"]) // true */
const isWanted = (status: number, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => [...pattern].every((sign, at) => sign === "?" || sign === String(status)[at]));
