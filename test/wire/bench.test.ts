import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { Relay } from "../../lab/relay.ts";
import { runMeasured } from "../../tools/bench/measured-run.ts";
import { Lines } from "../../tools/bench/transfer/lines.ts";
import { TreeMemory } from "../../tools/bench/tree-memory.ts";

const here = { cwd: import.meta.dirname, env: process.env };
/** That long of CPU time, however busy the machine is. */
const busy = (ms: number) => `while (process.cpuUsage().user < ${ms} * 1000);`;
const node = (script: string): string => `"${process.execPath}" -e '${script}'`;

describe("a measured run", () => {
  it("has the exit code, the output and the CPU time of a command", async () => {
    const run = await runMeasured(["sh", "-c", `echo out; echo err >&2; ${node(busy(300))}; exit 3`], here);
    expect(run).toMatchObject({ code: 3, output: "out\nerr\n" });
    expect(run.cpu_s).toBeGreaterThan(0.15);
    expect(run.wall_s).toBeGreaterThan(0.3);
  });

  it("counts a process that the command did not wait for, whose time is not that of the command", async () => {
    const run = await runMeasured(["sh", "-c", `${node(busy(1000))} & exit 0`], here);
    expect(run.cpu_s).toBeGreaterThan(0.7);
    expect(run.wall_s).toBeLessThan(1);
  });

  it("says which command could not be started", async () => {
    expect(await runMeasured(["/no/such/command"], here)).toMatchObject({
      code: 127,
      output: expect.stringContaining("/no/such/command"),
    });
  });

  it("has the peak memory of all its processes", async () => {
    const memory = new TreeMemory();
    const eat = `const a = Buffer.alloc(60e6, 1); setTimeout(() => a, 800)`;
    await runMeasured(["sh", "-c", `${node(eat)} & ${node(eat)}; wait`], { ...here, watch: (pid) => memory.watch(pid) });
    const peak = await memory.peak();
    expect(peak).toBeGreaterThan(120);
    expect(peak).toBeLessThan(400);
  });
});

describe("a line of relays", () => {
  it("counts what goes out through each, and all share its speed", async () => {
    const drain = createServer((socket) => socket.on("error", () => {}).resume());
    drain.listen(0, "127.0.0.1");
    await once(drain, "listening");
    const to = { address: "127.0.0.1", port: (drain.address() as AddressInfo).port };
    await using lines = await Lines.open([{ to }, { to }]);
    const send = (port: number, bytes: number) =>
      new Promise((resolve) => connect(port, "127.0.0.1").on("close", resolve).resume().end(Buffer.alloc(bytes)));
    const sendAll = () => Promise.all(lines.ports.map((port, at) => send(port, 100_000 * (at + 1))));
    await sendAll();
    await lines.shape({ rtt_ms: 0, mbit: 7.5 });
    const since = await lines.count();
    const start = performance.now();
    await sendAll();
    // 320 ms for the bytes of both, of which a relay reads 20 ms ahead; 213 ms for those of one.
    expect(performance.now() - start).toBeGreaterThan(280);
    expect(await since()).toEqual([100_000, 200_000]);
    drain.close();
  });
});

describe("a relay", () => {
  it("counts turns as its client sees them, however long the way is", async () => {
    const received = new EventEmitter();
    const echo = createServer((socket) => {
      // The relay resets what is open when it closes.
      socket.on("error", () => {});
      socket.on("data", (data) => {
        socket.write(data);
        received.emit(String(data));
      });
    });
    echo.listen(0, "127.0.0.1");
    await once(echo, "listening");
    const relay = await Relay.to({ address: "127.0.0.1", port: (echo.address() as AddressInfo).port });
    relay.delay(200);
    const client = connect(relay.port, relay.address);
    await once(client, "connect");
    client.write("one");
    await once(client, "data");
    client.write("two");
    // The answer is on its way and not with the client yet: no turn of its own.
    await once(received, "two");
    client.write("three");
    let answered = "";
    while (answered !== "twothree") answered += String((await once(client, "data"))[0]);
    expect(relay.traffic).toEqual({ connections: 1, turns: 1, up: 11, down: 11 });
    client.destroy();
    await relay.close();
    echo.close();
  });
});
