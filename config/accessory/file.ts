import { isUtf8 } from "node:buffer";
import { readFileSync, type Stats, statSync } from "node:fs";
import { posix, relative, resolve } from "node:path";
import { z } from "zod";
import type { AccessoryFile } from "../../core/accessory/file.ts";
import { templateNames } from "../../core/template.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import { modeField, ownerField, resolveMode, resolveOwner } from "./mode.ts";

const FileSection = section({
  local: field(z.string().min(1), {
    is: "Path of the file in the project.",
    refused: "missing without content; outside the project; more than 1 MiB",
    example: "db/postgresql.conf",
  }),
  content: field(z.string(), {
    is: "The content itself, as text, instead of a file of the project.",
    otherwise: "that of local",
    refused: "together with local; more than 1 MiB",
    example: "maxmemory-policy allkeys-lru\n",
  }),
  remote: field(z.string().min(1), {
    is: "Path in the container.",
    refused: "missing; a path that is not absolute, or that another file has",
    example: "/etc/postgresql/postgresql.conf",
  }),
  mode: modeField("0644"),
  owner: ownerField("root"),
  template: field(z.boolean(), {
    is: `Whether \`\${NAME}\` in it is replaced by a value of the accessory's env; \`$\${\` is a literal \`\${\`.`,
    otherwise: "true for names that end in .tmpl",
    refused: "a name that is not in env; a file that is not text",
    example: true,
  }),
});
type FileInput = z.infer<typeof FileSection>;

export const FilesSection = z.array(z.union([z.string(), FileSection]));
export type FilesInput = z.infer<typeof FilesSection>;

const LARGEST = 2 ** 20;
const DEFAULT_MODE = 0o644;

/** Where the files of a project are, and the names for its templates. */
export interface FileContext {
  /** The project's folder. */
  readonly root: string;
  /** Names of the accessory's environment. */
  readonly names: ReadonlySet<string>;
}

/** Reads the files that are not written out. */
export function resolveFiles(input: FilesInput = [], context: FileContext, place: ConfigPath): AccessoryFile[] {
  const paths = new Set<string>();
  return input.flatMap((one, at) => {
    const here = place.at(at);
    const file = typeof one === "string" ? fromText(one, context, here) : resolveFile(one, context, (key) => here.at(key));
    if (file !== undefined && paths.has(file.path)) here.refuse(`${quoted(file.path)} is written twice`);
    paths.add(file?.path ?? "");
    return file ?? [];
  });
}

/** `local:remote`. Kamal's `:ro` is accepted and ignored: the file is a copy inside the container. */
function fromText(text: string, context: FileContext, place: ConfigPath): AccessoryFile | undefined {
  const [local = "", remote = "", options = "ro", ...more] = text.split(":");
  if (local !== "" && remote !== "" && more.length === 0 && options === "ro")
    return resolveFile({ local, remote }, context, () => place);
  return void place.refuse(`${quoted(text)} is not local:remote; for mode and owner use a map`);
}

type At = (key: keyof FileInput) => ConfigPath;

function resolveFile(input: FileInput, context: FileContext, at: At): AccessoryFile {
  const { local, remote } = input;
  if (local === undefined && input.content === undefined) at("local").refuse("is required, or content");
  if (local !== undefined && input.content !== undefined)
    at("content").refuse("not allowed together with local: set one of the two");
  if (remote === undefined) at("remote").refuse("is required");
  else if (!remote.startsWith("/") || remote.endsWith("/"))
    at("remote").refuse(`${quoted(remote)} should be the absolute path of a file in the container`);
  if (local?.endsWith(".erb"))
    at("local").refuse(`${quoted(local)}: ERB is not supported: name it .tmpl and write \${NAME} for values of env`);
  const content = contentOf(input, context, at);
  const template = input.template ?? local?.endsWith(".tmpl") ?? false;
  if (template) refuseBadTemplate(content, context, at(local === undefined ? "content" : "local"));
  return {
    path: posix.normalize(remote ?? "/"),
    mode: resolveMode(input.mode, at("mode")) ?? DEFAULT_MODE,
    owner: resolveOwner(input.owner, at("owner")),
    template,
    ...(isUtf8(content)
      ? { content: content.toString("utf8"), encoding: "utf8" }
      : { content: content.toString("base64"), encoding: "base64" }),
  };
}

function contentOf({ local, content }: FileInput, { root }: FileContext, at: At): Buffer {
  if (local !== undefined) return local === "" ? Buffer.alloc(0) : readLocal(local, root, at("local"));
  const written = Buffer.from(content ?? "");
  if (written.length > LARGEST) at("content").refuse("is larger than 1 MiB: add it to the image, or mount a folder");
  return written;
}

function readLocal(local: string, root: string, place: ConfigPath): Buffer {
  const path = resolve(root, local);
  const nothing = Buffer.alloc(0);
  // `slipway deploy` notices changes only within the project.
  if (relative(root, path).startsWith("..")) place.refuse(`${quoted(local)} is outside the project`);
  else {
    const found = findFile(path);
    if (found === undefined) place.refuse(`the project has no file ${quoted(local)}`);
    else if (found.isDirectory()) place.refuse(`${quoted(local)} is a folder: list its files`);
    else if (!found.isFile()) place.refuse(`${quoted(local)} is not a file`);
    else if (found.size > LARGEST) place.refuse(`${quoted(local)} is larger than 1 MiB: add it to the image, or mount a folder`);
    else return readFileSync(path);
  }
  return nothing;
}

/** `undefined`: it is missing, or no file system has such a name. */
function findFile(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (["ENAMETOOLONG", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function refuseBadTemplate(content: Buffer, { names }: FileContext, place: ConfigPath): void {
  if (!isUtf8(content)) place.refuse("a template should be text");
  for (const name of templateNames(content.toString("utf8")))
    if (!names.has(name)) place.refuse(`\${${name}} in it is not in the accessory's env; for a literal one write $\${${name}}`);
}
