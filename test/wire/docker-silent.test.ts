import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { SlipwayError } from "../../core/error.ts";
import { type Host, Hosts, parseAccess } from "../../hosts/index.ts";
import { SHARES } from "../../hosts/ssh/channels.ts";
import { LocalSshd } from "./local-sshd.ts";

/** Answers as a Docker that is stopped, floods, or has a busy registry; what it is asked for comes over a real SSH connection. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const docker = createServer((request, response) => answer(request, response));

let sshd: LocalSshd;
let all: Hosts[];
/** Waits half a second for an answer. */
let host: Host;
/** Waits two seconds. */
let slow: Host;
/** For answers that come, on a machine that is busy with other tests. */
let patient: Host;

beforeAll(async () => {
  docker.listen(0, "127.0.0.1");
  await once(docker, "listening");
  sshd = await LocalSshd.start({ docker: (docker.address() as AddressInfo).port });
  const address = { name: "web-1", address: "127.0.0.1", port: sshd.port, user: "root", hostKey: sshd.hostKey };
  const ssh = { agent: false, config: false, known_hosts: "/nonexistent", key_data: [sshd.user.privateKey] };
  const within = (docker_timeout: number) => new Hosts(parseAccess(JSON.stringify({ ...ssh, docker_timeout }), {}));
  all = [0.5, 2, 60].map(within);
  const [short, middle, long] = all.map((hosts) => hosts.at(address));
  if (short === undefined || middle === undefined || long === undefined) throw new Error("three hosts");
  [host, slow, patient] = [short, middle, long];
  await Promise.all([host, slow, patient].map((one) => one.connect()));
});
afterEach(() => docker.closeAllConnections());
afterAll(async () => {
  await Promise.all(all.map((hosts) => hosts.close()));
  await sshd.stop();
  docker.close();
});

const json = (response: ServerResponse, value: object, status = 200) =>
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
const VERSION = { Version: "28.5.2", ApiVersion: "1.51", Arch: "amd64", Os: "linux" };
const silent = () => {};

async function storyOf(work: Promise<unknown>): Promise<SlipwayError["story"]> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof SlipwayError)) throw new Error("not a SlipwayError", { cause: thrown });
  return thrown.story;
}

it("names a Docker that accepts a call and does not answer, for reads and changes, and works again with the next answer", async () => {
  answer = silent;
  const story = await storyOf(host.docker.version());
  expect(story).toMatchObject({ code: "DOCKER_UNAVAILABLE", host: "web-1", what: "Docker on web-1 does not answer" });
  expect(story.next).toContain("systemctl status docker");
  const calls = [
    host.docker.inspect("a"),
    host.docker.containers({}),
    host.docker.create("a", { Image: "b" }),
    host.docker.start("a"),
    host.docker.rename("a", "b"),
    host.docker.remove("a", { force: true, anonymousVolumes: true }),
    host.docker.lastLogs("a", 10),
    host.docker.readFile("a", "/etc/passwd"),
    host.docker.exec("a", ["true"]),
    host.docker.spawn("a", ["true"], { tty: false, input: false }),
    host.docker.followLogs("a", { follow: true }).next(),
    host.docker.exited("a", new AbortController().signal),
  ];
  for (const { what } of await Promise.all(calls.map(storyOf))) expect(what).toBe("Docker on web-1 does not answer");
  answer = (_request, response) => json(response, VERSION);
  const engine = () =>
    host.docker.version().then(
      (version) => version.engine,
      () => undefined,
    );
  await expect.poll(engine, { timeout: 20_000 }).toBe("28.5.2");
});

it("gives a stop its grace, and ends a log or a pull that makes no progress", async () => {
  answer = ({ method }, response) =>
    method === "GET"
      ? void json(response, { message: "No such container: a" }, 404)
      : void setTimeout(() => response.writeHead(304).end(), 900);
  expect(await host.docker.stop("a", 20)).toBeUndefined();
  answer = (_request, response) => void response.writeHead(200).write("");
  expect((await storyOf(host.docker.lastLogs("a", 10))).what).toBe("Docker on web-1 does not answer");
});

it("waits for its turn without counting it as silence", async () => {
  answer = (_request, response) => void setTimeout(() => json(response, VERSION), 500);
  // The last of them wait longer for their turn than Docker may take for an answer.
  const many = Array.from({ length: 6 * SHARES.request }, () => slow.docker.version());
  expect(await Promise.all(many)).toHaveLength(6 * SHARES.request);
});

it("refuses an answer, a file and a refusal that would fill the memory", async () => {
  const flood = (response: ServerResponse, head: string) => {
    response.write(head);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, "x")));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  };
  answer = (_request, response) => flood(response.writeHead(200), '[{"Id":"');
  await expect(patient.docker.containers({})).rejects.toThrow("the answer has more than 64 MiB");
  answer = (_request, response) => flood(response.writeHead(500), '{"message":"');
  await expect(patient.docker.containers({})).rejects.toThrow("the answer has more than");
});

it("asks a busy registry again, and not one that refuses", async () => {
  let asked = 0;
  answer = (_request, response) => {
    asked += 1;
    if (asked === 1) return void json(response, { message: "toomanyrequests: Rate exceeded" }, 500);
    return void response
      .writeHead(200)
      .end(asked === 2 ? '{"error":"received unexpected HTTP status: 503"}\n' : '{"status":"ok"}\n');
  };
  await patient.docker.pull("shop:1");
  expect(asked).toBe(3);
  asked = 0;
  answer = (_request, response) => {
    asked += 1;
    json(response, { message: "unauthorized: access denied" }, 500);
  };
  await expect(patient.docker.pull("shop:1")).rejects.toThrow("access denied");
  expect(asked).toBe(1);
});
