import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import { type News, Notifier } from "../../../../providers/pulumi/notifier.ts";

const NEWS: News = {
  event: "release.live",
  service: "shop",
  destination: "production",
  stack: "shop/production",
  release: { id: "1.4.2-ab12cd34", version: "1.4.2", image: "ghcr.io/acme/shop@sha256:9f31" },
  previous: "1.4.1-77aa01ef",
  hosts: ["web-1"],
  count: 3,
};
const QUICK = { total: 2, answer: 0.3, pause: 5 };

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server | undefined;
afterEach(() => server?.close());

/** A receiver that answers with these codes, one after the other, the last one again and again; 0 is no answer. */
async function aReceiver(...codes: readonly number[]): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      got.push({ headers: request.headers, body });
      const code = codes[Math.min(got.length, codes.length) - 1] ?? 200;
      if (code !== 0) response.writeHead(code, { location: "http://127.0.0.1:1/" }).end("no");
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/T00/private-path`, got };
}

function aNotifier(notify: object, secrets: object = {}) {
  const config: Record<string, string> = {
    "slipway:notify": JSON.stringify(notify),
    "slipway:secrets": JSON.stringify(secrets),
  };
  const warnings: string[] = [];
  const report = { status() {}, say() {}, warn: (text: string) => void warnings.push(text) };
  const notifier = new Notifier({ get: (key) => config[key] }, QUICK);
  return { notifier, warnings, live: (news = NEWS) => notifier.live(news, "alice@laptop", report), report };
}

describe("a message", () => {
  it("says what serves where, for machines and, as text, for a chat", async () => {
    const { url, got } = await aReceiver(200);
    const { live, warnings } = aNotifier({ url });
    await live();
    expect(JSON.parse(got[0]?.body ?? "")).toEqual({
      schema: 1,
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      event: "release.live",
      service: "shop",
      destination: "production",
      stack: "shop/production",
      release: NEWS.release,
      previous: "1.4.1-77aa01ef",
      hosts: ["web-1"],
      by: "alice@laptop",
      error: null,
      text: "shop 1.4.2-ab12cd34 serves on shop/production (before: 1.4.1-77aa01ef), by alice@laptop",
    });
    expect(got[0]?.headers).not.toHaveProperty("slipway-signature");
    expect(warnings).toEqual([]);
  });

  it("is signed with its time and body", async () => {
    const { url, got } = await aReceiver(200);
    await aNotifier({ url: ["HOOK"], secret: ["NOTIFY_SECRET"] }, { HOOK: url, NOTIFY_SECRET: "s3cret" }).live();
    const { headers, body } = got[0] ?? { headers: {}, body: "" };
    const time = String(headers["slipway-timestamp"]);
    expect(Math.abs(Date.now() / 1000 - Number(time))).toBeLessThan(5);
    const hmac = createHmac("sha256", "s3cret").update(`${time}.${body}`).digest("hex");
    expect(headers["slipway-signature"]).toBe(`v1=${hmac}`);
  });

  it("has the same id when a run sends it again, and a different one for the next release", async () => {
    const { url, got } = await aReceiver(200);
    const { live } = aNotifier({ url });
    await live();
    await live();
    await live({ ...NEWS, count: 4 });
    const [first, again, next] = got.map(({ body }) => (JSON.parse(body) as { id: string }).id);
    expect(again).toBe(first);
    expect(next).not.toBe(first);
  });

  it("of a failure has its code and next step, and is sent once for a run", async () => {
    const { url, got } = await aReceiver(200);
    const { notifier, report } = aNotifier({ url });
    const { event: _event, ...news } = NEWS;
    const story = { code: "RELEASE_FAILED", what: "shop was not released", servesNow: "1.4.1", next: "fix it" } as const;
    await notifier.failed(new SlipwayError(story), news, "alice@laptop", report);
    await notifier.failed(new Error("later"), news, "alice@laptop", report);
    expect(got).toHaveLength(1);
    expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({
      event: "release.failed",
      error: { code: "RELEASE_FAILED", what: "shop was not released", serves_now: "1.4.1", next: "fix it" },
      text: "shop/production: shop was not released\nserves now: 1.4.1\nnext: fix it",
    });
  });

  it("is not sent where nothing is to be notified", async () => {
    const { notifier, report, warnings } = aNotifier({});
    await notifier.live(NEWS, "alice@laptop", report);
    expect(warnings).toEqual([]);
  });
});

describe("a receiver", () => {
  it.each([[[503, 200]], [[429, 500, 200]], [[0, 200]]])("that answers %j gets it again until it takes it", async (codes) => {
    const { url, got } = await aReceiver(...codes);
    const { live, warnings } = aNotifier({ url });
    await live();
    expect(got).toHaveLength(codes.length);
    expect(warnings).toEqual([]);
  });

  it.each([
    [400, 1, /: HTTP 400; nothing else is affected$/],
    [302, 1, /: HTTP 302;/],
    [500, 3, /: HTTP 500, 3 tries;/],
    [0, 3, /: no answer in 0\.3 s, 3 tries;/],
  ])("that only answers %i is asked %i times; a warning does not show the URL", async (code, times, warning) => {
    const { url, got } = await aReceiver(code);
    const { live, warnings } = aNotifier({ url });
    await live();
    expect(got).toHaveLength(times);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(warnings[0]).toMatch(/^slipway:notify: release\.live was not delivered to 127\.0\.0\.1:\d+: /);
    expect(warnings[0]).not.toContain("private-path");
  });

  it("that does not exist is a warning with the reason", async () => {
    const { url } = await aReceiver(200);
    server?.close();
    const { live, warnings } = aNotifier({ url });
    await live();
    expect(warnings).toEqual([expect.stringMatching(/ECONNREFUSED.*, 3 tries; nothing else is affected$/)]);
  });
});
