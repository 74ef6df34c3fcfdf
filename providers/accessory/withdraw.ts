import { reasonOf } from "../../core/error.ts";
import { asRoot, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { type Data, dataOf, measure } from "./data.ts";
import { bytesText } from "./describe.ts";
import { findFolder, needsFolder } from "./folder.ts";
import type { ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { observeAccessory } from "./observe.ts";
import { removeUnusedImages } from "./remove-images.ts";
import { discard } from "./step.ts";

/**
 * Removes an accessory: its route, its containers, its image. Its data is kept and its place reported, unless `data: delete` was
 * declared and deployed before. What is already missing is skipped, and an unreachable host is only a warning.
 */
export async function withdrawAccessory(inputs: AccessoryInputs, run: Run): Promise<void> {
  const host = run.hosts.at(inputs.host);
  try {
    await host.connect();
  } catch (thrown) {
    run.report.warn(`${host.name} is unreachable and keeps ${inputs.accessory}: ${reasonOf(thrown, host.name)}`);
    return;
  }
  await withLeases([host], run, () => remove(inputs, host, run));
}

async function remove(inputs: AccessoryInputs, host: Host, run: Run): Promise<void> {
  const found = await observeAccessory(inputs, host, inputs.proxy !== undefined);
  const folder = needsFolder(inputs) ? await findFolder(inputs, host) : "";
  const data = dataOf(inputs, found, folder);
  const bytes = inputs.data === "delete" ? await measure(inputs, { found, folder }, host) : {};
  if (found.route !== undefined) await host.proxy.remove(inputs.container);
  for (const id of ownIds(found)) {
    await discard(inputs, id, host);
  }
  await removeUnusedImages(inputs, host, run);
  if (inputs.data === "keep") return reportKept(inputs, data, host, run);
  const left = await removeData(data, host);
  const where = `${inputs.accessory} on ${host.name}`;
  run.report.say(`${where}: its data was removed (data: delete): ${bytesText(bytes)}`);
  if (left.length > 0) run.report.warn(`${where}: kept: ${left.join("; ")}`);
}

const ownIds = ({ main, next, helpers }: ObservedAccessory): string[] => [
  ...[main, next].flatMap((container) => (container === undefined || container.of === "other" ? [] : [container.id])),
  ...helpers.map(({ id }) => id),
];

function reportKept({ accessory }: AccessoryInputs, { volumes, folders, others }: Data, host: Host, run: Run): void {
  const kept = [...volumes.map((name) => `volume ${name}`), ...[...folders, ...others].map((path) => `folder ${path}`)];
  if (kept.length > 0) run.report.say(`${accessory} on ${host.name}: removed; its data is kept: ${kept.join(", ")}`);
}

/** @returns what was not removed, and why; folders declared by a full path always are among them */
async function removeData({ volumes, folders, others }: Data, host: Host): Promise<string[]> {
  const left = others.map((path) => `${path}, which was declared by its full path`);
  for (const volume of volumes)
    if ((await host.docker.removeVolume(volume)) === "in use") left.push(`volume ${volume}, which another container uses`);
  if (folders.length === 0) return left;
  const removal = asRoot(host.address, ["rm", "-rf", "--", ...folders]);
  const { code, stderr } = await host.change("remove folders", () => host.run(removal));
  return code === 0 ? left : [...left, `${folders.join(", ")}: ${stderr.trim() || `exit code ${code}`}`];
}
