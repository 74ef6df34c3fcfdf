import { describe, expect, it } from "vitest";
import { Container } from "../../../../hosts/docker/answers.ts";
import { listeningIn } from "../../../../hosts/index.ts";
import { bodyOf } from "../../../../providers/container/body.ts";
import { collapsed } from "../../../../providers/container/candidate.ts";
import { listeningText } from "../../../../providers/container/listening.ts";
import { nextAfter } from "../../../../providers/release/candidate.ts";
import { read } from "../../config/fixture.ts";

describe("what a refused connection says of the app", () => {
  const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
  const line = (address: string, port: string, state = "0A") =>
    `   0: ${address}:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 36109 1`;
  const text = (...lines: string[]) => listeningText(listeningIn([HEAD, ...lines].join("\n")), 3000);

  it("is the port that it listens on", () => {
    expect(text(line("00000000", "1F90"))).toBe("the container listens on port 8080, not on 3000");
    expect(text(line(`${"0".repeat(32)}`, "1F90"), line("0100007F", "0050"))).toBe(
      "the container listens on port 80 (127.0.0.1 only), 8080, not on 3000",
    );
  });

  it("is that it listens on 127.0.0.1 only", () => {
    const only = "the container listens on port 3000 of 127.0.0.1 only: the app has to listen on 0.0.0.0";
    expect(text(line("0100007F", "0BB8"))).toBe(only);
    expect(text(line(`${"0".repeat(24)}01000000`, "0BB8"))).toBe(only);
  });

  it("is that nothing listens: connections and Docker's name server do not count", () => {
    expect(text(line("0100007F", "0BB8", "01"), line("0B00007F", "A2C1"))).toBe("nothing in the container listens on a TCP port");
  });
});

describe("the log of a candidate", () => {
  it("has one line for many checks, so that what the app said at boot is still shown", () => {
    const checks = Array.from({ length: 74 }, (_, nth) => `12:00:0${nth % 10} "GET /up" 400 ${100 + nth}`);
    expect(collapsed(["booting", "ALLOWED_HOSTS is shop.example", ...checks, "bye"])).toEqual([
      "booting",
      "ALLOWED_HOSTS is shop.example",
      '12:00:03 "GET /up" 400 173 (74 lines like this)',
      "bye",
    ]);
  });

  it("keeps a few equal lines as they are", () => expect(collapsed(["a 1", "a 2", "a 3"])).toEqual(["a 1", "a 2", "a 3"]));
});

describe("what to do after a check that failed", () => {
  const http = { by: "http", port: 3000, path: "/up", timeout: 5 } as const;

  it("is to name a host that the app knows, after the answers of frameworks that do not know it", () => {
    for (const said of ["400", "403", "421"])
      expect(nextAfter(said, http, "web", true)).toContain("set slipway:proxy.healthcheck.host to one that it accepts");
    expect(nextAfter("421", { ...http, host: "a.example" }, "jobs", false)).toMatch(
      /the host name a\.example, set slipway:servers\.jobs\.healthcheck\.host/,
    );
    expect(nextAfter("503", http, "web", true)).toBeUndefined();
  });

  it("is to replace the image's HEALTHCHECK, or to switch it off", () => {
    const next = nextAfter("unhealthy", { by: "docker", delay: 7 }, "worker", false);
    expect(next).toContain("slipway:servers.worker.healthcheck,");
    expect(next).toContain("slipway:servers.worker.options.no_healthcheck: true");
  });
});

describe("the image's HEALTHCHECK", () => {
  const inspected = (Healthcheck: object) =>
    Container.parse({
      Id: "1",
      Name: "/shop",
      State: { Status: "running" },
      Config: { Healthcheck },
      HostConfig: {},
      NetworkSettings: {},
    }).healthcheck;

  it("has Docker's own pace where the image gives none", () => {
    expect(inspected({ Test: ["CMD", "true"] })).toEqual({ interval: 30, retries: 3, startPeriod: 0 });
    expect(inspected({ Test: ["CMD", "true"], Interval: 5e9, Retries: 2, StartPeriod: 60e9 })).toEqual({
      interval: 5,
      retries: 2,
      startPeriod: 60,
    });
    expect(inspected({ Test: ["NONE"] })).toBeUndefined();
  });

  it("is switched off by options.no_healthcheck, and left alone otherwise", () => {
    const body = (options: object) => {
      const [role] = read({ servers: { web: { hosts: ["203.0.113.10"], options } } }).roles;
      if (role === undefined) throw new Error("no role");
      const { mounts, logging } = role;
      const parts = { image: "shop", command: undefined, publish: undefined, network: "kamal", stopTimeout: 10 };
      return bodyOf({ ...parts, options: role.options, mounts, logging });
    };
    expect(body({ no_healthcheck: true }).Healthcheck).toEqual({ Test: ["NONE"] });
    expect(body({ no_healthcheck: false })).not.toHaveProperty("Healthcheck");
    expect(body({})).toEqual(body({ no_healthcheck: false }));
  });
});
