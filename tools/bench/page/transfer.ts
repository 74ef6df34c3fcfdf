import type { Circumstances } from "../result.ts";
import { plural } from "../target.ts";
import { MB, type TransferRow } from "../transfer/result.ts";
import { lineName } from "../transfer/table.ts";
import { figure, table } from "./markdown.ts";
import { measuredOn } from "./measured-on.ts";

/** The section about images that come from the operator. @param at when and where it was measured, if not with the rest of the page */
export const transferSection = (rows: readonly TransferRow[] | undefined, at: Circumstances | undefined): string =>
  `## Getting an image to the hosts, without a registry

A new version of an image, of which one layer has changed, goes to all hosts at once. Each way and each round has a version of its own, so that nothing of it
is anywhere before. The content is noise: what is compressed is not smaller. The hosts, with Docker's own layers, have the version before.

- *Slipway* is [how an image gets to the hosts](images.md#how-it-gets-to-the-hosts), from the moment a release knows what each host lacks until all
  have it; a new connection for the bytes, login and verification are in it. What a complete command takes besides is in the first table of this page.
- *The line's limit* is what these bytes need: by formula where the line is limited, else \`ssh HOST 'cat >/dev/null'\` of as many bytes to all hosts at once.
- *Save and load* is \`docker save IMAGE | ssh HOST docker load\`, once for each host, at the same time; measured once for each line. The operator's Docker has containerd's
  store, which saves fastest. On the limited line it is what the line needs for these bytes, since the minutes say no more.
- *Push and pull* is \`docker push\` to a registry beyond the same line, and then \`ssh HOST docker pull\` on all hosts at once. The registry has all of the version
  before, and from it to the hosts the line is neither delayed nor limited.
- *A forward* is one stream of 32 MB from this machine through a port of one host's loopback, which is how the bytes travel, beside that of \`ssh -R\`.

The line is relays in a thread of their own. What is sent is counted there, to all hosts together, with all that SSH adds. The round trip is added to SSH and to the push.

${rows === undefined || rows.length === 0 ? "That was not measured here." : `${measuredOn(at)}${measuredText(rows)}`}`;

function measuredText(rows: readonly TransferRow[]): string {
  const [first] = rows;
  const what =
    first &&
    `${first.image_mb} MB, of which ${first.changed_mb} MB changed, to ${plural(first.hosts)}; medians of ${first.rounds}`;
  return `${what}:

${table(
  ["", "MB sent", "**Slipway**, s", "the line's limit, s", "MB saved", "save and load, s", "MB pushed", "push and pull, s"],
  rows.map((row) => [
    lineName(row),
    figure(row.bytes / MB, 1),
    figure(row.s),
    figure(row.limit_s),
    figure(row.save_load_bytes / MB, 1),
    `${row.mbit === undefined ? "" : "≥ "}${figure(row.save_load_s, row.mbit === undefined ? 2 : 0)}`,
    figure(row.registry_bytes / MB, 1),
    figure(row.registry_s),
  ]),
)}

${table(
  ["a forward, MB/s", "Slipway", "ssh -R"],
  rows
    .filter(({ mbit }) => mbit === undefined)
    .map((row) => [lineName(row), figure(row.ours_mb_s, 0), figure(row.openssh_mb_s, 0)]),
)}`;
}
