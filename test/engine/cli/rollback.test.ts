import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PushedImage } from "../../../lab/app.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { LabStack } from "../../../lab/stack.ts";
import { Calls, enginesIn } from "../../support/calls.ts";
import { freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { done, mutationsDuring, nothingOn, update } from "../../support/outcome.ts";
import { type Asking, askInTerminal, type Said, slipway } from "../../support/slipway.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "stacks");
const QUESTION = "again? [y/N]";

describe("a rollback without a new secret", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let calls: Calls;
  let [v1, v2]: PushedImage[] = [];

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    [v1, v2] = [await lab.image("shop", "v1"), await lab.image("shop", "v2")];
    const values = { image: v1.ref, env: { clear: { COLOR: "red" }, secret: ["TOKEN"] } };
    stack = await LabStack.create(lab, values, { "slipway:secrets.TOKEN": "canary-t0ken" });
    await done(update(stack));
    await stack.configure({ image: v2.ref, env: { clear: { COLOR: "blue" }, secret: ["TOKEN"] } });
    await done(update(stack));
    calls = await Calls.of(stack);
  });
  afterAll(async () => {
    await calls[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });

  const file = () => readFile(join(FOLDER, `Pulumi.${stack.name}.yaml`), "utf8");
  const version = async () => (await (await fetch(`http://${host.address}/version`)).text()).trim();
  const updates = async () =>
    (await readdir(join(stack.stateFolder, ".pulumi", "history", "slipway", stack.name))).filter((name) =>
      name.endsWith(".history.json"),
    ).length;
  /** At its question. */
  const atQuestion = async (...args: readonly string[]): Promise<Asking> => {
    const asking = askInTerminal(stack, "rows 40 cols 200", "rollback", ...args);
    await asking.saw(QUESTION);
    return asking;
  };
  const answer = async (asking: Asking, text: string): Promise<Said> => {
    asking.process.stdin.write(`${text}\n`);
    return asking.done;
  };

  it("is one process of Pulumi, one update and one connection, and prints its plan once", async () => {
    const before = await updates();
    let said: Said | undefined;
    const made = await calls.during(async () => {
      said = await slipway(stack, "rollback", "--yes");
    });
    expect(said?.code, `${said?.stdout}${said?.stderr}`).toBe(0);
    expect(made).toEqual(["up"]);
    expect(await updates()).toBe(before + 1);
    expect(said?.trace.filter(({ kind }) => kind === "connect")).toHaveLength(1);
    expect(said?.stdout).toContain("config: ~slipway:env.clear.COLOR, ~slipway:image\n");
    expect(said?.stdout.match(/^ *release v1-[0-9a-f]{8} {2}\(was v2-/gm)).toHaveLength(1);
    expect(await version()).toBe("v1");
    expect(await file()).toContain(`${v1?.ref}@${v1?.digest}`);
    // The next deploy finds that as declared, and knows it without the engine.
    const next = await calls.during(() => slipway(stack, "deploy"));
    expect(enginesIn(next)).toEqual([]);
  });

  it("shows a person the plan from its own look, and changes nothing before there is a yes", async () => {
    const before = await file();
    let said: Said | undefined;
    const made = await calls.during(async () => {
      const mutations = await mutationsDuring([host], async () => {
        const asking = await atQuestion("--to", "v2");
        expect(await file()).toBe(before);
        said = await answer(asking, "n");
      });
      expect(mutations).toEqual(nothingOn([host]));
    });
    expect(said?.code, said?.stdout).toBe(1);
    expect(said?.stdout).toMatch(
      /slipway:Release shop\r\n {2}release v2-[0-9a-f]{8} {2}\(was v1-[\s\S]*re-create shop-web-.* · switch shop-web-/,
    );
    expect(enginesIn(made)).toEqual([]);
    expect(await file()).toBe(before);
    expect(await version()).toBe("v1");
  });

  it("releases what was shown by one run, which does not repeat it", async () => {
    let said: Said | undefined;
    const made = await calls.during(async () => {
      said = await answer(await atQuestion("--to", "v2"), "y");
    });
    expect(said?.code, said?.stdout).toBe(0);
    expect(enginesIn(made)).toEqual(["up"]);
    expect(said?.stdout.match(/^ *release v2-[0-9a-f]{8} {2}\(was v1-/gm)).toHaveLength(1);
    expect(said?.stdout).toMatch(/released v2-[0-9a-f]{8} in [\d.]+ s/);
    expect(await version()).toBe("v2");
  });

  it("does not release another plan than the one that was shown", async () => {
    const before = await file();
    const asking = await atQuestion("--to", "v1");
    const { id } = await liveOf(host);
    await host.docker.getContainer(id).stop();
    let said: Said | undefined;
    const mutations = await mutationsDuring([host], async () => {
      said = await answer(asking, "y");
    });
    expect(said?.stdout).toContain("the plan is not the one that was shown any more");
    expect(said?.stdout).toContain("error[PLAN_STALE]");
    expect(said?.stdout).toContain("is as it was before");
    expect(said?.code).toBe(3);
    // That of the container which was stopped may come later than Docker's answer.
    expect(mutations[host.name]?.filter((event) => event.id !== id)).toEqual([]);
    expect(await file()).toBe(before);
    expect((await slipway(stack, "deploy")).code).toBe(0);
    expect(await version()).toBe("v2");
  });

  it("shows a preview of the engine where a secret changes, and undoes its config when it is killed before the yes", async () => {
    await stack.secrets({ "slipway:secrets.TOKEN": "another-t0ken" });
    expect((await slipway(stack, "deploy")).code).toBe(0);
    const before = await file();
    let asking: Asking | undefined;
    const made = await calls.during(async () => {
      asking = await atQuestion("--to", "v1");
    });
    expect(enginesIn(made)).toEqual(["preview"]);
    expect(asking?.output()).toContain("the engine makes the plan, in a run of its own: secrets change");
    expect(await file()).not.toBe(before);
    const [, journal = ""] =
      /"pid":(\d+)/.exec(await readFile(join(FOLDER, `.Pulumi.${stack.name}.yaml.rollback`), "utf8")) ?? [];
    process.kill(Number(journal), "SIGKILL");
    await asking?.done;
    const { code, stdout, stderr } = await slipway(stack, "deploy");
    expect(stderr).toMatch(/a rollback to v1-\w+ was killed before it released anything; .* is as it was before it/);
    expect(code, stdout + stderr).toBe(0);
    expect(await file()).toBe(before);
    expect(await version()).toBe("v2");
  });
});
