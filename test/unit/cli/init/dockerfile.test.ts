import { describe, expect, it } from "vitest";
import { readDockerfile } from "../../../../cli/init/app/dockerfile.ts";

describe("what a Dockerfile says of its container", () => {
  it.each<[what: string, text: string, port: number | undefined, from: string | undefined]>([
    ["EXPOSE", "FROM node:24\nEXPOSE 3000\n", 3000, "EXPOSE"],
    ["EXPOSE with a protocol, and one that is not TCP before it", "FROM a\nEXPOSE 53/udp 8080/tcp\n", 8080, "EXPOSE"],
    ["EXPOSE of a variable", "FROM a\nENV PORT=4000\nEXPOSE $PORT\n", 4000, "EXPOSE"],
    ["EXPOSE of a variable with a default", "FROM a\nEXPOSE ${PORT:-4100}\n", 4100, "EXPOSE"],
    ["the last stage alone", "FROM a AS build\nEXPOSE 1\nFROM b\nEXPOSE 2000\n", 2000, "EXPOSE"],
    ["a stage that the last one is from", "FROM a AS base\nEXPOSE 3100\nFROM b AS build\nFROM base\nRUN x\n", 3100, "EXPOSE"],
    [
      "of several the one that the check asks",
      "FROM a\nEXPOSE 9090 3000\nHEALTHCHECK CMD curl -f http://localhost:3000/up\n",
      3000,
      "HEALTHCHECK",
    ],
    ["the check alone", "FROM a\nHEALTHCHECK CMD wget -qO- http://127.0.0.1:8081/\n", 8081, "HEALTHCHECK"],
    ["the command", 'FROM a\nCMD ["uvicorn", "main:app", "--port", "8000"]\n', 8000, "CMD"],
    ["gunicorn's", "FROM a\nCMD gunicorn -b 0.0.0.0:8200 app:app\n", 8200, "CMD"],
    ["a line that is continued, with a comment between", "FROM a\nCMD gunicorn \\\n# here\n  --bind=:8300 app\n", 8300, "CMD"],
    ["PORT", "FROM a\nENV PORT 5000\n", 5000, "ENV PORT"],
    ["a base image", "FROM nginx:1.29-alpine\nCOPY . /x\n", 80, "FROM"],
    ["a base image by an argument", "ARG BASE=nginx:1\nFROM ${BASE}\n", 80, "FROM"],
    ["a base image behind a stage", "FROM caddy:2 AS web\nFROM web\n", 80, "FROM"],
    ["nothing", "FROM node:24\nCMD node server.js\n", undefined, undefined],
    ["a heredoc, which is none of it", "FROM a\nRUN <<EOF\nEXPOSE 1234\nEOF\nEXPOSE 3000\n", 3000, "EXPOSE"],
    ["small letters, and line ends of Windows", "from a\r\nexpose 3000\r\n", 3000, "EXPOSE"],
    ["-p of something else", "FROM a\nCMD mkdir -p 8080\n", undefined, undefined],
  ])("its port, by %s", (_, text, port, from) => {
    const found = readDockerfile(text).port;
    expect([found?.value, found?.from]).toEqual([port, from && `${from} in Dockerfile`]);
  });

  it.each<[string, string | undefined]>([
    ["HEALTHCHECK --interval=5s CMD curl -f http://localhost:3000/healthz || exit 1", "/healthz"],
    ['HEALTHCHECK CMD ["wget", "-q", "http://127.0.0.1/up?x=1"]', "/up?x=1"],
    ["HEALTHCHECK CMD curl -f http://localhost", "/"],
    ["HEALTHCHECK CMD pg_isready", undefined],
    ["HEALTHCHECK NONE", undefined],
    ["HEALTHCHECK CMD curl https://example.com/up", undefined],
  ])("the path of %s", (line, path) => {
    expect(readDockerfile(`FROM a\n${line}\n`).health?.value).toBe(path);
  });

  it("its volumes, its user and its base", () => {
    const facts = readDockerfile('FROM node:24 AS x\nVOLUME ["/data", "/var/x"]\nVOLUME /data /more\nUSER node:node\n');
    expect(facts).toMatchObject({ volumes: ["/data", "/var/x", "/more"], user: "node", base: "node:24" });
  });
});
