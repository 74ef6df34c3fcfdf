import { describe, expect, it } from "vitest";
import { printedTogether, type Saying } from "../../../../cli/engine/sayings.ts";

const plan = (noun: string, name: string, text: string): Saying => ({ kind: "plan", type: `slipway:${noun}`, name, text });
const step = (op: string, type: string, name: string): Saying => ({ kind: "step", op, type, name });
const proxy = (host: string): Saying => plan("Proxy", `${host}-proxy`, `${host}   run kamal-proxy v0.9.2`);
const docker = (host: string, text = "install Docker"): Saying => plan("DockerEngine", `${host}-docker`, `${host}   ${text}`);

const printed = (sayings: readonly Saying[]): string =>
  printedTogether(sayings)
    .map(({ heading, text }) => `${heading}\n${text}`)
    .join("\n");

const THIRTY = Array.from({ length: 30 }, (_, at) => `web-${at + 1}`);

describe("what resources say at the same time", () => {
  it("is said once where only the host differs", () => {
    expect(printed(THIRTY.map(proxy))).toBe("slipway:Proxy web-1-proxy … web-30-proxy\nweb-1 … web-30   run kamal-proxy v0.9.2");
  });

  it("is in the same order, whichever came first", () => {
    const all = [...THIRTY.slice(0, 12).flatMap((host) => [proxy(host), docker(host)]), plan("Release", "shop", "release v2")];
    const expected = [
      "slipway:DockerEngine web-1-docker … web-12-docker\nweb-1 … web-12   install Docker",
      "slipway:Proxy web-1-proxy … web-12-proxy\nweb-1 … web-12   run kamal-proxy v0.9.2",
      "slipway:Release shop\nrelease v2",
    ].join("\n");
    expect(printed(all)).toBe(expected);
    expect(printed(all.toReversed())).toBe(expected);
  });

  it("shows the host that differs", () => {
    expect(printed([docker("web-1"), docker("web-2", "start Docker, found stopped"), docker("web-3")])).toBe(
      [
        "slipway:DockerEngine web-1-docker, web-3-docker\nweb-1, web-3   install Docker",
        "slipway:DockerEngine web-2-docker\nweb-2   start Docker, found stopped",
      ].join("\n"),
    );
  });

  it("counts hosts whose names are no range, and names them", () => {
    const hosts = ["amber", "blue", "cyan", "dust", "ebony", "fern", "green", "hazel", "ivory"];
    expect(printed(hosts.map(proxy))).toBe(
      "slipway:Proxy (9)\n9 hosts   run kamal-proxy v0.9.2\n  on amber, blue, cyan, dust, ebony, fern, green, hazel, ivory",
    );
  });

  it("is not mixed up where a text names its host once more, or another thing", () => {
    const db = (host: string, note: string) => plan("Accessory", `db-${host}`, `db on ${host}   run postgres:18${note}`);
    expect(printedTogether([db("web-1", ""), db("web-2", "")])).toHaveLength(1);
    expect(printedTogether([db("web-1", "\n  data of web-1"), db("web-2", "\n  data of web-2")])).toHaveLength(2);
    expect(printedTogether([db("web-1", ""), plan("Accessory", "cache-web-2", "cache on web-2   run postgres:18")])).toHaveLength(
      2,
    );
  });

  it("keeps all that one resource says, in its order", () => {
    const said = ["release v2", "released v2 in 1 s"].map((text) => plan("Release", "shop", text));
    expect(printed(said)).toBe("slipway:Release shop\nrelease v2\nslipway:Release shop\nreleased v2 in 1 s");
  });

  it("begins with what the engine does itself", () => {
    const server = "hcloud:index/server:Server";
    expect(printed([proxy("web-1"), step("create", server, "web-1"), step("create", server, "web-2")])).toBe(
      `\ncreate ${server} web-1, web-2\nslipway:Proxy web-1-proxy\nweb-1   run kamal-proxy v0.9.2`,
    );
  });
});

describe("hosts that could not be looked at", () => {
  const note = (host: string) => `planned without a look at the host: 203.0.113.${host.split("-")[1]}:22 refused the connection`;

  it("are named once, below what would be done on all of them", () => {
    const hosts = ["web-1", "web-2", "web-3"];
    const release = `release v2\n${hosts.map((host) => `  ${host}  ${note(host)}`).join("\n")}`;
    const sayings = hosts.map((host) => docker(host, `install Docker if it is missing\n  ${note(host)}`));
    expect(printed([...sayings, plan("Release", "shop", release)])).toBe(
      [
        "slipway:DockerEngine web-1-docker … web-3-docker\nweb-1 … web-3   install Docker if it is missing",
        `slipway:Release shop\n${release}`,
      ].join("\n"),
    );
  });

  it("are named where nothing else names them", () => {
    const alone = docker("web-1", `install Docker\n  ${note("web-1")}`);
    expect(printed([alone])).toContain(note("web-1"));
  });
});
