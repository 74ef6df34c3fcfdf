import { afterEach, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { OneHost } from "../../../lab/one-host.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");

/** A user of the group docker with this shell and this .bashrc. */
const aUser = (name: string, shell: string, bashrc = "") =>
  mine.there.must(
    `userdel -rf ${name} 2>/dev/null; useradd -m -s ${shell} -p '*' -G docker ${name} && printf '%s\\n' '${bashrc}' >/home/${name}/.bashrc`,
  );

describe("a user whose login shell", () => {
  it("prints something is as good as any other", async () => {
    await aUser("chatty", "/bin/bash", 'echo "WELCOME to $(hostname)"; echo "maintenance on Sunday" >&2');
    const host = mine.reach({ user: "chatty" });
    expect(await host.run(["sh", "-c", "echo out; echo err >&2"])).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
    const lease = await host.lease("ci", { deadline: Deadline.in(5) });
    expect((await mine.reach({ user: "root" }).holders())[0]?.owner).toBe("ci");
    await host.write("/home/chatty/file", "content", { mode: 0o600 });
    await lease.release();
  });

  it.each([
    ["nologin", "/usr/sbin/nologin", "", /answers "This account is currently not available\."/],
    ["leaver", "/bin/bash", "echo closed for today; exit 3", /answers "closed for today" and ended with exit code 3/],
    ["printer", "/bin/echo", "", /answers "-c exec sh -c/],
  ])("does not run commands (%s) is named with its answer", async (name, shell, bashrc, what) => {
    await aUser(name, shell, bashrc);
    const host = mine.reach({ user: name });
    const ran = await refusal(host.run(["true"]));
    expect(ran).toMatchObject({ code: "SHELL_UNUSABLE", what: expect.stringMatching(what) });
    const leased = await refusal(host.lease("ci", { deadline: Deadline.in(5) }));
    expect(leased.what).toContain(`the login shell of ${name} answers`);
    expect(leased.next).toContain(`chsh -s /bin/sh ${name}`);
  });

  it("runs something else is not waited for as if another run held the lease", async () => {
    await aUser("stuck", "/bin/bash", "echo hello; exec cat");
    const holders: string[] = [];
    const lease = mine
      .reach({ user: "stuck" })
      .lease("ci", { deadline: Deadline.in(60), waiting: (holder) => holders.push(holder) });
    const { what } = await refusal(lease);
    expect(what).toBe('the login shell of stuck answers "hello" and did not start a command within 15 s');
    expect(holders).toEqual([]);
  });
});

describe("an sshd with a ForceCommand", () => {
  const stop =
    "if [ -e /run/forced.pid ]; then kill $(cat /run/forced.pid); while [ -e /run/forced.pid ]; do sleep 0.02; done; fi";
  afterEach(async () => void (await mine.there.must(stop)));

  it("is named with what that prints", async () => {
    await mine.there.must(
      `mkdir -p /run/sshd; /usr/sbin/sshd -p 2298 -o PidFile=/run/forced.pid -o 'ForceCommand=/bin/echo forced'; for _ in $(seq 250); do [ -e /run/forced.pid ] && exit 0; sleep 0.02; done; exit 1`,
    );
    expect((await refusal(mine.reach({ port: 2298 }).lease("ci", { deadline: Deadline.in(5) }))).what).toContain(
      'answers "forced"',
    );
  });
});
