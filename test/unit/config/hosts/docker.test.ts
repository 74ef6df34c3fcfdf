import { describe, expect, it } from "vitest";
import { z } from "zod";
import { DockerSection, resolveDocker } from "../../../../config/hosts/docker.ts";
import { Problems } from "../../../../config/schema/problem.ts";
import { readShape } from "../../../../config/schema/shape.ts";
import { SlipwayError } from "../../../../core/error.ts";

const at = (problems: Problems) => problems.at("docker");

const read = (written: object) => {
  const problems = new Problems();
  const docker = resolveDocker(readShape(DockerSection, written, at(problems)) ?? {}, at(problems));
  if (!problems.none) throw problems.error("stacks/Pulumi.production.yaml", ["docker"]);
  return docker;
};

/** A line for each problem. */
const refused = (written: object): string[] => {
  try {
    read(written);
    return [];
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return error.message
      .split("\n")
      .slice(1, -3)
      .map((line) => line.trim().replace(/ {3,}/, " "));
  }
};

describe("docker", () => {
  it("is complete with defaults", () => {
    expect(read({})).toEqual({
      install: true,
      source: undefined,
      version: undefined,
      settings: {},
      mirror: undefined,
      fingerprint: undefined,
    });
  });
  it("takes all that it knows", () => {
    const fingerprint = "9dc8 5822 9fc7 dd38 854a  e2d8 8d81 803c 0ebf cd88";
    const settings = { "live-restore": true, "log-opts": { "max-size": "50m" }, dns: ["192.0.2.1"] };
    expect(
      read({ source: "docker", version: "28.3", mirror: "https://mirror.example.com/docker/", fingerprint, settings }),
    ).toEqual({
      install: true,
      source: "docker",
      version: "28.3",
      settings,
      mirror: "https://mirror.example.com/docker",
      fingerprint: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
    });
  });

  const table: readonly (readonly [what: string, written: object, problems: readonly string[]])[] = [
    [
      "a number for a version, which would lose 28.10",
      { version: 28.1 },
      ["slipway:docker.version should be text: write it in quotes, with all its digits: without them YAML reads 1.10 as 1.1"],
    ],
    [
      "a tag for a version",
      { version: "latest" },
      ["slipway:docker.version is not a version: write 28, 28.3 or 28.3.2, in quotes"],
    ],
    ["another source", { source: "snap" }, ["slipway:docker.source should be distribution or docker"]],
    [
      "what a distribution does not have",
      { source: "distribution", version: "28", mirror: "https://mirror.example.com" },
      [
        "slipway:docker.version not allowed with source: distribution",
        "slipway:docker.mirror not allowed with source: distribution",
      ],
    ],
    [
      "packages where nothing is installed",
      { install: false, version: "28" },
      ["slipway:docker.version not allowed with install: false"],
    ],
    [
      "half a fingerprint",
      { fingerprint: "0EBFCD88" },
      ["slipway:docker.fingerprint is not a fingerprint: 40 hex digits, as gpg --show-keys --fingerprint prints them"],
    ],
    ["a mirror that is none", { mirror: "mirror.example.com" }, ["slipway:docker.mirror is not an http or https address"]],
    [
      "a password in the address of a mirror",
      { mirror: "https://me:hunter2@mirror.example.com" },
      [
        "slipway:docker.mirror contains credentials, which would be stored in plain text: allow the servers by their addresses instead",
      ],
    ],
    [
      "Docker on the network",
      { settings: { hosts: ["tcp://0.0.0.0:2375"] } },
      [
        "slipway:docker.settings.hosts not allowed in daemon.json: Docker's systemd unit sets it, and network access to Docker is full control of the server",
      ],
    ],
    ["a key that it does not know", { versoin: "28" }, ["slipway:docker.versoin unknown key; did you mean version?"]],
  ];
  it.each(table)("refuses %s", (_what, written, problems) => expect(refused(written)).toEqual(problems));

  it("says of each key what it is", () => {
    for (const schema of Object.values(DockerSection.shape))
      expect(z.globalRegistry.get(schema)).toMatchObject({ description: expect.any(String) });
  });
});
