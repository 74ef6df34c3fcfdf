import { describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { SlipwayError } from "../../../core/error.ts";
import type { Registry } from "../../../core/registry.ts";
import { resolveDigest } from "../../../registry/digest.ts";
import { Repository } from "../../../registry/repository.ts";
import { retryAfter } from "../../../registry/retry-after.ts";
import { type Answer, ann, aRegistry, BASIC, behind, DIGEST, found, status } from "./a-registry.ts";

/** What a run learns of this registry within some seconds, and how long that took. */
async function outcomeOf(server: string, login: Registry | undefined, seconds: number) {
  const start = performance.now();
  const outcome = await resolveDigest(`${server}/acme/shop:1`, login, Deadline.in(seconds)).catch((thrown: unknown) => {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    return thrown.story;
  });
  return { outcome, seconds: (performance.now() - start) / 1000 };
}

/** The first requests get this answer, and all later ones the digest. */
const first =
  (count: number, answer: Answer): Answer =>
  (request, response, asked) =>
    (asked.length > count ? found : answer)(request, response, asked);

/** A registry whose tokens come from elsewhere; the token `t0ken` opens it. */
async function behindTokens(tokens: Answer) {
  const giver = await aRegistry(tokens);
  const registry = await aRegistry(behind("Bearer t0ken", () => `Bearer realm="http://${giver.server}/token"`));
  return { ...registry, tokens: giver.asked };
}

const granted: Answer = (_request, response) => response.end(JSON.stringify({ token: "t0ken" }));

describe("a registry that is busy", () => {
  it.each([429, 500, 502, 503, 504])("is asked again, not before it says so (%d)", async (code) => {
    const { server } = await aRegistry(first(1, status(code, { "retry-after": "1" })));
    const { outcome, seconds } = await outcomeOf(server, undefined, 5);
    expect(outcome).toBe(DIGEST);
    expect(seconds).toBeGreaterThanOrEqual(1);
  });

  it("is not waited for longer than the run waits: the error says how long it asks for", async () => {
    const { server, asked } = await aRegistry(status(429, { "retry-after": "600" }));
    const { outcome, seconds } = await outcomeOf(server, undefined, 5);
    expect(outcome).toMatchObject({ evidence: ["the registry answered 429, and asks to wait 600 s"] });
    expect(asked).toHaveLength(1);
    expect(seconds).toBeLessThan(2);
  });

  it("is asked for until the deadline, and not longer", async () => {
    const { server, asked } = await aRegistry(status(503));
    const { outcome, seconds } = await outcomeOf(server, undefined, 1.5);
    expect(outcome).toMatchObject({ evidence: ["the registry answered 503"] });
    expect(asked.length).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(2.5);
  });

  it.each([429, 503])("is asked for a token again (%d)", async (code) => {
    const { server } = await behindTokens((request, response, asked) =>
      (asked.length > 1 ? granted : status(code))(request, response, asked),
    );
    expect((await outcomeOf(server, ann(server), 5)).outcome).toBe(DIGEST);
  });

  it("has not refused the login where it gives no token", async () => {
    const { server } = await behindTokens(status(503));
    expect((await outcomeOf(server, ann(server), 1)).outcome).toMatchObject({
      code: "IMAGE_UNREADABLE",
      evidence: [expect.stringMatching(/, where the registry asks for a login, answered 503$/)],
    });
  });
});

describe("a login that is refused", () => {
  it("is sent once", async () => {
    const { server, asked } = await aRegistry(status(401, { "www-authenticate": "Basic" }));
    const { outcome } = await outcomeOf(server, ann(server), 5);
    expect(outcome).toMatchObject({ code: "REGISTRY_DENIED" });
    expect(asked.map(({ authorization }) => authorization)).toEqual([undefined, BASIC]);
  });

  it("is sent once for a token", async () => {
    const { server, asked, tokens } = await behindTokens(status(401));
    expect((await outcomeOf(server, ann(server), 5)).outcome).toMatchObject({ code: "REGISTRY_DENIED" });
    expect([asked.length, tokens.length]).toEqual([1, 1]);
  });

  it("is not sent again where its token opens nothing", async () => {
    const { server, asked, tokens } = await behindTokens((_request, response) =>
      response.end(JSON.stringify({ token: "another" })),
    );
    expect((await outcomeOf(server, ann(server), 5)).outcome).toMatchObject({ code: "REGISTRY_DENIED" });
    expect([asked.length, tokens.length]).toEqual([2, 1]);
  });
});

describe("a token", () => {
  /** Opens the registry for two requests. */
  async function shortTokens() {
    let nth = 0;
    const used = new Map<string, number>();
    const giver = await aRegistry((_request, response) => {
      nth += 1;
      response.end(JSON.stringify({ token: `t${nth}` }));
    });
    const registry = await aRegistry((request, response, asked) => {
      const { authorization = "" } = request.headers;
      const times = (used.get(authorization) ?? 0) + 1;
      used.set(authorization, times);
      if (authorization === `Bearer t${nth}` && times <= 2) return found(request, response, asked);
      const challenge = `Bearer realm="http://${giver.server}/token"`;
      return status(401, { "www-authenticate": challenge })(request, response, asked);
    });
    return { ...registry, tokens: giver.asked };
  }

  it("is used as long as the registry accepts it, and replaced when it does not", async () => {
    const { server, tokens } = await shortTokens();
    const repository = new Repository(`${server}/acme/shop`, ann(server), Deadline.in(5));
    const answers: number[] = [];
    for (let nth = 0; nth < 5; nth += 1) answers.push((await repository.ask("manifests/1", "HEAD")).status);
    expect(answers).toEqual([200, 200, 200, 200, 200]);
    expect(tokens).toHaveLength(3);
  });

  it("is asked for once by requests at the same time", async () => {
    const { server, tokens } = await behindTokens(granted);
    const repository = new Repository(`${server}/acme/shop`, ann(server), Deadline.in(5));
    await Promise.all(["a", "b", "c"].map((tag) => repository.ask(`manifests/${tag}`)));
    expect(tokens).toHaveLength(1);
  });
});

it.each([
  ["120", 120_000],
  ["Sat, 01 Jan 2028 00:00:30 GMT", 30_000],
  ["Fri, 31 Dec 2027 00:00:00 GMT", 0],
  ["soon", undefined],
  ["", undefined],
])("reads how long a server asks to wait: %j", (written, milliseconds) => {
  expect(retryAfter(new Headers({ "retry-after": written }), Date.parse("2028-01-01T00:00:00Z"))).toBe(milliseconds);
});
