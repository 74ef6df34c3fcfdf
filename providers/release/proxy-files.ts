import type { ProxyFile } from "../../core/release/proxy-file.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { OperationOf } from "./operation.ts";
import { isNamedIn } from "./route-files.ts";
import type { Work } from "./work.ts";

/** Puts certificates and error pages where the proxy reads them. Their folder is named by its content, so nothing uses it yet. */
export async function placeFiles({ host, folder }: OperationOf<"place-files">, work: Work): Promise<void> {
  const files = Object.entries(work.inputs.proxyFiles[folder] ?? {});
  const contents = Object.fromEntries(files.map(([name, file]) => [name, contentOf(file, work.inputs)]));
  await work.on(host).proxy.placeFiles(folder, contents);
}

/** At its next start the proxy would forget all routes if one of them named a folder that is missing. */
export async function removeFiles({ host, folder }: OperationOf<"remove-files">, work: Work): Promise<void> {
  const { proxy } = work.on(host);
  const named = (await proxy.routes()).some(({ options }) => isNamedIn(options, folder));
  if (!named) await proxy.removeFolder(folder);
}

const contentOf = (file: ProxyFile, { secrets }: ReleaseInputs): string =>
  file.from === "text" ? file.text : (secrets[file.secret] ?? "");
