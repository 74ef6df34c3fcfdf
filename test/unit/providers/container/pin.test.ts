import { describe, expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import { DockerRefusal, Hosts, parseAccess } from "../../../../hosts/index.ts";
import { digestNow, type OwnImage } from "../../../../providers/container/pin.ts";

const OWN: OwnImage = {
  image: "node:24-slim",
  of: "backups and jobs",
  key: "slipway:schedule.image",
  otherwise: "write a digest: slipway:schedule.image: node@sha256:…",
  servesNow: "what served before",
};
const DIGEST = `sha256:${"9f31".repeat(16)}`;
const OTHER = `sha256:${"04bd".repeat(16)}`;
const UNREACHABLE = new SlipwayError({
  code: "REGISTRY_UNREACHABLE",
  what: "the registry docker.io cannot be reached from this machine",
  evidence: ["getaddrinfo EAI_AGAIN"],
  servesNow: "",
  next: "",
});

/** A host whose Docker knows what its registry says, and has these images. */
function aHost(run: { hosts: Hosts }, name: string, registry: string | undefined | Error, images: readonly string[] = []) {
  const host = run.hosts.at({ name, address: "203.0.113.10", port: 22, user: "root" });
  const docker = Object.assign(Object.create(host.docker), {
    distribution: async () => {
      if (registry instanceof Error) throw registry;
      return registry === undefined ? undefined : { digest: registry, platforms: [] };
    },
    image: async (ref: string) => (images.includes(ref) ? {} : undefined),
  });
  return Object.create(host, { docker: { value: docker }, name: { value: name } });
}

const aRun = () => ({ hosts: new Hosts(parseAccess(undefined, {})) });

describe("the digest of an image that Slipway runs", () => {
  it("is asked for once in a run, by this machine: all hosts get the same", async () => {
    const run = aRun();
    let times = 0;
    const resolve = async () => {
      times += 1;
      return times === 1 ? DIGEST : OTHER;
    };
    const digests = ["web-1", "web-2"].map((name) => digestNow(OWN, aHost(run, name, OTHER), run, resolve));
    expect(await Promise.all(digests)).toEqual([DIGEST, DIGEST]);
    expect(times).toBe(1);
  });

  it("is in the reference itself, or asked for by the host alone where this machine cannot", async () => {
    const run = aRun();
    const refuse = async () => Promise.reject(UNREACHABLE);
    expect(await digestNow({ ...OWN, image: `node@${OTHER}` }, aHost(run, "web-1", DIGEST), run, refuse)).toBe(OTHER);
    expect(await digestNow(OWN, aHost(run, "web-1", DIGEST), run, refuse)).toBe(DIGEST);
    expect(await digestNow(OWN, aHost(run, "web-2", OTHER), run, refuse)).toBe(OTHER);
  });

  it("is none of an image that is in no registry but on the host", async () => {
    const run = aRun();
    const refuse = async () => Promise.reject(UNREACHABLE);
    expect(await digestNow(OWN, aHost(run, "web-1", undefined, ["node:24-slim"]), run, refuse)).toBe("");
  });

  it("is missed by both: the error says who was asked, and what to write", async () => {
    const run = aRun();
    const host = aHost(run, "web-1", new DockerRefusal(500, "dial tcp: no route to host"));
    await expect(digestNow(OWN, host, run, async () => Promise.reject(UNREACHABLE))).rejects.toThrow(
      /^web-1: the image node:24-slim of backups and jobs could not be looked up\n.*this machine: the registry docker\.io cannot be reached from this machine: getaddrinfo EAI_AGAIN\n.*web-1: .*no route to host\n.*serves now: what served before\n.*next: check slipway:schedule\.image, .* reaches it; or write a digest: slipway:schedule\.image: node@sha256:…; then run pulumi up again/,
    );
  });
});
