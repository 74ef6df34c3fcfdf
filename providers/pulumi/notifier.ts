import { createHash, createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseJson, printable } from "../../core/text.ts";
import type { HostName, Milliseconds, ReleaseId, Seconds } from "../../core/words.ts";
import type { StackConfig } from "../../project/stack-config.ts";
import type { Report } from "./report.ts";

const OneName = z.array(z.string()).length(1);
const Written = z.looseObject({ url: z.union([z.string(), OneName]), secret: OneName.optional() });
const Secrets = z.record(z.string(), z.string());

/** What happened to an app. */
export interface News {
  readonly event: "release.live" | "release.rolled_back" | "release.failed";
  readonly service: string;
  readonly destination: string | undefined;
  /** `shop/production` */
  readonly stack: string;
  /** Absent: it failed before there was one. */
  readonly release?: { readonly id: ReleaseId; readonly version: string; readonly image: string } | undefined;
  /** What served before. */
  readonly previous?: ReleaseId | undefined;
  readonly hosts: readonly HostName[];
  /** How many releases this stack has had: two messages about one are recognized by their id. */
  readonly count?: number;
}

/** What one message may cost a run. */
export interface NotifyLimits {
  /** For all tries together. */
  readonly total: Seconds;
  /** For one answer. */
  readonly answer: Seconds;
  /** Before the second try; it doubles with each. */
  readonly pause: Milliseconds;
}

const LIMITS: NotifyLimits = { total: 15, answer: 5, pause: 500 };
const TRIES = 3;
/** Errors have log lines; a message is no place for a log. */
const LONGEST = 2000;

/** Sends what happened to `slipway:notify.url`. It never fails a run: what could not be delivered is a warning. */
export class Notifier {
  readonly #url: string | undefined;
  readonly #secret: string | undefined;
  readonly #limits: NotifyLimits;
  #hasFailed = false;

  constructor(config: StackConfig, limits: NotifyLimits = LIMITS) {
    const { data: written } = Written.safeParse(parseJson(config.get("slipway:notify") ?? ""));
    const secrets = Secrets.safeParse(parseJson(config.get("slipway:secrets") ?? "")).data ?? {};
    const textIn = (given: string | readonly string[] | undefined) =>
      typeof given === "string" ? given : secrets[given?.[0] ?? ""];
    this.#url = textIn(written?.url);
    this.#secret = textIn(written?.secret);
    this.#limits = limits;
  }

  /** What must not be printed: all who have the URL of a webhook may send to it. */
  get secrets(): readonly string[] {
    return this.#url === undefined ? [] : [this.#url];
  }

  /** A release that serves. @param by who runs this: `alice@laptop (shop/production)` */
  async live(news: News, by: string, report: Report): Promise<void> {
    const { release, previous } = news;
    const before = previous === undefined ? "" : ` (before: ${previous})`;
    const what = news.event === "release.rolled_back" ? "is back and serves" : "serves";
    await this.#send(news, `${news.service} ${release?.id ?? ""} ${what} on ${news.stack}${before}, by ${by}`, by, null, report);
  }

  /** The first failure of a run; what fails after it is usually a consequence. */
  async failed(thrown: unknown, news: Omit<News, "event">, by: string, report: Report): Promise<void> {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const story = thrown instanceof SlipwayError ? thrown.story : undefined;
    const what = (story?.what ?? messageOf(thrown)).slice(0, LONGEST);
    const error = { code: story?.code ?? "UNEXPECTED", what, serves_now: story?.servesNow ?? null, next: story?.next ?? null };
    const text = `${news.stack}: ${what}${story === undefined ? "" : `\nserves now: ${story.servesNow}\nnext: ${story.next}`}`;
    await this.#send({ ...news, event: "release.failed" }, text, by, error, report);
  }

  async #send(news: News, text: string, by: string, error: object | null, report: Report): Promise<void> {
    if (this.#url === undefined) return;
    const { event, service, destination = null, stack, release = null, previous = null, hosts, count } = news;
    // The same for a message that is sent again, by a run after one that was killed.
    const id = createHash("sha256")
      .update(JSON.stringify([event, stack, service, release, previous, count, error]))
      .digest("hex");
    const at = new Date().toISOString();
    const body = {
      schema: 1,
      id: id.slice(0, 32),
      event,
      at,
      service,
      destination,
      stack,
      release,
      previous,
      hosts,
      by,
      error,
      text,
    };
    report.status(`notify of ${event}`);
    const refused = await this.#deliver(this.#url, JSON.stringify(body)).catch((thrown: unknown) => messageOf(thrown));
    if (refused !== undefined)
      report.warn(
        `slipway:notify: ${event} was not delivered to ${URL.parse(this.#url)?.host ?? "its URL"}: ${printable(refused)}; nothing else is affected`,
      );
  }

  /** @returns why it was not delivered */
  async #deliver(url: string, body: string): Promise<string | undefined> {
    const deadline = Deadline.in(this.#limits.total);
    let why = "";
    for (let nth = 1; nth <= TRIES && !deadline.passed; nth += 1) {
      if (nth > 1) await sleep(Math.min(this.#limits.pause * 2 ** (nth - 2), deadline.remaining));
      const answer = await this.#post(url, body, Math.min(this.#limits.answer * 1000, Math.max(deadline.remaining, 1)));
      if (answer === "taken") return undefined;
      why = `${answer.why}${nth === 1 ? "" : `, ${nth} tries`}`;
      if (answer.isFinal) break;
    }
    return why;
  }

  async #post(
    url: string,
    body: string,
    within: Milliseconds,
  ): Promise<"taken" | { readonly why: string; readonly isFinal: boolean }> {
    try {
      const signal = AbortSignal.timeout(within);
      const response = await fetch(url, { method: "POST", body, headers: this.#headers(body), redirect: "manual", signal });
      await response.body?.cancel();
      const { status } = response;
      if (response.ok) return "taken";
      return { why: `HTTP ${status}`, isFinal: status < 500 && status !== 429 && status !== 408 };
    } catch (thrown) {
      return { why: reasonIn(thrown, within), isFinal: false };
    }
  }

  #headers(body: string): Record<string, string> {
    const plain = { "content-type": "application/json", "user-agent": "slipway" };
    if (this.#secret === undefined) return plain;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const hmac = createHmac("sha256", this.#secret).update(`${timestamp}.${body}`).digest("hex");
    return { ...plain, "slipway-timestamp": timestamp, "slipway-signature": `v1=${hmac}` };
  }
}

/** What `fetch` throws hides its reason in a cause. */
function reasonIn(thrown: unknown, within: Milliseconds): string {
  if (thrown instanceof Error && thrown.name === "TimeoutError") return `no answer in ${Math.round(within / 100) / 10} s`;
  return messageOf(thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown);
}
