import { reasonOf } from "../../core/error.ts";
import { asRoot, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { type Data, dataOf, measure } from "./data.ts";
import { bytesText } from "./describe.ts";
import { findFolder, needsFolder } from "./folder.ts";
import type { Reached } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { observeAccessory } from "./observe.ts";
import { removeImagesOfNobody } from "./remove-images.ts";
import { discard } from "./step.ts";

/**
 * Takes an accessory down: its route, its containers, its image. Its data stays, and where it is is told, unless `data: delete` was
 * declared and brought up before. What is gone already is fine, and so is a dead host.
 */
export async function withdrawAccessory(inputs: AccessoryInputs, run: Run): Promise<void> {
  const host = run.hosts.at(inputs.host);
  try {
    await host.connect();
  } catch (thrown) {
    run.report.warn(`${host.name} cannot be reached and keeps ${inputs.accessory}: ${reasonOf(thrown, host.name)}`);
    return;
  }
  await withLeases([host], run, () => takeDown(inputs, host, run));
}

async function takeDown(inputs: AccessoryInputs, host: Host, run: Run): Promise<void> {
  const found = await observeAccessory(inputs, host, inputs.proxy !== undefined);
  const folder = needsFolder(inputs) ? await findFolder(inputs, host) : "";
  const data = dataOf(inputs, found, folder);
  const bytes = inputs.data === "delete" ? await measure(inputs, { found, folder }, host) : {};
  if (found.route !== undefined) await host.proxy.remove(inputs.container);
  for (const id of ownIds(found)) {
    await discard(inputs, id, host);
  }
  await removeImagesOfNobody(inputs, host, run);
  if (inputs.data === "keep") return tellKept(inputs, data, host, run);
  const left = await removeData(data, host);
  const where = `${inputs.accessory} on ${host.name}`;
  run.report.say(`${where}: its data was removed, as data: delete says: ${bytesText(bytes)}`);
  if (left.length > 0) run.report.warn(`${where}: stays: ${left.join("; ")}`);
}

const ownIds = ({ main, next, helpers }: Reached): string[] => [
  ...[main, next].flatMap((container) => (container === undefined || container.of === "somebody" ? [] : [container.id])),
  ...helpers.map(({ id }) => id),
];

function tellKept({ accessory }: AccessoryInputs, { volumes, folders, others }: Data, host: Host, run: Run): void {
  const kept = [...volumes.map((name) => `volume ${name}`), ...[...folders, ...others].map((path) => `folder ${path}`)];
  if (kept.length > 0) run.report.say(`${accessory} on ${host.name}: removed; its data stays: ${kept.join(", ")}`);
}

/** What could not be removed, and why. A folder with a full path is its owner's, whatever was declared. */
async function removeData({ volumes, folders, others }: Data, host: Host): Promise<string[]> {
  const left = others.map((path) => `${path}, which is not in a folder of its own`);
  for (const volume of volumes)
    if ((await host.docker.removeVolume(volume)) === "in use") left.push(`volume ${volume}, which another container uses`);
  if (folders.length === 0) return left;
  const removal = asRoot(host.address, ["rm", "-rf", "--", ...folders]);
  const { code, stderr } = await host.change("remove folders", () => host.run(removal));
  return code === 0 ? left : [...left, `${folders.join(", ")}: ${stderr.trim() || `exit code ${code}`}`];
}
