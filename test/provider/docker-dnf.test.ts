/** @module-tag long */
import { beforeAll, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { Operator } from "../../lab/reach.ts";
import { Engine } from "../support/docker-engine.ts";
import { hostOf } from "../support/hosts.ts";

let lab: Lab;
let host: LabHost;
let engine: Engine;

beforeAll(async () => {
  lab = await startLab({ hosts: [hostFor("dnf")], bare: "dnf" });
  host = hostOf(lab);
  engine = new Engine(lab, host);
  await host.reset();
});

it("gets Docker by dnf in the pinned version, with packages of the pinned key alone, and later a newer one", {
  tags: "long",
}, async () => {
  const [older, newer] = lab.archive.dockerVersions;
  const { docker, forged, fingerprint } = lab.rpms;
  engine.forget({ host: { user: "deploy" }, version: older });

  const otherKey = await engine.refused({ mirror: docker, fingerprint: "AB".repeat(20) });
  expect(otherKey.error).toContain("is signed by a key that differs from the pinned one, and was not added");
  expect(otherKey.error).toContain(`found:  ${fingerprint}`);
  expect((await host.sh("ls /etc/yum.repos.d")).stdout).toBe("rocky.repo\n");

  const otherPackage = await engine.refused({ mirror: forged, fingerprint });
  expect(otherPackage.error).toMatch(/ended with code 1\n.*Failing package is: docker-ce-cli-.*Error: GPG check FAILED/s);
  expect((await host.sh("command -v docker dockerd")).stdout).toBe("");

  const { state } = await engine.done({ mirror: docker });
  expect(state.found).toMatchObject({ kind: "present", version: expect.stringMatching(`^${older.replaceAll(".", "\\.")}`) });
  expect(await host.must("systemctl is-enabled docker; id -nG deploy")).toMatch(/^enabled\n.*\bdocker\b/);

  const before = await host.must("pgrep -x -o dockerd");
  expect((await engine.look({ version: newer })).text).toMatch(
    new RegExp(`Docker ${older}\\S* found, ${newer} wanted: upgrade$`),
  );
  expect((await engine.done()).state.found).toMatchObject({ version: expect.stringMatching(`^${newer}`) });
  expect(await host.must("pgrep -x -o dockerd")).not.toBe(before);
  expect((await engine.look({ version: older })).text).toBe("");
});

it("ends a container whose caller is gone with each program that can talk to Docker", async () => {
  await host.ensureProxyImages();
  const operator = new Operator(lab);
  const there = operator.reach(host, { user: "deploy" });
  for (const program of ["curl", "perl", "python3", "docker"]) {
    await host.must("docker run -d --rm --name left basecamp/kamal-proxy:v0.9.2");
    const watch = await there.watch({ kind: "container", container: "left", grace: 1 });
    await watch.end();
    expect(await host.must("docker ps --all --quiet"), program).toBe("");
    await host.must(`mv /usr/bin/${program} /usr/bin/${program}.off`);
  }
  await operator.close();
});
