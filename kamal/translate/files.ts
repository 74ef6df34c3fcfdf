import { type Entry, entry, mapNode, type Path, type Tree, textNode } from "../yaml/tree.ts";
import { itemsOf } from "./copy.ts";
import { type Rule, translated } from "./rule.ts";
import type { Cursor, Run } from "./run.ts";

/** A file or folder of an accessory, as Kamal has it. */
interface Written {
  readonly local: string;
  readonly remote: string;
  readonly options: string | undefined;
  readonly mode: string | undefined;
  readonly owner: string | undefined;
}

/** `files`: they are copied into the project, with Kamal's mode. */
export const files: Rule<unknown> = {
  ...translated(
    "copied into the project and into the container; mode 0755, as in Kamal; ERB and folders are by hand",
    (cursor, run, { to, key }) => each(cursor, run, [...to, key], key, fileOf),
  ),
  below: {
    local: translated("", () => []),
    remote: translated("", () => []),
    mode: translated("0755 without one", () => []),
    owner: translated("", () => []),
    options: translated("not needed: it is a copy in the container", () => []),
  },
};

/** `directories` */
export const directories: Rule<unknown> = {
  ...translated("with options: by hand, under volumes", (cursor, run, { to, key }) =>
    each(cursor, run, [...to, key], key, directoryOf),
  ),
  status: "same",
  below: {
    local: translated("", () => []),
    remote: translated("", () => []),
    mode: translated("", () => []),
    owner: translated("", () => []),
    options: translated("by hand", () => []),
  },
};

type Make = (written: Written, cursor: Cursor, run: Run, to: Path) => Tree | undefined;

function each(cursor: Cursor, run: Run, to: Path, key: string, make: Make): Entry[] {
  const { node } = cursor;
  if (node.kind !== "list") {
    run.ask(cursor, "should be a list of local:remote");
    return [];
  }
  if (node.items.length === 0) run.take(cursor, to);
  const items = itemsOf(cursor, to, (child, place) => {
    const written = writtenIn(child.node);
    if (written === undefined) run.ask(child, "should be local:remote");
    return written && make(written, child, run, place);
  });
  return [entry(key, { ...node, items, isFlow: false })];
}

function writtenIn(node: Tree): Written | undefined {
  if (node.kind === "scalar") {
    const [local = "", remote, options] = node.text.split(":");
    return remote === undefined || local === "" ? undefined : { local, remote, options, mode: undefined, owner: undefined };
  }
  if (node.kind !== "map") return undefined;
  const of = (name: string) => {
    const value = node.entries.find(({ key }) => key === name)?.value;
    return value?.kind === "scalar" && value.is !== "null" ? value.text : undefined;
  };
  const [local, remote] = [of("local"), of("remote")];
  if (local === undefined || remote === undefined) return undefined;
  return { local, remote, options: of("options"), mode: of("mode"), owner: of("owner") };
}

const MODE = "0755";

function fileOf({ local, remote, mode, owner }: Written, cursor: Cursor, run: Run, to: Path): Tree | undefined {
  if (local.endsWith("erb")) {
    run.ask(
      cursor,
      `${local} is ERB, which Kamal renders with the accessory's env: rename it to .tmpl, and write \${NAME} for <%= ENV["NAME"] %>`,
    );
    return undefined;
  }
  const plain = local.replace(/^(?:\.\/)+/, "");
  const isInside = !plain.startsWith("/") && !plain.startsWith("..") && !plain.startsWith("~");
  if (run.around.readFile(plain) === undefined)
    run.ask(
      cursor,
      `there is no file ${local} here: put it into the project's folder; a folder is written as a list of its files`,
      to,
    );
  else if (run.toApp !== "." && !isInside)
    run.ask(cursor, `${local} is outside of the app: copy it into the project's folder`, to);
  else {
    if (run.toApp !== ".") run.copied.push({ from: plain, to: plain });
    run.translate(
      cursor,
      `${run.toApp === "." ? "is" : "is copied into the project, and is"} a file of mode ${mode ?? MODE} in the container, not a mount`,
      to,
    );
  }
  const at = { at: cursor.node.at, comment: undefined };
  const quotedText = (text: string) => ({ ...textNode(text, at), isQuoted: true });
  return mapNode(
    [
      entry("local", textNode(plain, at)),
      entry("remote", textNode(remote, at)),
      entry("mode", quotedText((mode ?? MODE).padStart(4, "0"))),
      ...(owner === undefined ? [] : [entry("owner", quotedText(owner))]),
    ],
    cursor.node,
  );
}

function directoryOf({ local, remote, options, mode, owner }: Written, cursor: Cursor, run: Run, to: Path): Tree | undefined {
  if (options !== undefined) {
    run.ask(
      cursor,
      `a folder with options is a volume: write the whole path on the host under volumes, as ${local.startsWith("/") ? local : `/root/…/${local}`}:${remote}:${options}`,
    );
    return undefined;
  }
  const at = { at: cursor.node.at, comment: cursor.node.comment };
  if (mode === undefined && owner === undefined) {
    const isTaken = cursor.node.kind === "scalar";
    if (isTaken) run.take(cursor, to);
    else run.translate(cursor, "is local:remote", to);
    return isTaken ? cursor.node : textNode(`${local}:${remote}`, at);
  }
  run.translate(cursor, "has its mode and owner", to);
  const quotedText = (text: string) => ({ ...textNode(text, at), comment: undefined, isQuoted: true });
  return mapNode(
    [
      entry("local", textNode(local, { at: at.at, comment: undefined })),
      entry("remote", textNode(remote, { at: at.at, comment: undefined })),
      ...(mode === undefined ? [] : [entry("mode", quotedText(mode.padStart(4, "0")))]),
      ...(owner === undefined ? [] : [entry("owner", quotedText(owner))]),
    ],
    at,
  );
}
