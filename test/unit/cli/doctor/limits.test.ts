import { describe, expect, it } from "vitest";
import { checkLimits } from "../../../../cli/doctor/check-limits.ts";
import { read } from "../../config/fixture.ts";
import { anOpenHost, known } from "./fixture.ts";

const config = read({
  servers: { web: { hosts: { "web-1": "203.0.113.10" }, options: { memory: "64m", cpus: 0.5 } } },
  accessories: { cache: { image: "redis:8", host: "web-1", options: { memory: "64m" } } },
});
const on = (memory: boolean) => anOpenHost({ supports: known({ memory, cpus: true, pids: false }) });

describe("limits that a host cannot enforce", () => {
  it("are wrong where they are declared, each by its key", () => {
    expect(checkLimits(on(false), config)).toMatchObject([
      {
        check: "limits",
        result: "wrong",
        found: "the kernel cannot enforce slipway:servers.web.options.memory, slipway:accessories.cache.options.memory",
        next: expect.stringContaining("cgroup_enable=memory"),
      },
    ]);
  });

  it("are not mentioned where the host can, and where none is declared", () => {
    expect(checkLimits(on(true), config)).toEqual([]);
    expect(checkLimits(on(false), read({ servers: { web: { hosts: { "web-1": "203.0.113.10" } } } }))).toEqual([]);
  });
});
