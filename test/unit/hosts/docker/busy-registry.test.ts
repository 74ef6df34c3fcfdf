import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Dockerode from "dockerode";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inspectDistribution, login, pullImage } from "../../../../hosts/docker/images.ts";
import type { Call } from "../../../../hosts/docker/patience.ts";
import type { DockerTransport, Work } from "../../../../hosts/docker/transport.ts";
import { severalTries } from "../../../../hosts/docker/tries.ts";

const IMAGE = `ghcr.io/acme/shop@sha256:${"9f31".repeat(16)}`;
const ANN = { server: "ghcr.io", username: "ann", password: "canary-p4ssword" };

/** What Docker reports of its tries with the registry, one after the other; the last one from then on. */
let says: string[];
let asked: number;
let server: Server;
let transport: Pick<DockerTransport, "request" | "change">;

beforeEach(async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  asked = 0;
  server = createServer(({ url = "" }, response) => {
    const now = says[Math.min(asked, says.length - 1)] ?? "";
    asked += 1;
    const isRefused = now !== "";
    if (!url.startsWith("/images/"))
      return void response
        .writeHead(isRefused ? 500 : 200, { "content-type": "application/json" })
        .end(JSON.stringify(isRefused ? { message: now } : { Descriptor: { digest: "sha256:0" }, Platforms: [] }));
    const [downloaded, error] = now.startsWith("after 5 bytes: ") ? [5, now.slice("after 5 bytes: ".length)] : [0, now];
    const layer = { status: "Downloading", id: "a", progressDetail: { current: downloaded, total: 10 } };
    response.end(
      [...(downloaded > 0 ? [layer] : []), ...(error === "" ? [] : [{ error }])].map((l) => JSON.stringify(l)).join("\n"),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const docker = new Dockerode({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const call: Call = { signal: new AbortController().signal, renew: () => {} };
  transport = {
    request: <T>(_what: string, work: Work<T>) => work(docker, call),
    change: <T>(_what: string, work: Work<T>) => work(docker, call),
  } as typeof transport;
});
afterEach(() => {
  vi.restoreAllMocks();
  server.closeAllConnections();
  server.close();
});

const BUSY = [
  "toomanyrequests: You have reached your pull rate limit",
  "received unexpected HTTP status: 503 Service Unavailable",
  "error parsing HTTP 429 response body",
  'Get "https://ghcr.io/v2/": net/http: TLS handshake timeout',
];

describe("a registry that is busy", () => {
  it.each(BUSY)("is asked for the image again: %s", async (error) => {
    says = [error, error, ""];
    await pullImage(transport, IMAGE, ANN, {});
    expect(asked).toBe(3);
  });

  it("is asked again by the look before the pull, and by the login", async () => {
    says = ["received unexpected HTTP status: 503 Service Unavailable", ""];
    expect(await inspectDistribution(transport, IMAGE, ANN)).toBeDefined();
    asked = 0;
    await login(transport as DockerTransport, ANN);
    expect(asked).toBe(2);
  });

  it("is asked again after longer and longer waits, which end with half a minute", async () => {
    const waits: number[] = [];
    const refused = async () => {
      throw new Error("toomanyrequests: Rate exceeded");
    };
    const pause = async (wait: number) => waits.push(wait);
    await expect(severalTries(refused, { pause })).rejects.toThrow("toomanyrequests: Rate exceeded");
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000].map((wait) => expect.closeTo(wait, 0)));
  });

  it.each([
    // A host that does not reach it: Docker itself waits for long.
    ["the tries in between count", 14_000, 2],
    // It has sent a layer meanwhile.
    ["a try that was answered for long does not, yet not for ever", 60_000, 7],
  ])("is asked again for half a minute: %s", async (_what, lasts, times) => {
    const clock = vi.spyOn(performance, "now");
    let now = 0;
    clock.mockImplementation(() => now);
    const waits: number[] = [];
    const refused = async () => {
      now += lasts;
      throw new Error("net/http: TLS handshake timeout");
    };
    const pause = async (wait: number) => {
      now += wait;
      waits.push(wait);
    };
    await expect(severalTries(refused, { pause })).rejects.toThrow("TLS handshake timeout");
    expect(waits).toHaveLength(times);
  });
});

describe("a login that is refused", () => {
  it.each(["unauthorized: authentication required", "denied: requested access to the resource is denied, 403 Forbidden"])(
    "is not sent again: %s",
    async (error) => {
      says = [error];
      await expect(pullImage(transport, IMAGE, ANN, {})).rejects.toThrow(error);
      expect(asked).toBe(1);
    },
  );

  it("is sent once more where the registry accepted it at first: its token has expired", async () => {
    says = ["after 5 bytes: unauthorized: authentication required", ""];
    await pullImage(transport, IMAGE, ANN, {});
    expect(asked).toBe(2);
  });

  it("is not sent for ever where each token expires during the pull", async () => {
    says = ["after 5 bytes: unauthorized: token expired"];
    await expect(pullImage(transport, IMAGE, ANN, {})).rejects.toThrow("token expired");
    expect(asked).toBe(2);
  });
});
