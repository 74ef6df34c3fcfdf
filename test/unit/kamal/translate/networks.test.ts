import { describe, expect, it } from "vitest";
import { type Result, translated, WITHOUT_SERVERS } from "./fixture.ts";

describe("the networks of a role", () => {
  const role = (name: string, options: string) =>
    translated(
      `${WITHOUT_SERVERS}servers:\n  web: [203.0.113.10]\n  ${name}:\n    hosts: [203.0.113.10]\n    options: ${options}\n`,
    );
  const needed = (result: Result) => result.said.filter((line) => line.startsWith("needs you"));

  it("are those beside kamal", () => {
    expect(role("jobs", "{ network: kamal }").stack.servers).toMatchObject({ jobs: { hosts: ["203.0.113.10"] } });
    expect(role("jobs", "{ network: monitoring }").stack.servers).toMatchObject({ jobs: { options: { network: "monitoring" } } });
    expect(role("jobs", "{ network: [kamal, a, b] }").stack.servers).toMatchObject({
      jobs: { options: { network: ["a", "b"] } },
    });
  });

  it("are that of the host, if the proxy does not have to reach it", () => {
    const jobs = role("jobs", "{ network: host }");
    expect([jobs.stack.servers, needed(jobs)]).toMatchObject([{ jobs: { options: { network: "host" } } }, []]);
    expect(needed(role("web2", "{ network: host }\n    proxy: true")).join()).toContain("write proxy: false");
  });
});
