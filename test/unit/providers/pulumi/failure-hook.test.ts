import { expect, it } from "vitest";
import { FailureHook } from "../../../../providers/pulumi/failure-hook.ts";
import { RunHooks } from "../../../../providers/pulumi/hooks/run-hooks.ts";

/** What is shown, line by line: how much of it comes at once is up to the pipe. */
async function printed(hooks: object, failures: readonly Error[], timeout?: number): Promise<string[]> {
  const said: string[] = [];
  const report = {
    status() {},
    say: (text: string) => void said.push(text),
    warn: (text: string) => void said.push(`warning: ${text}`),
  };
  const config: Record<string, string> = { "slipway:hooks": JSON.stringify(hooks), "slipway:service": "shop" };
  if (timeout !== undefined) config["slipway:hooks_timeout"] = JSON.stringify({ on_failure: timeout });
  const hook = new FailureHook(new RunHooks({ get: (key) => config[key] }, "production", process.cwd(), async () => ({})));
  for (const failure of failures) await hook.run(failure, report);
  return said.flatMap((text) => text.split("\n"));
}

it("receives what went wrong and where, once in a run", async () => {
  const on_failure = ['echo "$SLIPWAY_SERVICE on $SLIPWAY_STACK: $SLIPWAY_ERROR"', "echo over"];
  expect(await printed({ on_failure }, [new Error("web-1: it's down"), new Error("later")])).toEqual([
    "hooks.on_failure:",
    "  shop on production: web-1: it's down",
    "  over",
  ]);
});

it("that fails itself is reported, and no more", async () => {
  expect(await printed({ on_failure: ["echo first; exit 3", "echo never"] }, [new Error("x")])).toEqual([
    "hooks.on_failure:",
    "  first",
    "warning: hooks.on_failure failed: exit code 3",
  ]);
});

it("that is not there does nothing", async () => expect(await printed({ pre_deploy: "exit 1" }, [new Error("x")])).toEqual([]));

it("receives the beginning of a message that is too long for a variable", async () => {
  const on_failure = 'printf %s "$SLIPWAY_ERROR" | wc -c; printf %s "$SLIPWAY_ERROR" | head -c 20';
  const said = await printed({ on_failure }, [new Error(`shop was not released${"x".repeat(200_000)}`)]);
  expect(said).toEqual(["hooks.on_failure:", expect.stringMatching(/^ {2}3\d{4}$/), "  shop was not release"]);
});

it("receives no bytes that act on a shell or a terminal", async () => {
  const on_failure = 'printf %s "$SLIPWAY_ERROR" | od -An -c | tr -d " \\n"';
  expect(await printed({ on_failure }, [new Error("a\0b \u001b[31mred\u001b[0m\nnext")])).toEqual([
    "hooks.on_failure:",
    "  abred\\nnext",
  ]);
});

it("does not see what gives access to the state and the cloud", async () => {
  process.env.PULUMI_CONFIG_PASSPHRASE = "canary";
  process.env.HCLOUD_TOKEN = "canary";
  process.env.PAGER_URL = "https://pager.example";
  const said = await printed({ on_failure: "env | grep -E 'canary|PAGER_URL'" }, [new Error("x")]);
  for (const name of ["PULUMI_CONFIG_PASSPHRASE", "HCLOUD_TOKEN", "PAGER_URL"]) delete process.env[name];
  expect(said).toEqual(["hooks.on_failure:", "  PAGER_URL=https://pager.example"]);
});

it("may print more than is kept: the end of it", async () => {
  const said = await printed({ on_failure: "head -c 300000 /dev/zero | tr '\\0' x; echo; echo the end" }, [new Error("x")]);
  expect(said.at(-1)).toBe("  the end");
  expect(said.join("\n").length).toBeLessThan(200_000);
  expect(said.filter((line) => line.includes("…"))).toHaveLength(1);
});

it("that hangs is ended, with what it started", async () => {
  const before = Date.now();
  expect(await printed({ on_failure: "echo begun; sleep 30 & sleep 30" }, [new Error("x")], 0.3)).toEqual([
    "hooks.on_failure:",
    "  begun",
    "warning: hooks.on_failure failed: it did not end within 0.3 s",
  ]);
  expect(Date.now() - before).toBeLessThan(10_000);
});
