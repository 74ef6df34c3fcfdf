import { proxyFilesFolder } from "../../core/names.ts";
import type { ProxyFile } from "../../core/release/proxy-file.ts";
import type { RouteOptions } from "../../core/route.ts";
import { hostOf, together } from "./crew.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { only, type Plan } from "./plan.ts";
import type { Work } from "./work.ts";

/** Puts certificates and error pages where the proxy reads them. Their folder is named by what is in it, so nobody uses it yet. */
export const placeFiles = (work: Work, plan: Plan): Promise<unknown> =>
  together(only(plan, "place"), async ({ host, folder }) => {
    const files = Object.entries(work.inputs.proxyFiles[folder] ?? {});
    const contents = Object.fromEntries(files.map(([name, file]) => [name, contentOf(file, work.inputs)]));
    await hostOf(work.crew, host).proxy.placeFiles(folder, contents);
  });

/**
 * Takes away what neither the release nor any route of that proxy names any more: a key must not outlive its certificate. A release
 * that comes back brings its files again.
 */
export const removeFilesOfNobody = (work: Work, plan: Plan): Promise<unknown> => {
  const hosts = [...only(plan, "switch"), ...only(plan, "unroute"), ...only(plan, "place")].map(({ host }) => host);
  return together([...new Set(hosts)], async (host) => {
    const proxy = hostOf(work.crew, host).proxy;
    const parent = proxyFilesFolder(work.inputs);
    const found = (await proxy.folders(parent)).map((name) => `${parent}/${name}`);
    const others = found.filter((folder) => !(folder in work.inputs.proxyFiles));
    if (others.length === 0) return;
    const named = (await proxy.routes()).flatMap(({ options }) => pathsOf(options));
    for (const folder of others.filter((other) => !named.some((path) => path.includes(`/${other}`)))) {
      await proxy.removeFolder(folder);
    }
  });
};

const pathsOf = ({ tls, errorPages }: RouteOptions): string[] => [
  ...(tls.kind === "certificate" ? [tls.certificatePath, tls.privateKeyPath] : []),
  ...(errorPages === undefined ? [] : [errorPages]),
];

const contentOf = (file: ProxyFile, { secrets }: ReleaseInputs): string =>
  file.from === "text" ? file.text : (secrets[file.secret] ?? "");
