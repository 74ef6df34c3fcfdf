import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileOfMoment, MOMENTS } from "../../../core/hook.ts";
import { BuildingStack } from "../../support/building-stack.ts";

const SECRET = "sk_live_canary";

/** Each notes itself, with what it knows, and fails while there is a file beside it that says so. */
const folder = mkdtempSync(join(tmpdir(), "slipway-hooks-"));
for (const name of MOMENTS.map(fileOfMoment))
  writeFileSync(
    join(folder, name),
    `#!/bin/sh
echo "${name} $KAMAL_HOSTS $KAMAL_SERVICE_VERSION $KAMAL_LOCK $TOKEN" >>${folder}/ran
if [ -e "$0.fails" ]; then echo "${name} says no to $TOKEN"; exit 9; fi
`,
    { mode: 0o755 },
  );
afterAll(() => rmSync(folder, { recursive: true }));

describe("hooks", () => {
  const at = new BuildingStack(
    "containerd",
    ({ context }) => ({ builder: { context: context.folder }, boot: { limit: 1 }, hooks_path: folder }),
    2,
  );
  beforeAll(() => at.now.stack.secrets({ "slipway:secrets.TOKEN": SECRET }));

  /** What has run since the last time, without the secret that all have. */
  async function ran(): Promise<string[]> {
    const text = await readFile(join(folder, "ran"), "utf8").catch(() => "");
    await rm(join(folder, "ran"), { force: true });
    const lines = text.split("\n").slice(0, -1);
    for (const line of lines) expect(line).toMatch(new RegExp(` ${SECRET}$`));
    return lines.map((line) => line.replace(` ${SECRET}`, ""));
  }
  const names = (lines: readonly string[]) => lines.map((line) => line.split(" ")[0]);

  /** One run in which a hook fails. */
  async function failing(name: string): Promise<{ text: string; ran: (string | undefined)[] }> {
    await writeFile(join(folder, `${name}.fails`), "");
    const { said, text } = await at.run("deploy");
    await rm(join(folder, `${name}.fails`));
    expect(said.code, text).not.toBe(0);
    expect(text).toContain("HOOK_FAILED");
    expect(text).toContain(`hooks.${name.replaceAll("-", "_")} failed: exit code 9`);
    expect(text).toContain(`| ${name} says no to [secret]`);
    expect(text).not.toContain("canary");
    return { text, ran: names(await ran()) };
  }

  it("run at their moments, in order, with what they need to know", async () => {
    const { text } = await at.deployed();
    const [first, second] = at.now.lab.hosts.map(({ address }) => address).sort();
    const both = `${first},${second}`;
    const commit = await at.now.context.git("rev-parse", "--short", "HEAD");
    const lines = await ran();
    expect(lines.slice(1, 3).sort()).toEqual([`docker-setup ${first} shop false`, `docker-setup ${second} shop false`]);
    expect(lines.toSpliced(1, 2)).toEqual([
      `pre-connect ${both} shop false`,
      `pre-build ${both} shop@${commit} false`,
      `pre-deploy ${both} shop@${commit} false`,
      `pre-app-boot ${first} shop@${commit} true`,
      `post-app-boot ${first} shop@${commit} true`,
      `pre-app-boot ${second} shop@${commit} true`,
      `post-app-boot ${second} shop@${commit} true`,
      `post-deploy ${both} shop@${commit} false`,
    ]);
    expect(text).toContain("run hooks.pre_app_boot and hooks.post_app_boot around each start");
    expect(text).not.toContain("canary");
    expect(await at.now.stack.exported()).not.toContain("canary");
  });

  it("do not run where nothing is to be done", async () => {
    const { text, engines } = await at.deployed("--verbose");
    expect(engines, text).toEqual([]);
    expect(text).toContain("nothing to do");
    expect(await ran()).toEqual([]);
  });

  it("run around the replacement of a proxy, and no others but that of the connection", async () => {
    await at.now.stack.configure({ proxy: { app_port: 3000, run: { log_max_size: "11m" } } });
    await at.deployed();
    const lines = await ran();
    for (const { address } of at.now.lab.hosts)
      expect(lines.filter((line) => line.includes(` ${address} `))).toEqual([
        `pre-proxy-reboot ${address} shop true`,
        `post-proxy-reboot ${address} shop true`,
      ]);
    expect([names(lines)[0], lines.length]).toEqual(["pre-connect", 5]);
  });

  it("after a start takes the release back when it fails, and what ran once for the release does not run again", async () => {
    await at.now.context.write({ "page.txt": "two" });
    const { text, ran: before } = await failing("post-app-boot");
    expect(before).toEqual(["pre-connect", "pre-build", "pre-deploy", "pre-app-boot", "post-app-boot", "on-failure"]);
    expect(text).toMatch(/serves now: .*switched back; candidates were removed\./);
    await at.deployed();
    expect(names(await ran())).toEqual([
      ...["pre-connect", "pre-app-boot", "post-app-boot", "pre-app-boot", "post-app-boot", "post-deploy"],
    ]);
  });

  it("before a release stops it when it fails, and the next run runs it again", { tags: "long" }, async () => {
    await at.now.context.write({ "page.txt": "three" });
    const { text, ran: before } = await failing("pre-deploy");
    expect(before).toEqual(["pre-connect", "pre-build", "pre-deploy", "on-failure"]);
    expect(text).toContain("the release has not begun");
    await at.deployed();
    expect(names(await ran())).toEqual([
      ...["pre-connect", "pre-deploy", "pre-app-boot", "post-app-boot", "pre-app-boot", "post-app-boot", "post-deploy"],
    ]);
  });

  it.each<[string, string[]]>([
    ["pre-connect", ["pre-connect", "on-failure"]],
    ["pre-build", ["pre-connect", "pre-build", "on-failure"]],
    ["pre-app-boot", ["pre-connect", "pre-build", "pre-deploy", "pre-app-boot", "on-failure"]],
  ])("%s that fails stops the run before what it guards", { tags: "long" }, async (name, expected) => {
    await at.now.context.write({ "page.txt": name });
    expect((await failing(name)).ran).toEqual(expected);
  });

  it("after the release is reported when it fails, and runs again", { tags: "long" }, async () => {
    await at.now.context.write({ "page.txt": "four" });
    const { text } = await failing("post-deploy");
    expect(text).toContain("serves now: the new release, on all hosts: it is done");
    await at.deployed();
    expect(names(await ran())).toEqual(["pre-connect", "post-deploy"]);
  });

  it("before the replacement of a proxy leaves it as it is", { tags: "long" }, async () => {
    await at.now.stack.configure({ proxy: { app_port: 3000, run: { log_max_size: "12m" } } });
    const { text, ran: before } = await failing("pre-proxy-reboot");
    expect(text).toContain("the proxy was not replaced");
    expect(before).not.toContain("post-proxy-reboot");
  });
});
