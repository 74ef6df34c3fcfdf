import { beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import type { Host, Watch, Watched } from "../../../hosts/index.ts";
import { OneHost } from "../../../lab/one-host.ts";

const mine = new OneHost("hosts");
const GRACE = 1;
/** A shell that is ended does not end its child. */
const COMMAND = ["sh", "-c", "sleep 611; true"];

/** What has a shell and nothing else that ends a process. */
const SHELL_IMAGE = `tar -chf - /usr/bin/sh /usr/bin/sleep $(ldd /usr/bin/sleep | grep -o '/[^ ]*') | docker import - watch-shell`;
const start = (name: string): Promise<string> =>
  mine.there.must(`docker rm -f ${name} 2>/dev/null; docker run -d --name ${name} watch-shell /usr/bin/sleep 610`);
const startCommand = async (host: Host, container: string): Promise<Watched> => {
  const command = await host.docker.spawn(container, COMMAND, { tty: false, input: false });
  return { kind: "command", container, pid: (await command.process()) ?? 0, grace: GRACE };
};
const running = async (): Promise<string[]> =>
  (await mine.there.sh("pgrep -afx '(/usr/bin/)?sleep 61[0-9]'")).stdout
    .split("\n")
    .flatMap((line) => /sleep \d+$/.exec(line)?.[0] ?? []);
const untilOnly = (commands: readonly string[], seconds: number) =>
  Deadline.in(seconds).until(
    async () => (String(await running()) === String(commands) ? true : undefined),
    () => new Error(`other commands than ${commands} run`),
  );

beforeAll(() => mine.there.must(SHELL_IMAGE));

describe("what a host watches", () => {
  it("ends when the line is cut and says nothing more; what the watch has let go stays", async () => {
    await Promise.all([start("abandoned"), start("lives")]);
    const relay = await mine.there.relay();
    const host = mine.reach({ address: relay.address, port: relay.port });
    const kept = await host.watch({ kind: "container", container: "lives", grace: GRACE });
    await kept.release();
    await host.watch({ kind: "container", container: "abandoned", grace: GRACE });
    await host.watch(await startCommand(host, "lives"));
    expect((await running()).sort()).toEqual(["sleep 610", "sleep 610", "sleep 611"]);
    relay.freeze();
    await untilOnly(["sleep 610"], 40);
    await relay.close();
  });

  it("is ended by the container's own shell where its user is not root, with its children", async () => {
    await start("lives");
    const host = mine.reach({ user: "deploy" });
    const watch = await host.watch(await startCommand(host, "lives"));
    expect(watch.by).toBe("shell");
    await watch.end();
    await untilOnly(["sleep 610"], 5);
  });

  it("is nothing where no shell runs, or no program can talk to Docker", async () => {
    const refused = (watch: Promise<Watch>): Promise<string> =>
      watch.then(
        () => "it watches",
        (thrown: Error) => thrown.message,
      );
    const container: Watched = { kind: "container", container: "lives", grace: GRACE };
    await mine.there.must("userdel -rf mute 2>/dev/null; useradd -m -s /usr/sbin/nologin -p '*' -G docker mute");
    expect(await refused(mine.reach({ user: "mute" }).watch(container))).toBe("its login shell runs no commands");
    const programs = "/usr/bin/perl /usr/bin/docker";
    await mine.there.must(`for file in ${programs}; do mv $file $file.off; done`);
    try {
      expect(await refused(mine.reach().watch(container))).toMatch(/^it has neither curl nor perl, python3 or docker /);
    } finally {
      await mine.there.must(`for file in ${programs}; do mv $file.off $file; done`);
    }
  });
});
