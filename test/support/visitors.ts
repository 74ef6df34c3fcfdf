import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import type { Seconds } from "../../core/words.ts";
import type { LoadResult } from "../../lab/client.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";

/** Requests per second on each host. The bench has 100; here the machine is busy with other things, too. */
const RATE = 50;

/** The result of some work, and what visitors of each host saw meanwhile. */
export interface Visited<T> {
  readonly result: T;
  readonly seen: readonly LoadResult[];
}

/** What the work may ask of its visitors. */
export interface Visitors {
  /** Resolves when that many more have come to each host. */
  more(count: number): Promise<void>;
}

/** Does `work` while 50 visitors a second come to each host, all of whom must get one of these versions. */
export async function visited<T>(
  lab: Lab,
  versions: readonly string[],
  work: (visitors: Visitors) => Promise<T>,
  hosts: readonly LabHost[] = lab.hosts,
  timeout: Seconds = 10,
): Promise<Visited<T>> {
  const loads = await Promise.all(
    hosts.map(({ address }) =>
      lab.load({
        url: `http://${address}/`,
        rate: RATE,
        limit: 600,
        timeout,
        expect: (status, body) => status === 200 && versions.includes(body),
      }),
    ),
  );
  const visitors: Visitors = { more: async (count) => void (await Promise.all(loads.map((load) => load.more(count)))) };
  const [work_] = await Promise.allSettled([work(visitors)]);
  const seen = await Promise.all(loads.map((load) => load.stop()));
  if (work_.status === "rejected") throw work_.reason;
  return { result: work_.value, seen };
}

/** For visitors who wait at the proxy: until a container is stopped, a new one fails, and the old one is started again. */
export const PAUSED: Seconds = 30;

/** Every visitor was served one of those versions, and there were enough visitors. */
export function expectNobodyFailed({ seen }: Visited<unknown>): void {
  for (const { requests, ok, failures } of seen) {
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(RATE / 5);
    expect(ok).toBe(requests);
  }
}

/** The versions that visitors of the first host saw, in the order of appearance. */
export const versionsSeen = ({ seen }: Visited<unknown>): string[] => (seen[0]?.answers ?? []).map(({ body }) => body);

/** What a visitor of that host gets. @example await answerOf(host, "/env") */
export async function answerOf({ address }: LabHost, path = "/"): Promise<string> {
  const answer = await fetch(`http://${address}${path}`);
  if (!answer.ok) throw new Error(`${path} of ${address}: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

/** What a visitor gets who asks that host for a site by its name, which `fetch` cannot. @example await answerAs("shop.example", host, "/env") */
export async function answerAs(site: string, { address }: LabHost, path = "/"): Promise<string> {
  const call = get({ host: address, path, headers: { host: site }, agent: false, timeout: 5000 });
  call.on("timeout", () => call.destroy(new Error(`${address} did not answer ${site} in 5 s`)));
  const [answer]: IncomingMessage[] = await once(call, "response");
  const body = answer === undefined ? "" : await text(answer);
  if (answer?.statusCode !== 200) throw new Error(`${path} of ${site} at ${address}: ${answer?.statusCode} ${body}`);
  return body;
}
