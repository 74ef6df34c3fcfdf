import { openSshForward, oursForward } from "./forward.ts";
import { type Ground, prepare, type Sizes } from "./ground.ts";
import type { LineShape, TransferRow } from "./result.ts";
import { type Round, rowOf } from "./row.ts";
import { lineName, transferBlock } from "./table.ts";
import { Ways } from "./ways.ts";

const SIZES: Sizes = { image_mb: 300, changed_mb: 5 };
const LINES: readonly LineShape[] = [{ rtt_ms: 0 }, { rtt_ms: 20 }, { rtt_ms: 50 }, { rtt_ms: 20, mbit: 20 }];
/** More would say the same for minutes. */
const ROUNDS = 3;

/** A new version of a large image to all hosts at once, by each way, on each line. */
export async function measureTransfer(rounds: number): Promise<TransferRow[]> {
  const say = (what: string) => console.error(`bench: transfer: ${what}`);
  const count = Math.min(rounds, ROUNDS);
  say(`an image of ${SIZES.image_mb} MB for the hosts`);
  await using ground = await prepare(SIZES);
  const ways = new Ways(ground);
  say("warm-up");
  await ways.ours();
  await ways.registry();
  const rows: TransferRow[] = [];
  for (const line of LINES) {
    await ground.lines.shape(line);
    const measured: Round[] = [];
    for (let round = 1; round <= count; round += 1) {
      say(`${lineName(line)}: round ${round} of ${count}`);
      measured.push(await once(ways, ground, line, round));
    }
    rows.push(rowOf({ ...SIZES, hosts: ground.lab.hosts.length, line }, measured, rows[0]?.save_load_bytes));
    // A run takes long: what is known is not lost with it.
    console.error(transferBlock(rows).join("\n"));
  }
  return rows;
}

async function once(ways: Ways, ground: Ground, { mbit }: LineShape, round: number): Promise<Round> {
  const ours = await ways.ours();
  const registry = await ways.registry();
  // The complete image would take minutes, which say no more than the formula.
  if (mbit !== undefined) return { ours, registry };
  const plain = await ways.plain(ours.bytes);
  const [host] = ground.lab.hosts;
  if (host === undefined) throw new Error("the lab has no host");
  const forward = { ours: await oursForward(ground, host), openssh: await openSshForward(ground, host) };
  return { ours, registry, free: { plain, forward, ...(round === 1 ? { saveLoad: await ways.saveLoad() } : {}) } };
}
