import { posix } from "node:path";
import { type Entry, entry, type Item, mapNode, type Path, type Tree, textNode } from "../yaml/tree.ts";
import { type Rule, translated } from "./rule.ts";
import { type Cursor, childAt, type Run } from "./run.ts";

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
    "copied into the project and into the container, of a folder all files; mode 0755, as in Kamal; ERB is by hand",
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
  ...translated("", (cursor, run, { to, key }) => each(cursor, run, [...to, key], key, directoryOf)),
  status: "same",
  below: {
    local: translated("", () => []),
    remote: translated("", () => []),
    mode: translated("", () => []),
    owner: translated("", () => []),
    options: translated("", () => []),
  },
};

/** @param path of the first one in the stack */
type Make = (written: Written, cursor: Cursor, run: Run, path: Path) => readonly Tree[];

function each(cursor: Cursor, run: Run, to: Path, key: string, make: Make): Entry[] {
  const { node } = cursor;
  if (node.kind !== "list") {
    run.ask(cursor, "should be a list of local:remote");
    return [];
  }
  if (node.items.length === 0) run.take(cursor, to);
  const items: Item[] = [];
  for (const [at, item] of node.items.entries()) {
    const child = childAt(cursor, at);
    const written = child && writtenIn(child.node);
    if (child !== undefined && written === undefined) run.ask(child, "should be local:remote");
    const made = child === undefined || written === undefined ? [] : make(written, child, run, [...to, items.length]);
    items.push(...made.map((value, nth) => (nth === 0 ? { ...item, value } : { value })));
  }
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

/** A folder is all of its files. */
const fileOf: Make = (written, cursor, run, to) => {
  const names = run.around.filesIn(written.local.replace(/^(?:\.\/)+/, ""));
  if (names === undefined) return [oneFile(written, cursor, run, to)].flatMap((file) => file ?? []);
  const [first, ...others] = names;
  if (first === undefined) {
    run.ask(
      cursor,
      `${written.local} is a folder without files, or with too many: write it under volumes, or list its files`,
      to,
    );
    return [];
  }
  const inside = (name: string): Written => ({
    ...written,
    local: posix.join(written.local, name),
    remote: posix.join(written.remote, name),
  });
  return [first, ...others].flatMap(
    (name, nth) => oneFile(inside(name), cursor, run, [...to.slice(0, -1), Number(to.at(-1)) + nth]) ?? [],
  );
};

function oneFile({ local, remote, mode, owner }: Written, cursor: Cursor, run: Run, to: Path): Tree | undefined {
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
    run.ask(cursor, `there is no file ${local} here: put it into the project's folder`, to);
  else if (!run.isAroundApp && !isInside)
    run.ask(cursor, `${local} is outside of the app: copy it into the project's folder`, to);
  else {
    if (!run.isAroundApp) run.copied.push({ from: plain, to: plain });
    run.translate(
      cursor,
      `${run.isAroundApp ? "is" : "is copied into the project, and is"} a file of mode ${mode ?? MODE} in the container, not a mount`,
      to,
    );
  }
  const at = { at: cursor.node.at, comment: undefined };
  const quotedText = (text: string) => ({ ...textNode(text, at), isQuoted: true });
  return mapNode(
    [
      entry("local", textNode(run.isAroundApp ? run.fromProject(plain) : plain, at)),
      entry("remote", textNode(remote, at)),
      entry("mode", quotedText((mode ?? MODE).padStart(4, "0"))),
      ...(owner === undefined ? [] : [entry("owner", quotedText(owner))]),
    ],
    cursor.node,
  );
}

const directoryOf: Make = (written, cursor, run, to) => [folder(written, cursor, run, to)];

function folder({ local, remote, options, mode, owner }: Written, cursor: Cursor, run: Run, to: Path): Tree {
  const at = { at: cursor.node.at, comment: cursor.node.comment };
  if (mode === undefined && owner === undefined) {
    const isTaken = cursor.node.kind === "scalar";
    if (isTaken) run.take(cursor, to);
    else run.translate(cursor, "is local:remote", to);
    return isTaken ? cursor.node : textNode([local, remote, ...(options === undefined ? [] : [options])].join(":"), at);
  }
  run.translate(cursor, "has its mode and owner", to);
  const quotedText = (text: string) => ({ ...textNode(text, at), comment: undefined, isQuoted: true });
  return mapNode(
    [
      entry("local", textNode(local, { at: at.at, comment: undefined })),
      entry("remote", textNode(remote, { at: at.at, comment: undefined })),
      ...(mode === undefined ? [] : [entry("mode", quotedText(mode.padStart(4, "0")))]),
      ...(owner === undefined ? [] : [entry("owner", quotedText(owner))]),
      ...(options === undefined ? [] : [entry("options", quotedText(options))]),
    ],
    at,
  );
}
