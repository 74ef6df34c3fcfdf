import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { ConnectionLost, type Host } from "../../../hosts/index.ts";
import { OneHost } from "../../../lab/one-host.ts";
import type { ReachOptions } from "../../../lab/reach.ts";

const mine = new OneHost("hosts");
const { name: NAME } = mine;

const reach = (options?: ReachOptions): Host => mine.reach(options);

describe("commands and files", () => {
  it("passes every argument unchanged", async () => {
    const argv = ["it's", '"$(id)"', "a\nb", "-n", "--", "", "ü ☂", "$HOME", "`id`", "\\", "*", "~", "a=b", "!x"];
    const { stdout } = await reach().run(["printf", "%s\\0", ...argv]);
    expect(stdout.split("\0").slice(0, -1)).toEqual(argv);
  });

  it("returns exit code and output, passes stdin, and bounds the output", async () => {
    const host = reach();
    expect(await host.run(["sh", "-c", "cat; echo no >&2; exit 7"], { input: "in" })).toEqual({
      code: 7,
      stdout: "in",
      stderr: "no\n",
    });
    expect((await host.run(["sh", "-c", "kill -9 $$"])).code).toBe(137);
    expect((await host.run(["sh", "-c", "head -c 5000000 /dev/zero"])).stdout).toHaveLength(1024 * 1024);
    expect((await host.run(["no-such-command"])).code).toBe(127);
    for (const code of await Promise.all(Array.from({ length: 100 }, () => host.run(["true"]).then((ran) => ran.code))))
      expect(code).toBe(0);
  });

  it("stops waiting at the deadline and frees its channel", async () => {
    const host = reach();
    const late = Array.from({ length: 6 }, () =>
      host.run(["sleep", "30"], { deadline: Deadline.in(0.5) }).catch((error: Error) => error.message),
    );
    expect(new Set(await Promise.all(late))).toEqual(new Set([`${NAME}: sleep did not finish within 0.5 s`]));
    expect((await host.run(["true"], { deadline: Deadline.in(2) })).code).toBe(0);
  });

  it("writes a complete file with its mode, and leaves nothing else", async () => {
    const host = reach({ user: "root" });
    await host.run(["sh", "-c", "rm -rf /tmp/write; mkdir /tmp/write"]);
    await host.write("/tmp/write/it's a file", "öne\n", { mode: 0o440, owner: "deploy:docker" });
    await host.write("/tmp/write/big", Buffer.alloc(3_000_000, 7), { mode: 0o600 });
    expect(await mine.there.must("cd /tmp/write && stat -c '%a %U:%G %s %n' *")).toContain("440 deploy:docker 5 it's a file");
    expect((await mine.there.must("ls -A /tmp/write")).trim().split("\n")).toHaveLength(2);
    await expect(host.write("/nowhere/x", "", { mode: 0o600 })).rejects.toThrow("was not written");
  });

  it("keeps the old file when the connection is lost partway", async () => {
    const relay = await mine.there.relay();
    await mine.there.must(
      "rm -rf /tmp/half && mkdir -p /tmp/half && echo old > /tmp/half/file && chmod 777 /tmp/half && chown deploy /tmp/half/file",
    );
    const host = reach({ address: relay.address, port: relay.port });
    await host.connect();
    relay.delay(150);
    const written = host.write("/tmp/half/file", Buffer.alloc(50_000_000, 65), { mode: 0o600 }).catch((error: unknown) => error);
    await sleep(700);
    relay.cut();
    expect(await written).toBeInstanceOf(ConnectionLost);
    await Deadline.in(5).until(
      async () => ((await mine.there.must("ls -A /tmp/half")).trim() === "file" ? true : undefined),
      () => new Error("a temp file is left"),
    );
    expect(await mine.there.must("cat /tmp/half/file")).toBe("old\n");
    await relay.close();
  });
});

describe("a probe", () => {
  it("is sent from the host's own network", async () => {
    const host = reach();
    await expect(host.probe({ address: "127.0.0.1", port: 1, path: "/" }, 2)).rejects.toThrow(/^connection refused$/);
    await expect(host.probe({ address: "127.0.0.1", port: 22, path: "/" }, 2)).rejects.toThrow(/^the answer is not HTTP$/);
    await expect(host.probe({ address: "10.213.77.250", port: 80, path: "/" }, 1)).rejects.toThrow(
      /^no (answer in 1 s|route to it)$/,
    );
  });
});
