import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { refusedBySlipway } from "../../../cli/import/check.ts";
import { fileOf, type KamalConfig, readKamal } from "../../../kamal/files/read.ts";
import type { ImportedStack } from "../../../kamal/project/files.ts";
import type { Surroundings } from "../../../kamal/source/surroundings.ts";
import type { Finding } from "../../../kamal/translate/finding.ts";
import { translate } from "../../../kamal/translate/translate.ts";
import { aProject } from "../config/fixture.ts";

/** Configs of Kamal as people write them, with other names: each folder is one app. */
const FOLDER = join(import.meta.dirname, "corpus");

export interface Imported {
  /** `09-places`, or `01-cards/staging` */
  readonly name: string;
  readonly config: KamalConfig;
  readonly stack: ImportedStack;
  readonly around: Surroundings;
  /** With what Slipway's own parser refuses. */
  readonly findings: readonly Finding[];
}

/** Every config that Kamal could read: each base, alone and with each of its destinations. */
export const CONFIGS: readonly (readonly [folder: string, destination: string | undefined])[] = readdirSync(FOLDER)
  .sort()
  .flatMap((folder) => {
    const destinations = readdirSync(join(FOLDER, folder)).flatMap((file) => /^deploy\.(.+)\.yml$/.exec(file)?.[1] ?? []);
    // Of one repository only the file of a destination is known.
    if (!existsSync(join(FOLDER, folder, "deploy.yml"))) return [[folder, undefined] as const];
    return [undefined, ...destinations].map((destination) => [folder, destination] as const);
  });

/** Imports one of them on a machine that has its variables and files. */
export function importOf(folder: string, destination: string | undefined): Imported {
  const around = surroundings(folder);
  const config = readKamal(BASE, destination, around);
  const name = [folder, ...(destination === undefined ? [] : [destination])].join("/");
  const translation = translate(config, around, "..");
  const stack = { name: destination ?? "production", from: [fileOf(BASE, destination)], translation };
  using project = aProject({ "app/deploy/Pulumi.yaml": "name: app\n", "app/public/503.html": "503" });
  const root = join(project.root, "app", "deploy");
  for (const { to } of translation.copied) {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    writeFileSync(join(root, to), "content");
  }
  return { name, config, stack, around, findings: [...translation.findings, ...refusedBySlipway(stack, root)] };
}

const BASE = "config/deploy.yml";

export function surroundings(folder: string): Surroundings {
  const fileAt = (path: string): string | undefined => {
    const plain = path.replace(/^(?:config|\.kamal)\//, "");
    const known = join(FOLDER, folder, plain);
    if (existsSync(known) && statSync(known).isFile()) return readFileSync(known, "utf8");
    const only = join(FOLDER, folder, "deploy.production.yml");
    if (path === BASE && existsSync(only)) return readFileSync(only, "utf8");
    return isOfApp(path) ? "3.4.1\n" : undefined;
  };
  return { env: variablesOf(folder), readFile: fileAt, filesIn: () => undefined, git: () => "3f1c9e0" };
}

/** The files that these configs name, but Kamal's own. */
const isOfApp = (path: string): boolean => /^(?:db|config)\/.*\.(?:sql|alloy|conf)$|^\.(?:ruby|node)-version$/.test(path);

/** A value of a fitting kind for each variable that a config reads. */
function variablesOf(folder: string): Record<string, string> {
  const text = readdirSync(join(FOLDER, folder))
    .filter((file) => file.endsWith(".yml"))
    .map((file) => readFileSync(join(FOLDER, folder, file), "utf8"))
    .join("\n");
  const names = [...text.matchAll(/ENV(?:\.fetch\(|\[)["'](\w+)["']/g)].map(([, name = ""]) => name);
  return Object.fromEntries(names.map((name) => [name, standIn(name)]));
}

function standIn(name: string): string {
  if (/DEPLOY_HOST|HOST$|IP$/.test(name)) return /^(?:IPFS|KAMAL_HOST)/.test(name) ? "shop.example.com" : "203.0.113.5";
  if (/PORT$/.test(name)) return "22";
  if (/CPUS$/.test(name)) return "0.5";
  if (/MEMORY$/.test(name)) return "512m";
  return /REGISTRY$/.test(name) ? "registry.example.com" : "acme";
}
