import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { parseJson } from "../core/text.ts";
import { DEPLOY_FILE } from "./built.ts";
import { writtenText } from "./config-values.ts";
import type { Written as WrittenTexts } from "./deploy-file.ts";
import { projectAround, projectFile, shortName } from "./place.ts";

/** The Pulumi project that a folder belongs to. */
export interface Project {
  /** The folder of its Pulumi.yaml. */
  readonly root: string;
  /** As Pulumi.yaml names it. */
  readonly name: string;
  /** The backend that Pulumi.yaml names, if it names one. */
  readonly backend: string | undefined;
  /** Where the stacks' YAML files are. */
  readonly configFolder: string;
  /** Whether Pulumi.yaml itself has config for its stacks. */
  readonly hasConfig: boolean;
}

const Written = z.object({
  name: z.string().default(""),
  stackConfigDir: z.string().optional(),
  config: z.unknown().optional(),
  backend: z.object({ url: z.string().optional() }).nullish(),
});

/** The project around a folder, as its Pulumi.yaml says. */
export async function findProject(folder: string): Promise<Project> {
  const root = projectAround(folder);
  if (root === undefined) throw noProject(folder);
  const written = Written.parse((await yaml(await readFile(projectFile(root), "utf8"))) ?? {});
  const { name, stackConfigDir = ".", config, backend } = written;
  return { root, name, backend: backend?.url, configFolder: join(root, stackConfigDir), hasConfig: config !== undefined };
}

/** Where the config of a stack is written. */
export const stackFilePath = ({ configFolder }: Project, stack: string): string =>
  join(configFolder, `Pulumi.${shortName(stack)}.yaml`);

/** What a stack's file contains: all of the stack's config, only a part of it, or it does not exist. */
export type StackFileContent =
  | { readonly kind: "complete"; readonly config: Readonly<Record<string, unknown>> }
  | { readonly kind: "partial" }
  | { readonly kind: "missing" };

/** Reads the file of a stack. It is partial if Pulumi.yaml or an environment has config as well. */
export async function readStackFile(project: Project, stack: string): Promise<StackFileContent> {
  const text = await textOf(stackFilePath(project, stack));
  if (text === undefined) return { kind: project.hasConfig ? "partial" : "missing" };
  const { data } = StackFile.safeParse(await yaml(text));
  if (project.hasConfig || data?.config === undefined || data.environment !== undefined) return { kind: "partial" };
  return { kind: "complete", config: data.config };
}

/** The `config:` of a stack's file; `undefined` if the file does not contain all of the stack's config. */
export async function stackFile(project: Project, stack: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const content = await readStackFile(project, stack);
  return content.kind === "complete" ? content.config : undefined;
}

/** The same, with the keys of Kamal's file if it names one. */
export async function declaredConfig(project: Project, stack: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const config = await stackFile(project, stack);
  return config === undefined ? undefined : ((await fromDeployFile(config, project.root, stack)) ?? config);
}

/** The values of a stack, with those of Kamal's file if it names one: see `withDeployFile`. @param root the project's folder */
export async function withKamalsFile<T extends WrittenTexts & { readonly stack: string }>(raw: T, root: string): Promise<T> {
  if (raw.values[DEPLOY_FILE] === undefined) return raw;
  const { withDeployFile } = await import("./deploy-file.ts");
  const live = withDeployFile(raw, root, raw.stack);
  return live === undefined ? raw : { ...raw, values: live.values, secretKeys: live.secretKeys };
}

/** The config of a stack's file that names Kamal's. What is written there comes first, secrets sealed. */
async function fromDeployFile(config: Readonly<Record<string, unknown>>, root: string, stack: string) {
  if (!(DEPLOY_FILE in config)) return undefined;
  const { withDeployFile } = await import("./deploy-file.ts");
  const texts = Object.entries(config).flatMap(([key, value]) => {
    const text = writtenText(value);
    return text === undefined ? [] : [[key, text] as const];
  });
  const live = withDeployFile({ values: Object.fromEntries(texts), secretKeys: new Set() }, root, shortName(stack));
  const added = Object.entries(live?.values ?? {}).filter(([key]) => !(key in config));
  return { ...Object.fromEntries(added.map(([key, text]) => [key, parseJson(text) ?? text])), ...config };
}

const StackFile = z.object({ config: z.record(z.string(), z.unknown()).optional(), environment: z.unknown().optional() });

const yaml = async (text: string): Promise<unknown> => (await import("yaml")).parse(text);

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

const noProject = (folder: string): SlipwayError =>
  new SlipwayError({
    code: "PROJECT_NOT_FOUND",
    what: `there is no Pulumi.yaml in ${folder} or above it`,
    servesNow: NOTHING_TOUCHED,
    next: "run this in the folder of the project",
  });
