import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Deadline } from "../../../../core/deadline.ts";
import { ENDS_WITH_INPUT } from "../../../../hosts/ssh/stream.ts";

/** As sshd runs it on a host. */
const start = (...argv: readonly string[]): ChildProcessWithoutNullStreams =>
  spawn("sh", ["-c", ENDS_WITH_INPUT, "slipway-server-exec", ...argv]);

const codeOf = async (running: ChildProcessWithoutNullStreams): Promise<unknown> => (await once(running, "exit"))[0];

describe("the script that runs a command on a host", () => {
  it("passes on its words, both outputs and its exit code, and gives it an empty input", async () => {
    const running = start("sh", "-c", 'cat; printf "%s|" "$@"; echo oops >&2; exit 7', "sh", "a b", "c'd", "");
    const [code, stdout, stderr] = await Promise.all([codeOf(running), text(running.stdout), text(running.stderr)]);
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: "a b|c'd||", stderr: "oops\n" });
  });

  it("counts a signal as shells do", async () => {
    expect(await codeOf(start("sh", "-c", "kill -KILL $$"))).toBe(137);
  });

  it("ends the command and all that it has started when its input ends", async () => {
    const running = start("sh", "-c", "sleep 300 & echo $!; wait");
    const [first]: Buffer[] = await once(running.stdout, "data");
    const child = Number(first?.toString());
    running.stdin.end();
    const [code] = await Promise.all([
      codeOf(running),
      Deadline.in(5).until(gone(child), () => new Error("its child still runs")),
    ]);
    expect(code).toBe(143);
  });

  it("kills what ignores that", async () => {
    const running = start("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done");
    await once(running.stdout, "data");
    running.stdin.end();
    expect(await codeOf(running)).toBe(137);
  });
});

const gone = (pid: number) => async (): Promise<true | undefined> => {
  try {
    process.kill(pid, 0);
    return undefined;
  } catch {
    return true;
  }
};
