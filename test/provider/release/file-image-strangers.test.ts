import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { digestIn } from "../../../core/image-reference.ts";
import type { Bytes } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import { Uplink } from "../../../lab/uplink.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { ImageFiles, noisyLayer } from "../../support/image-file.ts";
import { mutationsDuring } from "../../support/outcome.ts";
import { forwardedPorts, travelled } from "../../support/transfer.ts";
import { answerOf } from "../../support/visitors.ts";

const MB: Bytes = 1024 * 1024;
const SSHD = "/etc/ssh/sshd_config";

let lab: Lab;
let host: LabHost;
let relay: Relay;
let app: App;
let files: ImageFiles;

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  relay = await host.relay();
  files = await ImageFiles.create();
  await files.layout("v1.tar", "v1");
  app = await App.create(lab, {
    image: files.url("v1.tar"),
    retain_containers: 1,
    deploy_timeout: 10,
    servers: { web: { hosts: { [host.name]: { address: relay.address, port: relay.port } } } },
  });
  await app.released();
  await host.must(`cp ${SSHD} ${SSHD}.lab`);
});
afterEach(async () => {
  relay.limit(undefined);
  await host.sh("pkill -KILL -u nodocker");
  await host.must(`cp ${SSHD}.lab ${SSHD}`);
  await renewSshd();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
  await host.must(`rm ${SSHD}.lab`);
  await host.reset();
});

async function renewSshd(): Promise<void> {
  await host.stopSsh();
  await host.startSsh();
}

/** sshd with one more setting, which goes before all others. */
async function set(setting: string): Promise<void> {
  await host.must(`sed -i '1i ${setting}' ${SSHD}`);
  await renewSshd();
}

/** Several layers, of which Docker pulls three at a time: it connects again and again. */
async function largeImage(version: string): Promise<void> {
  const layers = [1, 2, 3, 4, 5, 6].map((at) => noisyLayer(`${version} ${at}`, 4 * MB));
  await files.layout(`${version}.tar`, version, await Promise.all(layers));
}

/** Releases it through a line so slow that others can act meanwhile, and does so. */
async function releasedWhile(version: string, act: (port: number) => Promise<void>) {
  relay.limit(Uplink.of(25));
  const acted = travelled(relay, MB).then(async () => {
    const [port] = await forwardedPorts(host);
    if (port === undefined) throw new Error("nothing is forwarded");
    await act(port);
  });
  const [run] = await Promise.all([app.released({ image: files.url(`${version}.tar`) }), acted]);
  expect(await answerOf(host)).toBe(version);
  return run;
}

/** Perl as a user of the host who may not use Docker. */
const asStranger = (perl: string) =>
  `su -s /bin/sh nodocker -c "perl -MIO::Socket::INET -e '${perl.replaceAll("$", "\\$").replaceAll("\n", " ")}'"`;

/** The first lines of the answers to requests of all methods, at the same time: on the slow line each waits for the layers before it. */
async function answersTo(port: number, digest: string, ...authorizations: readonly string[]): Promise<string[]> {
  const script = `
    my @sockets;
    for my $header (${authorizations.map((header) => `q(${header})`).join(", ")}) {
      for my $method (qw(GET HEAD PUT POST PATCH DELETE)) {
        my $socket = IO::Socket::INET->new(PeerAddr => q(127.0.0.1), PeerPort => ${port}) or die;
        my $line = $method . q( /v2/slipway/shop/manifests/${digest} HTTP/1.1);
        print $socket join(qq(\\r\\n), $line, q(Host: x), q(Connection: close), q(Content-Length: 0), $header, q(), q());
        push @sockets, $socket;
      }
    }
    for my $socket (@sockets) { my $line = <$socket>; print $line; }`;
  return (await host.must(asStranger(script))).trim().split(/\r?\n/);
}

/** A user of the host who holds hundreds of connections, and opens two hundred a second. */
const crowd = (port: number): Promise<string> =>
  host.must(
    `setsid ${asStranger(`while (1) {
      push @held, IO::Socket::INET->new(PeerAddr => q(127.0.0.1), PeerPort => ${port});
      shift @held if @held > 400;
      select undef, undef, undef, 0.005;
    }`)} >/dev/null 2>&1 </dev/null &`,
  );

describe("another user of the host, while an image in a file is pulled", () => {
  it("can neither read it nor write to it", async () => {
    await largeImage("v2");
    await releasedWhile("v2", async (port) => {
      const guessed = `Authorization: Basic ${Buffer.from("slipway:guess").toString("base64")}`;
      const answers = await answersTo(port, digestIn((await app.inputs()).image), "X-None: 1", guessed);
      expect(answers).toEqual(Array.from({ length: 12 }, () => "HTTP/1.1 401 Unauthorized"));
    });
  });

  it("does not stop it with connections that say nothing, however many", async () => {
    await largeImage("v3");
    const { seconds } = await releasedWhile("v3", async (port) => void (await crowd(port)));
    expect(seconds).toBeLessThan(30);
  });
});

describe("where sshd", () => {
  it("opens every forwarded port to the network, what does not come from the host's own loopback is closed", async () => {
    await set("GatewayPorts yes");
    await largeImage("v4");
    const run = await releasedWhile("v4", async (port) => {
      await expect(fetch(`http://${host.address}:${port}/v2/`)).rejects.toThrow();
      expect(await answersTo(port, digestIn((await app.inputs()).image), "X-None: 1")).toContain("HTTP/1.1 401 Unauthorized");
    });
    expect(run.said.join()).not.toContain("is loaded");
  });

  it("lets no one listen, the image is loaded, and the run says why", async () => {
    await set("PermitListen none");
    await files.layout("v5.tar", "v5");
    const run = await app.released({ image: files.url("v5.tar") });
    expect(await answerOf(host)).toBe("v5");
    expect(run.said).toContainEqual(expect.stringMatching(/the image is loaded, \S+ \S+: its sshd forwards no ports/));
  });

  it("forwards nothing at all, nothing is changed, and the error says which setting that is", async () => {
    await host.must(`sed -i 's/^AllowTcpForwarding .*/AllowTcpForwarding no/' ${SSHD}`);
    await renewSshd();
    await files.layout("v6.tar", "v6");
    const changed = await mutationsDuring([host], async () => {
      const { error } = await app.refused({ image: files.url("v6.tar") });
      expect(error).toContain("AllowTcpForwarding yes");
    });
    expect(Object.values(changed).flat()).toEqual([]);
  });
});
