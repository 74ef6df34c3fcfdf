import { rounded } from "../result.ts";
import { plural, type Target, within } from "../target.ts";
import { MB, type TransferRow } from "./result.ts";
import { lineName } from "./table.ts";

/** What may be sent, of what changed: SSH, manifests and config come on top. */
const BYTES = 1.1;
/** What it may take, of what the line needs for these bytes; and a second for the connection, the unpacking and what is asked of Docker. */
const TIME = { factor: 1.15, over_s: 1 };
/** Of what `ssh -R` gets through one stream, on a long way. */
const FORWARD = { rtt_ms: 50, share: 0.7 };

export const transferTargets = (rows: readonly TransferRow[]): Target[] => [
  ...rows.map(bytesTarget),
  ...rows.flatMap((row) => within(`${title(row)}: complete`, row.s, rounded(TIME.factor * row.limit_s + TIME.over_s))),
  ...rows.flatMap(forwardTarget),
];

const title = (row: TransferRow): string => `${row.changed_mb} of ${row.image_mb} MB to ${plural(row.hosts)}, ${lineName(row)}`;

function bytesTarget(row: TransferRow): Target {
  const most = row.changed_mb * row.hosts * BYTES;
  const sent = rounded(row.bytes / MB);
  return { what: `${title(row)}: sent ≤ ${most.toFixed(1)} MB`, measured: `${sent.toFixed(2)} MB`, held: sent <= most };
}

function forwardTarget({ rtt_ms, ours_mb_s, openssh_mb_s }: TransferRow): Target[] {
  if (rtt_ms !== FORWARD.rtt_ms || ours_mb_s === undefined || openssh_mb_s === undefined) return [];
  const share = rounded(ours_mb_s / openssh_mb_s);
  return [
    {
      what: `one stream to a host, +${rtt_ms} ms: ≥ ${FORWARD.share} of ssh -R`,
      measured: share.toFixed(2),
      held: share >= FORWARD.share,
    },
  ];
}
