import { type Entry, entry, mapNode, type Path, textNode } from "../yaml/tree.ts";
import { copy } from "./copy.ts";
import { absoluteImage } from "./image.ts";
import { byHand, type Rule, type Rules, same, section, translated, translateKeys, unneeded } from "./rule.ts";
import { type Cursor, childAt, childrenIn, type Run } from "./run.ts";

const CACHE: Rules<Cursor> = {
  type: same("text"),
  options: same("text"),
  image: same("text"),
};

const REMOTE = "it builds for every CPU";

const BUILDER: Rules<Cursor> = {
  arch: { ...same("text"), note: "amd64, arm64, or both" },
  remote: translated("Kamal 1's map is its `host`; `false` is left out", remote),
  local: unneeded("without remote this machine builds; with it the remote one does, for every CPU"),
  driver: {
    ...translated("`docker`, `docker-container`; `cloud …` is by hand", (cursor, run, { to, key }) => {
      if (cursor.node.kind === "scalar" && cursor.node.text.startsWith("cloud ")) {
        run.ask(
          cursor,
          "a builder of Docker's cloud has no key here: select it by `docker buildx use`, which the build takes without driver",
        );
        return [];
      }
      const value = copy(cursor, run, [...to, key], "text");
      return value === undefined ? [] : [entry(key, value)];
    }),
    status: "same",
  },
  context: translated("from the project's folder", context),
  dockerfile: translated("from the project's folder", (cursor, run, { to, key }) => relocated(cursor, run, [...to, key], key)),
  target: same("text"),
  ssh: same("text"),
  provenance: same("any", "false without one, as only a registry keeps it"),
  sbom: same(),
  args: same("text"),
  secrets: {
    ...same("text"),
    apply: (cursor, run, { to, key }) => {
      for (const { node } of childrenIn(cursor)) if (node.kind === "scalar") run.secrets.need(node.text);
      const value = copy(cursor, run, [...to, key], "list");
      return value === undefined ? [] : [entry(key, value)];
    },
  },
  cache: {
    status: "same",
    note: "the default of image is written",
    below: CACHE,
    apply: (cursor, run, { to, key }, root) => {
      const made = section(CACHE).apply(cursor, run, { to, key }, root);
      const type = childAt(cursor, "type")?.node;
      const hasImage = childAt(cursor, "image") !== undefined;
      if (type?.kind !== "scalar" || type.text !== "registry" || hasImage) return made;
      const image = `${absoluteImage(root, run)}-build-cache`;
      run.translate({ ...cursor, path: [...cursor.path, "image"] }, "is Kamal's default", [...to, key, "image"]);
      return made.map((one) =>
        one.value.kind === "map"
          ? {
              ...one,
              value: {
                ...one.value,
                entries: [...one.value.entries, entry("image", textNode(image, { at: cursor.at, comment: undefined }))],
              },
            }
          : one,
      );
    },
  },
  pack: byHand(
    "buildpacks are not supported: build the image by `pack build` in CI, and write it with its tag as slipway:image without builder",
  ),
  multiarch: unneeded("Kamal 1: the CPUs are those of the hosts, or arch"),
};

/** `builder`: without one Kamal 1 builds from the Dockerfile, too. */
export const builder: Rule<Cursor> = {
  status: "same",
  note: "",
  below: BUILDER,
  apply: (cursor, run, { to, key }, root) => {
    const made = translateKeys(cursor, BUILDER, run, [...to, key], root) ?? [];
    const isFlow = cursor.node.kind === "map" && cursor.node.isFlow;
    return [entry(key, { ...mapNode([...madeOf(cursor, run, made), ...made], cursor.node), isFlow })];
  },
};

/** What a build in a folder of the app needs besides. */
function madeOf(cursor: Cursor, run: Run, made: readonly Entry[]): Entry[] {
  const has = (name: string) => made.some(({ key }) => key === name);
  const at = { at: cursor.at, comment: undefined };
  const added: Entry[] = [];
  if (!has("context") && run.toApp !== ".") {
    run.translate({ ...cursor, path: [...cursor.path, "context"] }, `is ${run.toApp}, the app's folder`, ["builder", "context"]);
    added.push(entry("context", textNode(run.toApp, at)));
  }
  if (!has("context") && isOfCommit(cursor, run)) {
    run.translate({ ...cursor, path: [...cursor.path, "clean"] }, "is commit: without a context Kamal builds what is committed", [
      "builder",
      "clean",
    ]);
    added.push(entry("clean", textNode("commit", at)));
  }
  const context = childAt(cursor, "context")?.node;
  const isBelow = context?.kind === "scalar" && run.fromProject(context.text) !== run.toApp;
  if (isBelow && !has("dockerfile")) {
    const dockerfile = run.fromProject("Dockerfile");
    run.translate({ ...cursor, path: [...cursor.path, "dockerfile"] }, "is Kamal's default, in the app's folder", [
      "builder",
      "dockerfile",
    ]);
    added.push(entry("dockerfile", textNode(dockerfile, at)));
  }
  return added;
}

/** Kamal 2 clones a repository; Kamal 1 builds the folder as it is. */
const isOfCommit = (cursor: Cursor, { around }: Run): boolean =>
  childAt(cursor, "multiarch") === undefined && around.git(["rev-parse", "--verify", "--quiet", "HEAD"]) !== undefined;

/** The builder of a config that has none: Kamal 1 builds without one. */
export function defaultBuilder(root: Cursor, run: Run): Entry {
  const at = { at: root.at, comment: undefined };
  run.translate({ ...root, path: ["builder"] }, "Kamal builds the image, from the Dockerfile of the app", ["builder"]);
  return entry("builder", mapNode([entry("context", textNode(run.toApp, at))], at));
}

function context(cursor: Cursor, run: Run, { to, key }: { readonly to: Path; readonly key: string }): Entry[] {
  if (cursor.node.kind === "scalar" && /:\/\/|^git@/.test(cursor.node.text)) {
    run.ask(cursor, "a build is of a folder here: check the repository out, and write its folder");
    return [];
  }
  return relocated(cursor, run, [...to, key], key);
}

function relocated(cursor: Cursor, run: Run, to: Path, key: string): Entry[] {
  const { node } = cursor;
  if (node.kind !== "scalar" || node.isUnknown || typeof node.value !== "string") {
    const value = copy(cursor, run, to, "text");
    return value === undefined ? [] : [entry(key, value)];
  }
  const path = run.fromProject(node.text);
  if (path === node.text) run.take(cursor, to);
  else run.translate(cursor, `is ${path}, from the project's folder`, to);
  return [entry(key, { ...textNode(path, node), isQuoted: node.isQuoted })];
}

function remote(cursor: Cursor, run: Run, { to, key }: { readonly to: Path; readonly key: string }): Entry[] {
  const { node } = cursor;
  if (node.kind === "scalar" && node.value === false) {
    run.translate(cursor, "not needed: this machine builds");
    return [];
  }
  const host = childAt(cursor, "host");
  if (node.kind === "map") {
    const written = host?.node.kind === "scalar" ? host.node.text : undefined;
    if (written === undefined) run.ask(cursor, "should be ssh://user@host", [...to, key]);
    else run.translate(cursor, `is ${written}: ${REMOTE}`, [...to, key]);
    return written === undefined ? [] : [entry(key, textNode(written, node))];
  }
  const value = copy(cursor, run, [...to, key], "text");
  return value === undefined ? [] : [entry(key, value)];
}
