import { describe, expect, it } from "vitest";
import { TrafficCount, trafficSince } from "../../../lab/traffic.ts";

describe("the traffic of a relay", () => {
  it("has a turn for each time that a client sends after an answer, however many parts either has", () => {
    const count = new TrafficCount();
    const connection = count.connection();
    connection.sent(10);
    connection.sent(10);
    connection.received(100);
    connection.received(50);
    connection.sent(1);
    connection.sent(2);
    connection.received(5);
    expect(count.total).toEqual({ connections: 1, turns: 1, up: 23, down: 155 });
  });

  it("has the turns of each connection for itself", () => {
    const count = new TrafficCount();
    const [one, other] = [count.connection(), count.connection()];
    one.sent(1);
    one.received(1);
    other.sent(1);
    expect(count.total.turns).toBe(0);
    one.sent(1);
    expect(count.total).toEqual({ connections: 2, turns: 1, up: 3, down: 1 });
  });

  it("is what was added since a moment", () => {
    const count = new TrafficCount();
    count.connection().sent(7);
    const before = count.total;
    count.connection().received(8);
    expect(trafficSince(before, count.total)).toEqual({ connections: 1, turns: 0, up: 0, down: 8 });
  });
});
