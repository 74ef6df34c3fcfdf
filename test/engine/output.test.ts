import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lab } from "../../lab/lab.ts";
import { LabStack, type StackValues } from "../../lab/stack.ts";
import { freshHosts } from "../support/hosts.ts";
import { askInTerminal, slipway } from "../support/slipway.ts";

/** Longer than ten seconds: without a terminal, its status is a line twice. */
const SLOW_BOOT = 11_000;

const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;

describe("what a person sees of a run", () => {
  let lab: Lab;
  let stack: LabStack;
  let names: string;

  beforeAll(async () => {
    lab = await freshHosts(3);
    names = `${lab.hosts[0]?.name} … ${lab.hosts[2]?.name}`;
    stack = await LabStack.create(lab, { image: (await lab.image("shop", "v1")).ref, drain_timeout: 5 });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const deployment = async (values: StackValues): Promise<string> => {
    await stack.configure(values);
    const { code, stdout, stderr } = await slipway(stack, "deploy");
    expect(code, stderr).toBe(0);
    return stdout;
  };

  const booting = (milliseconds: number): StackValues => ({
    env: { clear: { BOOT_DELAY_MS: String(milliseconds) } },
    deploy_timeout: 60,
  });

  it("is in the first preview what is the same on all hosts, once and in order, and nothing of Docker, which they have", async () => {
    const { code, stdout, stderr } = await slipway(stack, "deploy", "--preview");
    expect(code, stderr).toBe(4);
    expect(stdout.split("\n").filter((line) => !line.startsWith("    "))).toEqual([
      expect.stringMatching(/^slipway:RegistryLogin \S+ … \S+-registry$/),
      expect.stringMatching(new RegExp(`^ {2}${names} {3}log in to `)),
      expect.stringMatching(/^slipway:Proxy \S+ … \S+-proxy$/),
      expect.stringMatching(new RegExp(`^ {2}${names} {3}.*run kamal-proxy`)),
      "slipway:Release shop",
      expect.stringMatching(/^ {2}release v1-/),
      expect.stringMatching(/^\d+ to create, 0 unchanged$/),
      "",
    ]);
    expect(stdout).toMatch(new RegExp(`^ {4}${names} {2}start shop-web-.* {3}first release$`, "m"));
  });

  it("is in Pulumi's preview each plan once, under Diagnostics, and in no row", async () => {
    const { code, output } = await stack.launch(["preview"], { SLIPWAY_DISPLAY: "log" }).done;
    expect(code, output).toBe(0);
    for (const { name } of lab.hosts) expect(count(output, new RegExp(`${name} {3}.*run kamal-proxy`))).toBe(1);
    expect(count(output, /release v1-\w+ {3}image/)).toBe(1);
    expect(output).not.toMatch(/Docker where|install Docker/);
  });

  it("is of a slow boot a line every ten seconds where no terminal is", { tags: "long" }, async () => {
    const stdout = await deployment(booting(SLOW_BOOT));
    expect(count(stdout, "healthy 0/3 (")).toBeGreaterThan(0);
    expect(count(stdout, "healthy 0/3 (")).toBeLessThanOrEqual(2);
    expect(count(stdout, /released v1-\w+ in/)).toBe(1);
    // Its steps are those of the plan.
    expect(stdout).not.toMatch(/^ {2}(?:create network|run kamal-proxy)/m);
  });

  it("is of a slow boot a line that changes on a terminal", { tags: "long" }, async () => {
    await stack.configure(booting(3_000));
    const { code, stdout } = await askInTerminal(stack, "cols 100 rows 40", "deploy").done;
    expect(code, stdout).toBe(0);
    const [boot = ""] = stdout.split("\n").filter((line) => line.includes("healthy 0/3 ("));
    expect(count(boot, "healthy 0/3 (")).toBeGreaterThan(1);
    expect(count(boot, "\r\u001b[2K")).toBeGreaterThan(1);
    expect(count(stdout, "healthy 0/3 (")).toBe(count(boot, "healthy 0/3 ("));
  });

  it("is each plan once also of a preview and its update, and no status is left in the row of what is done", async () => {
    await deployment({});
    await stack.configure({ env: { clear: { BOOT_DELAY_MS: "500" } }, proxy: { app_port: 3000, response_timeout: 31 } });
    const { code, stdout, stderr } = await slipway(stack, "pulumi up --yes");
    expect(code, stderr).toBe(0);
    expect(count(stdout, new RegExp(`${names} {2}start shop-web-`))).toBe(1);
    const done = stdout.split("\n").filter((line) => / (?:created|updated) \(/.test(line));
    expect(done).toEqual([expect.stringMatching(/Release shop updated \(.*released v1-/)]);
  });
});
