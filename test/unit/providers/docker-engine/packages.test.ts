import { describe, expect, it } from "vitest";
import { type Distribution, distributionOf, parseOsRelease } from "../../../../providers/docker-engine/distribution.ts";
import { type From, fromWhere, installSteps } from "../../../../providers/docker-engine/packages.ts";
import { holder } from "../../../../providers/docker-engine/root.ts";
import { parseSurvey } from "../../../../providers/docker-engine/survey.ts";

const RELEASES: Readonly<Record<string, string>> = {
  debian13: 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
  debian12: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  sid: 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\nVERSION_CODENAME=forky\n',
  ubuntu: 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n',
  fedora: "PRETTY_NAME='Fedora Linux 42 (Cloud Edition)'\nID=fedora\nVERSION_ID=42\n",
  rhel: 'PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\n',
  rocky: 'PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n',
  alpine: 'PRETTY_NAME="Alpine Linux v3.22"\nID=alpine\nVERSION_ID=3.22.0\n',
  mint: 'PRETTY_NAME="Linux Mint 22"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\n',
};
const known = (name: string): Distribution => {
  const distribution = distributionOf(parseOsRelease(RELEASES[name] ?? ""));
  if (distribution === undefined) throw new Error(`${name} is not known`);
  return distribution;
};

/** The names of the steps, and for package managers their arguments. */
const steps = (name: string, wanted: Parameters<typeof fromWhere>[0] = {}, repository?: string): string[] => {
  const distribution = known(name);
  return installSteps(distribution, fromWhere(wanted, distribution, repository)).map((step) => {
    if (step.kind === "write") return `write ${step.path}`;
    const at = step.argv.findIndex((word) => ["update", "install"].includes(word));
    return at < 0 ? step.label : step.argv.slice(at).join(" ");
  });
};

describe("how Docker gets onto a distribution", () => {
  const KEY = "check the key of Docker's repository";
  const APT = [
    "update",
    "install --no-upgrade ca-certificates gpg",
    KEY,
    "write /etc/apt/sources.list.d/slipway-docker.sources",
    "update",
  ];
  const DNF = ["install ca-certificates /usr/bin/curl gnupg2", KEY, "write /etc/yum.repos.d/slipway-docker.repo"];
  const table: readonly (readonly [name: string, wanted: Parameters<typeof fromWhere>[0], steps: readonly string[]])[] = [
    ["debian13", {}, ["update", "install docker.io docker-cli ca-certificates"]],
    ["sid", {}, ["update", "install docker.io docker-cli ca-certificates"]],
    ["debian12", {}, ["update", "install docker.io ca-certificates"]],
    ["ubuntu", {}, ["update", "install docker.io ca-certificates"]],
    ["ubuntu", { source: "docker" }, [...APT, "install docker-ce docker-ce-cli containerd.io"]],
    ["debian13", { version: "28" }, [...APT, "install docker-ce=5:28.* docker-ce-cli=5:28.* containerd.io"]],
    ["debian13", { version: "28.3.2" }, [...APT, "install docker-ce=5:28.3.2-* docker-ce-cli=5:28.3.2-* containerd.io"]],
    ["debian12", { mirror: "https://mirror.example.com" }, [...APT, "install docker-ce docker-ce-cli containerd.io"]],
    ["fedora", {}, [...DNF, "install docker-ce docker-ce-cli containerd.io"]],
    ["fedora", { source: "distribution" }, ["install moby-engine"]],
    ["rhel", { version: "28.3" }, [...DNF, "install docker-ce-28.3.* docker-ce-cli-28.3.* containerd.io"]],
    ["rocky", {}, [...DNF, "install docker-ce docker-ce-cli containerd.io"]],
  ];
  it.each(table)("%s, wanted %j", (name, wanted, expected) => expect(steps(name, wanted)).toEqual(expected));

  it("uses a repository that an administrator added before, and adds none", () => {
    expect(steps("debian13", { version: "28" }, "/etc/apt/sources.list.d/docker.list")).toEqual([
      "update",
      "install docker-ce=5:28.* docker-ce-cli=5:28.* containerd.io",
    ]);
  });
  it("knows no derivative, and nothing else", () => {
    for (const name of ["alpine", "mint"]) expect(distributionOf(parseOsRelease(RELEASES[name] ?? ""))).toBeUndefined();
    expect(distributionOf({})).toBeUndefined();
  });
  it("has no packages of Docker in RHEL and its kin", () => expect(known("rocky").own).toEqual([]));

  const repository = (name: string, wanted: Parameters<typeof fromWhere>[0] = {}): Extract<From, { source: "docker" }> => {
    const from = fromWhere({ ...wanted, source: "docker" }, known(name), undefined);
    if (from.source !== "docker") throw new Error("it is not Docker's");
    return from;
  };
  it("pins Docker's own keys, of which there are two", () => {
    expect(repository("ubuntu").fingerprint).toBe("9DC858229FC7DD38854AE2D88D81803C0EBFCD88");
    expect(repository("rhel").fingerprint).toBe("060A61C51B558A7F742B77AAC52FEB6B621E9F35");
    expect(repository("ubuntu", { fingerprint: "AA".repeat(20) }).fingerprint).toBe("AA".repeat(20));
  });

  it("names the checked key, and no other, for the repository", () => {
    const content = (name: string) =>
      installSteps(known(name), repository(name))
        .flatMap((step) => (step.kind === "write" ? [step.content] : []))
        .join();
    expect(content("ubuntu")).toBe(
      [
        "Types: deb",
        "URIs: https://download.docker.com/linux/ubuntu",
        "Suites: noble",
        "Components: stable",
        "Signed-By: /etc/apt/keyrings/slipway-docker.gpg\n",
      ].join("\n"),
    );
    expect(content("rocky")).toContain("baseurl=https://download.docker.com/linux/centos/$releasever/$basearch/stable\n");
    expect(content("rocky")).toContain("gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/slipway-docker\n");
  });
  it("never asks a question, and never waits for ever", () => {
    for (const name of Object.keys(RELEASES).filter((one) => !["alpine", "mint"].includes(one)))
      for (const step of installSteps(known(name), repository(name))) {
        if (step.kind === "write") continue;
        expect(step.timeout).toBeGreaterThan(0);
        if (step.argv.includes("apt-get"))
          expect(step.argv).toEqual(expect.arrayContaining(["DEBIAN_FRONTEND=noninteractive", "-y"]));
        if (step.argv.includes("dnf")) expect(step.argv).toContain("-y");
      }
  });
  it("asks what versions there are now: dnf would use its list of packages for two days", () => {
    const last = (from: From) => installSteps(known("rocky"), from).at(-1);
    const added = repository("rocky", { version: "28.3" });
    for (const from of [added, { ...added, known: "/etc/yum.repos.d/docker-ce.repo" }])
      expect(last(from)).toMatchObject({ argv: expect.arrayContaining(["--refresh"]) });
  });
});

describe("who has the lock of the packages", () => {
  it.each([
    [
      "Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 57 (unattended-upgr)...",
      "unattended-upgr (process 57)",
    ],
    ["Could not get lock /var/lib/apt/lists/lock. It is held by process 66", "process 66"],
    ["dpkg: error: dpkg frontend lock was locked by /usr/bin/perl process with pid 57", "/usr/bin/perl (process 57)"],
    ["dpkg: error: dpkg frontend lock was locked by another process with pid 57", "process 57"],
    ["E: Unable to acquire the dpkg frontend lock, is another process using it?", "another program"],
  ])("%s", (words, who) => expect(holder(words)).toBe(who));
});

describe("what is known of a host before something is done to it", () => {
  it("is read from one look", () => {
    const about = parseSurvey(
      ["rights sudo", "groups deploy docker", "interrupted yes", "repository /etc/apt/x.list", "release ID=debian", ""].join(
        "\n",
      ),
    );
    expect(about).toEqual({
      release: { ID: "debian" },
      under: ["sudo", "-n"],
      groups: ["deploy", "docker"],
      interrupted: true,
      repository: "/etc/apt/x.list",
    });
  });
  it("needs no sudo for root", () => expect(parseSurvey("rights root\nrights sudo\n").under).toEqual([]));
  it("knows a user who cannot be root", () => expect(parseSurvey("groups nodocker\n").under).toBeUndefined());
});
