import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import Dockerode from "dockerode";
import { afterEach, describe, expect, it } from "vitest";
import { LabHost } from "../../../lab/host.ts";
import { Relay } from "../../../lab/relay.ts";
import { Blow } from "../../faults/matrix/blow.ts";
import { ChildRun } from "../../faults/matrix/child-run.ts";
import type { Fault } from "../../faults/matrix/fault.ts";
import type { Point } from "../../faults/matrix/point.ts";

const BEFORE: Point = { host: "fr-1", call: "kamal-proxy deploy shop-web", nth: 1, moment: "before" };

/** Strikes as slowly as a host whose Docker has containers to stop. */
class SlowFault implements Fault {
  readonly name = "dockerd";
  readonly happens = "";
  readonly outage = true;
  readonly heals = "meanwhile";
  readonly log: string[] = [];
  struck: () => void = () => {};
  readonly concerns = () => true;
  readonly strike = () =>
    new Promise<void>((resolve) => {
      this.log.push("strikes");
      this.struck = () => {
        this.log.push("has struck");
        resolve();
      };
    });
  readonly heal = async () => void this.log.push("heals");
}

describe("the fault of one cell", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

  const scene = async (port = 1) => {
    const identity = { name: "fr-1", address: "127.0.0.1", hostKey: "", container: "none" };
    const host = new LabHost(new Dockerode(), identity, { proxyArchive: async () => Buffer.alloc(0) });
    const relay = await Relay.to({ address: "127.0.0.1", port });
    const run = new ChildRun();
    closing.push(
      () => run.kill(),
      () => relay.close(),
    );
    return { scene: { host, relay, registry: "127.0.0.1:1" }, run };
  };

  it("is over only when it has struck and the host is well, though the run that met it has ended", async () => {
    const { scene: there, run } = await scene();
    const fault = new SlowFault();
    const blow = new Blow(BEFORE, fault, there);
    void blow.visit(BEFORE, run);
    let isOver = false;
    const over = blow.over().then((hasStruck) => {
      isOver = true;
      return hasStruck;
    });
    await Promise.resolve();
    expect({ isOver, log: fault.log }).toEqual({ isOver: false, log: ["strikes"] });
    fault.struck();
    expect(await over).toBe(true);
    expect(fault.log).toEqual(["strikes", "has struck", "heals"]);
  });

  it("does not strike a later run when the one that it was aimed at ended without sending anything", async () => {
    // The relay resets what is open when it is closed.
    const echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
    await once(echo, "listening");
    const { scene: there, run } = await scene((echo.address() as AddressInfo).port);
    const fault = new SlowFault();
    const blow = new Blow({ ...BEFORE, moment: "during" }, fault, there);
    const meanwhile = await blow.visit(BEFORE, run);
    const aimed = meanwhile?.();
    expect(await blow.over()).toBe(false);

    const later = connect(there.relay.port, "127.0.0.1");
    later.write("the next run");
    await once(later, "data");
    await aimed;
    later.destroy();
    echo.close();
    expect(fault.log).toEqual([]);
  });
});
