import { describe, expect, it } from "vitest";
import type { Section } from "../fixture.ts";

import { db, refused } from "./fixture.ts";

describe("health check", () => {
  const ready = (part: Section, root?: Section) => db({ image: "acme/search", ...part }, root).ready;

  const APP = { proxy: { host: "shop.example.com" } };

  it("is left to Docker where nothing is known", () => {
    expect(ready({})).toEqual({ by: "docker", delay: 7 });
    expect(ready({}, { readiness_delay: 2 })).toEqual({ by: "docker", delay: 2 });
  });
  it("is what is written", () => {
    expect(ready({ healthcheck: { tcp: 9200 } })).toEqual({ by: "tcp", port: 9200, timeout: 5 });
    expect(ready({ healthcheck: { port: 9200, path: "/ok" } })).toEqual({ by: "http", port: 9200, path: "/ok", timeout: 5 });
    expect(ready({ healthcheck: { cmd: "check now", timeout: 9 } })).toEqual({
      by: "command",
      command: ["check", "now"],
      interval: 1,
      timeout: 9,
    });
  });
  it("asks the port that others use, unless another is written", () =>
    expect(ready({ port: 7700, healthcheck: { path: "/health" } })).toMatchObject({ by: "http", port: 7700 }));
  it("is the proxy's for one that is proxied", () =>
    expect(ready({ proxy: { host: "a.example.com", app_port: 7700, healthcheck: { path: "/health" } } }, APP)).toEqual({
      by: "http",
      port: 7700,
      path: "/health",
      timeout: 5,
    }));
  it("refuses two kinds at once", () => {
    refused({ healthcheck: { tcp: 1, cmd: "true" } }, ".healthcheck.cmd not allowed together with tcp: set one of the two");
    refused(
      { image: "acme/search", healthcheck: { path: "/x" } },
      ".healthcheck.port is required: the port to check, or set cmd",
    );
  });
});
