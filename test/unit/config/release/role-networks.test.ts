import { describe, expect, it } from "vitest";
import type { Role } from "../../../../config/index.ts";
import { problems, read, type Section } from "../fixture.ts";

const HOST = "203.0.113.10";
/** A role beside web that is not proxied. */
const withJobs = (part: Section): Section => ({ servers: { web: [HOST], jobs: { hosts: [HOST], ...part } } });
const refused = (changes: Section, problem: string) => expect(problems(changes)).toEqual([`slipway:${problem}`]);

function jobs(part: Section): Role {
  const found = read(withJobs(part)).roles.find(({ name }) => name === "jobs");
  if (found === undefined) throw new Error("no role jobs");
  return found;
}

describe("the networks of a role", () => {
  it("name networks beside kamal, each once", () => {
    expect(jobs({ options: { network: ["kamal", "monitoring", "monitoring"], network_alias: "jobs" } }).options).toMatchObject({
      networks: ["monitoring"],
      networkAliases: ["jobs"],
    });
    expect(jobs({ options: { network: "kamal" } }).options).not.toHaveProperty("networks");
  });

  it("have the network of the host: what has the ports stops before its successor starts", () => {
    const { options, strategy } = jobs({ options: { network: "host", userns: "host", runtime: "runsc" } });
    expect(options).toMatchObject({ hostNetwork: true, userns: "host", runtime: "runsc" });
    expect(strategy).toBe("stop-first");
    expect(jobs({ options: { network: "host" }, strategy: "start-first" }).strategy).toBe("start-first");
    refused(
      { servers: { web: { hosts: [HOST], options: { network: "host" } } } },
      "servers.web.options.network host: kamal-proxy reaches a container in the network kamal alone. Set proxy: false, or remove it",
    );
    refused(
      withJobs({ options: { network: "host" }, replicas: 2 }),
      "servers.jobs.options.network host: two containers would listen on the same ports: remove replicas",
    );
    refused(
      withJobs({ options: { network: "host" }, healthcheck: { path: "/up", port: 9000 } }),
      "servers.jobs.options.network host: its ports are not asked there: write healthcheck.cmd, or remove healthcheck",
    );
  });

  it.each<[string, Section, string]>([
    [
      "Docker's own networks",
      { network: ["none"] },
      'network "none" has no DNS names: use a network that docker network create has made',
    ],
    ["a network that cannot be", { network: "a b" }, 'network "a b" is not a valid name of a network'],
    [
      "the host's network beside others",
      { network: ["host", "a"] },
      "network host: a container in the network of the host is in no other",
    ],
    [
      "the host's network with ports",
      { network: "host", publish: "5353:53" },
      "network host: its ports are those of the host: remove options.publish",
    ],
    [
      "a name in the host's network",
      { network: "host", network_alias: "jobs" },
      "network host: nothing has a name there: remove options.network_alias",
    ],
    ["a second name that is none", { network_alias: "a b" }, 'network_alias "a b" is not a host name'],
  ])("are not %s", (_, options, problem) => refused(withJobs({ options }), `servers.jobs.options.${problem}`));
});
