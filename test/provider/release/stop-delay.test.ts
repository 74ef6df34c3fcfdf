import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImages } from "../../support/images.ts";
import { momentOf } from "../../support/moments.ts";
import { mutationsDuring } from "../../support/outcome.ts";

const DELAY = 3;
const END = "/tmp/front-ends";

/**
 * A proxy of the user's own: it looks at Docker twice a second at most, leaves out what is called `….stopping`, and sends each request to
 * the next of the others that is healthy.
 */
const FRONT = `bash -s <<'FRONT'
ask() { timeout 1 bash -c 'exec 3<>/dev/tcp/$1/3000 && printf "GET $2 HTTP/1.0\\r\\n\\r\\n" >&3 && read -r line <&3 && [[ $line == *200* ]]' ask "$1" "$2"; } 2>/dev/null
all=0 bad=0 n=0
while [ ! -e ${END} ]; do
  if [ $((n % 25)) = 0 ]; then
    ids=$(docker ps --filter label=service=shop --format '{{.Names}} {{.ID}}' | grep -v '^[^ ]*\\.stopping ' | cut -d' ' -f2)
    targets=
    for id in $ids; do
      ip=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id")
      ask "$ip" /up && targets="$targets $ip"
    done
  fi
  n=$((n + 1))
  for ip in $targets; do
    all=$((all + 1))
    ask "$ip" / || bad=$((bad + 1))
  done
  sleep 0.02
done
echo "$all $bad"
FRONT
`;

describe("a role behind a proxy of the user's own", () => {
  let lab: Lab;
  let host: LabHost;
  let app: App;
  let images: Record<string, string>;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    images = await pinnedImages(lab, ["v1", "v2"]);
    const web = { hosts: { [host.name]: host.address }, proxy: false, readiness_delay: 1, stop_delay: DELAY };
    app = await App.create(lab, { image: images.v1, servers: { web } });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("goes on for its stop_delay under another name, so that no request fails", async () => {
    await host.must(`rm -f ${END}`);
    expect(await app.preview({ image: images.v2 })).toMatch(
      /stop shop-web-lab-v1-\w+ after 3 s \(≤ 30 s to finish\) +overlap ≤ 33 s/,
    );
    const front = host.must(FRONT);
    let statuses: readonly string[] = [];
    const releasing = async () => {
      ({ statuses } = await app.released());
    };
    const events = (await mutationsDuring([host], releasing))[host.name] ?? [];
    await host.must(`touch ${END}`);
    const [all, bad] = (await front).trim().split(" ").map(Number);
    expect(all).toBeGreaterThan(30);
    expect(bad).toBe(0);
    const [renamed, asked] = ["rename", "kill"].map((action) => momentOf(events, action, "shop-web-lab-v1-")) as [number, number];
    expect(asked - renamed).toBeGreaterThanOrEqual(DELAY * 1000 - 50);
    expect(statuses).toContainEqual(expect.stringMatching(/^\S+: shop-web-lab-v1-\w+ goes on before it is stopped: 2 of 3 s$/));
    expect(await app.preview()).toBe("");
  });
});
