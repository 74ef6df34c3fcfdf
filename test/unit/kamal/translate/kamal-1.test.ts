import { describe, expect, it } from "vitest";
import { SMALLEST, translated, WITHOUT_SERVERS } from "./fixture.ts";

describe("the health check of Kamal 1", () => {
  it.each([
    ["curl -f http://localhost:8000/health || exit 1", { path: "/health", port: 8000 }],
    ["wget -q --spider http://127.0.0.1:3000/up", { path: "/up", port: 3000 }],
    ["curl http://localhost", { path: "/", port: 80 }],
  ])("%s asks over HTTP", (cmd, { path, port }) => {
    const { stack, said } = translated(`${SMALLEST}healthcheck: { cmd: "${cmd}" }\n`);
    expect(stack.proxy).toEqual({ healthcheck: { path }, app_port: port });
    expect(said.join("\n")).not.toContain("needs you");
  });

  it.each(["bin/check", "curl -fL http://localhost/", "curl -f https://localhost/", "curl -f http://localhost:$PORT/up"])(
    "%s needs a person",
    (cmd) =>
      expect(translated(`${SMALLEST}healthcheck: { cmd: "${cmd}" }\n`).said.join("\n")).toContain(
        "needs you 11 healthcheck.cmd: is a command in the container",
      ),
  );

  it("of a role is its own, and of a proxied one the proxy's", () => {
    const yaml = `${WITHOUT_SERVERS}servers:\n  web:\n    hosts: [203.0.113.10]\n    healthcheck: { path: /ok, interval: 5s }\n  jobs:\n    hosts: [203.0.113.10]\n    healthcheck: { cmd: bin/alive, interval: 10s, max_attempts: 3 }\n`;
    expect(translated(yaml).stack.servers).toEqual({
      web: { hosts: ["203.0.113.10"], proxy: { healthcheck: { path: "/ok", interval: 5 } } },
      jobs: { hosts: ["203.0.113.10"], healthcheck: { cmd: ["/bin/sh", "-c", "bin/alive"], interval: 10 } },
    });
  });
});
