import { asRoot, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withdrawFrom } from "../steps/withdraw.ts";
import { type Data, dataOf, measure } from "./data.ts";
import { bytesText } from "./describe.ts";
import { endRestore } from "./end-restore.ts";
import { findFolder, needsFolder } from "./folder.ts";
import type { ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { observeAccessory } from "./observe.ts";
import { removeUnusedImages } from "./remove-images.ts";
import { discard } from "./step.ts";

/**
 * Removes an accessory: its route, its containers, its image. Its data is kept and its place reported, unless `data: delete` was
 * declared and deployed before. What is already missing is skipped.
 */
export const withdrawAccessory = (inputs: AccessoryInputs, run: Run): Promise<void> =>
  withdrawFrom({ host: inputs.host, what: `the accessory ${inputs.accessory}` }, run, (host) => remove(inputs, host, run));

async function remove(inputs: AccessoryInputs, host: Host, run: Run): Promise<void> {
  // Its data may stay, and must be whole then.
  await endRestore(inputs, { host, run });
  const found = await observeAccessory(inputs, host, true);
  const folder = needsFolder(inputs) ? await findFolder(inputs, host) : "";
  const data = dataOf(inputs, found, folder);
  const bytes = inputs.data === "delete" ? await measure(inputs, { found, folder }, host) : {};
  if (found.route !== undefined) await host.proxy.remove(inputs.container);
  for (const id of ownIds(found)) {
    await discard(inputs, id, { host, run });
  }
  await removeUnusedImages(inputs, host, run);
  if (inputs.data === "keep") return reportKept(inputs, data, host, run);
  const { removed, kept } = await removeData(data, host);
  const where = `${inputs.accessory} on ${host.name}`;
  const sizes = removed.map((place) => (bytes[place] === undefined ? place : bytesText({ [place]: bytes[place] })));
  if (sizes.length > 0) run.report.say(`${where}: its data was removed (data: delete): ${sizes.join(", ")}`);
  if (kept.length > 0) run.report.warn(`${where}: kept: ${kept.join("; ")}`);
}

const ownIds = ({ main, next, helpers }: ObservedAccessory): string[] => [
  ...[main, next].flatMap((container) => (container === undefined || container.of === "other" ? [] : [container.id])),
  ...helpers.map(({ id }) => id),
];

function reportKept({ accessory }: AccessoryInputs, { volumes, folders, others }: Data, host: Host, run: Run): void {
  const kept = [...volumes.map((name) => `volume ${name}`), ...[...folders, ...others].map((path) => `folder ${path}`)];
  if (kept.length > 0) run.report.say(`${accessory} on ${host.name}: removed; its data is kept: ${kept.join(", ")}`);
}

interface Removal {
  readonly removed: readonly string[];
  /** With the reason. Folders declared by a full path are always among them. */
  readonly kept: readonly string[];
}

async function removeData({ volumes, folders, others }: Data, host: Host): Promise<Removal> {
  const removed: string[] = [];
  const kept = others.map((path) => `${path}, which was declared by its full path`);
  for (const volume of volumes) {
    if ((await host.docker.removeVolume(volume)) === "in use") kept.push(`volume ${volume}, which another container uses`);
    else removed.push(volume);
  }
  if (folders.length === 0) return { removed, kept };
  const removal = asRoot(host.address, ["rm", "-rf", "--", ...folders]);
  const { code, stderr } = await host.change("remove folders", () => host.run(removal));
  if (code === 0) removed.push(...folders);
  else kept.push(`${folders.join(", ")}: ${stderr.trim() || `exit code ${code}`}`);
  return { removed, kept };
}
