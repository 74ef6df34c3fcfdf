import { describe, expect, it } from "vitest";
import type { ReleasesReport } from "../../../cli/releases/report.ts";
import { addressesOf } from "../../../lab/stack.ts";
import { BuildingStack } from "../../support/building-stack.ts";

const WORKER = `FROM scratch
COPY app /app
COPY worker/words.txt /
ENV PATH=/ VERSION=worker
CMD ["/app"]
`;

describe("a stack with an image for each of its roles, in one repository", { tags: "long" }, () => {
  const at = new BuildingStack("containerd", ({ lab, context }) => {
    // Twice, so that the file has no anchor, which a rollback does not edit.
    const [hosts, sameHosts] = [addressesOf(lab.hosts), addressesOf(lab.hosts)];
    const builder = { dockerfile: `${context.folder}/worker/Dockerfile` };
    const worker = { hosts, proxy: false, readiness_delay: 1, builder };
    return { builder: { context: context.folder }, servers: { web: { hosts: sameHosts }, worker } };
  });

  /** The containers of a role that run, each with its version. */
  const running = (role: string) =>
    at.now.host.must(
      `docker ps --no-trunc --filter label=service=shop --filter label=role=${role} --format '{{.ID}} {{.Names}}'`,
    );
  const words = async () =>
    (await at.now.host.must("docker cp $(docker ps -q --filter label=role=worker):/words.txt - | tar -xO")).trim();

  it("builds both, and releases each where its role runs", async () => {
    await at.now.context.write({ "worker/Dockerfile": WORKER, "worker/words.txt": "one" });
    await at.now.context.write({ ".dockerignore": "docs\nworker\n", "worker/Dockerfile.dockerignore": "*\n!app\n!worker\n" });
    const commit = await at.now.context.commit("two images");
    const { said } = await at.deployed();
    expect(said.stdout).toContain(`build shop ${commit}   first build`);
    expect(said.stdout).toContain(`build shop-worker ${commit}   first build`);
    expect(await at.version()).toBe("v1");
    expect(await words()).toBe("one");
    expect(await running("worker")).toContain(`shop-worker-${at.now.stack.name}-${commit}-`);
  });

  it("has nothing to do while the files of both are the same: no build, no engine", async () => {
    const { said, engines, asked } = await at.deployed();
    expect([engines, asked]).toEqual([[], []]);
    expect(said.stdout + said.stderr).toContain("nothing to do");
  });

  it("replaces the containers of the image that changed, and no others", async () => {
    const web = await running("web");
    await at.now.context.write({ "worker/words.txt": "two" });
    const { said: preview } = await at.run("deploy", "--preview");
    expect(preview.stdout).toMatch(/build shop-worker \S+ {3}1 file changed \(worker\/words\.txt\)/);
    expect(preview.stdout).toMatch(/start shop-worker-/);
    expect(preview.stdout).not.toMatch(/(?:start|stop|switch) shop-web/);
    const { said } = await at.deployed();
    expect(said.stdout).not.toContain("build shop ");
    expect(await words()).toBe("two");
    expect(await running("web")).toBe(web);
  });

  it("goes back with all of its images, and builds nothing", async () => {
    const web = await running("web");
    const { said } = await at.run("rollback", "--yes");
    expect(said.code, said.stdout + said.stderr).toBe(0);
    expect(await words()).toBe("one");
    expect(await running("web")).toBe(web);
    expect(said.stdout).not.toContain("build shop");
    const { releases } = JSON.parse((await at.run("releases", "--json")).said.stdout) as ReleasesReport;
    expect(releases[0]).toMatchObject({ release: releases[2]?.release, without_pull: true });
    expect((await at.deployed()).engines).toEqual([]);
  });
});
