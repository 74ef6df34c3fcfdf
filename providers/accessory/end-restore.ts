import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { endText, settleRestore } from "../steps/restore.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Waits until a restore of its data is over that has lost its command, and says how it ended. No-op without one. */
export async function endRestore({ container }: AccessoryInputs, { host, run }: { host: Host; run: Run }): Promise<void> {
  const ended = await settleRestore(host, container, run.report);
  if (ended === undefined) return;
  const text = `${host.name}: ${endText(container, ended)}`;
  if (ended.end.end === "swapped") run.report.say(text);
  else run.report.warn(text);
}
