import { describe, expect, it } from "vitest";
import type { Section } from "../fixture.ts";

import { db, refused } from "./fixture.ts";

describe("port", () => {
  const publish = (part: Section) => db(part).publish;
  const on = (ip: string, hostPort = 5432, containerPort = 5432) => ({ ip, hostPort, containerPort, protocol: "tcp" });

  it("is one of several: others are among its options", () => {
    const made = db({ port: 9000, public: true, options: { publish: ["0.0.0.0:5001:5001", "5002:5003/udp"] } });
    expect(
      [made.publish, ...made.morePorts].map((one) => `${one?.ip}:${one?.hostPort}:${one?.containerPort}/${one?.protocol}`),
    ).toEqual(["0.0.0.0:9000:9000/tcp", "0.0.0.0:5001:5001/tcp", "127.0.0.1:5002:5003/udp"]);
    expect(db({ public: true, options: { publish: "0.0.0.0:5001:5001" } }).publish).toBeUndefined();
    expect(made.options).not.toHaveProperty("publish");
  });

  it("is on loopback by default", () => {
    expect(publish({ port: 5432 })).toEqual(on("127.0.0.1"));
    expect(publish({ port: "5432" })).toEqual(on("127.0.0.1"));
    expect(publish({ port: "5433:5432" })).toEqual(on("127.0.0.1", 5433));
  });
  it("is on an address that is written", () => {
    expect(publish({ port: "10.0.0.5:5433:5432" })).toEqual(on("10.0.0.5", 5433));
    expect(publish({ port: "[fd00::5]:5432:5432" })).toEqual(on("fd00::5"));
  });
  it("is on all of them only where that is written", () => {
    expect(publish({ port: 5432, public: true })).toEqual(on("0.0.0.0"));
    expect(publish({ port: "5433:5432", public: true })).toEqual(on("0.0.0.0", 5433));
    expect(publish({ port: "203.0.113.10:5432:5432", public: true })).toEqual(on("203.0.113.10"));
  });

  const OPEN = "is reachable from outside: add public: true, or use a private address";
  it.each<[string, Section, string]>([
    ["all addresses", { port: "0.0.0.0:5432:5432" }, `.port "0.0.0.0:5432:5432" ${OPEN}`],
    ["a public address", { port: "203.0.113.10:5432:5432" }, `.port "203.0.113.10:5432:5432" ${OPEN}`],
    ["a public address, version 6", { port: "[2001:db8::1]:5432:5432" }, `.port "[2001:db8::1]:5432:5432" ${OPEN}`],
    ["public without port", { public: true }, ".public needs port: the port of the host"],
    ["public loopback", { port: "127.0.0.1:1:1", public: true }, ".public not allowed: 127.0.0.1 is loopback"],
    ["nonsense", { port: "a:b" }, '.port "a:b" is not [ip:]hostPort:containerPort[/tcp|udp]'],
    ["a number too large", { port: "70000" }, '.port "70000:70000": a port is a number from 1 to 65535'],
  ])("refuses %s", (_, part, problem) => refused(part, problem));

  it("refuses one host's address for several", () =>
    refused(
      { host: undefined, hosts: ["10.0.0.5", "10.0.0.6"], port: "10.0.0.5:5432:5432" },
      ".port 10.0.0.5 belongs to one host, but the accessory runs on 10.0.0.5, 10.0.0.6: define an accessory for each host",
    ));
});
