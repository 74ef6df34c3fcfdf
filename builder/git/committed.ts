import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { type Content, contentOf } from "../context/content.ts";
import { type Ignored, ignoredBy, ignoreFilesOf, ignoreTextWith } from "../context/ignore-file.ts";
import { DOCKERFILE } from "../context/read.ts";
import type { Place } from "../place.ts";
import { GitMissing, git } from "./run.ts";

/** A commit, as a build is made from it: its files in the context, those of its submodules, and the Dockerfile. */
export interface Committed {
  /** In full. */
  readonly commit: string;
  readonly content: Content;
  readonly ignored: Ignored;
  /** What `.dockerignore` says in the commit, with all else that is left out. */
  readonly ignoreText: string;
  /** From the folder of the repository, with `/`; empty: that folder itself. */
  readonly context: string;
  readonly dockerfile: string;
  /** The repository, and its submodules in the context. */
  readonly parts: readonly Part[];
}

/** What is taken from one repository. */
export interface Part {
  /** The path from the first repository's folder to this one's: empty, or with a `/` at its end. */
  readonly prefix: string;
  readonly gitFolder: string;
  readonly commit: string;
  /** From its own folder. */
  readonly paths: string[];
}

interface Entry {
  readonly mode: string;
  readonly object: string;
  readonly path: string;
}

const SUBMODULE = "160000";
const LINK = "120000";

/**
 * Reads the commit that is checked out in the folder of a context, without looking at that folder's files. Throws if there is no commit, or
 * if the Dockerfile or a submodule is not in it.
 */
export async function readCommit(place: Place): Promise<Committed> {
  const repository = await repositoryAt(place);
  const files = new Map((await entriesIn(repository.gitFolder, repository.commit)).map((entry) => [entry.path, entry]));
  const within = async (path: string) =>
    relative(repository.root, await realPlace(path))
      .split(sep)
      .join("/");
  const [context, dockerfile] = await Promise.all([within(place.context), within(place.dockerfile)]);
  const own = files.get(dockerfile);
  if (own === undefined) throw notCommitted(place);

  const ignoreFiles = await Promise.all(ignoreFilesOf(place).map(within));
  const ignoreFile = ignoreFiles.map((path) => files.get(path)).find((entry) => entry?.mode.startsWith("100") === true);
  const written = ignoreFile && (await git(repository.gitFolder, ["cat-file", "blob", ignoreFile.object]));
  const ignoreText = ignoreTextWith(place, written);
  const ignored = ignoredBy(ignoreText);

  const prefix = context === "" ? "" : `${context}/`;
  const found: Found = { prefix, ignored, entries: new Map(), parts: [] };
  await addRepository(repository, "", [...files.values()], found);
  const { entries, parts } = found;
  // As for the files of a folder: a Dockerfile outside of the context, or an ignored one, decides the image as well.
  if (!dockerfile.startsWith(prefix) || !entries.has(dockerfile.slice(prefix.length))) {
    entries.set(DOCKERFILE, textOf(own));
    parts[0]?.paths.push(dockerfile);
  }
  return { commit: repository.commit, content: contentOf(entries), ignored, ignoreText, context, dockerfile, parts };
}

/** What is found of a context, on the way through a repository and its submodules. */
interface Found {
  /** Of the context in the first repository: empty, or with a `/` at its end. */
  readonly prefix: string;
  readonly ignored: Ignored;
  readonly entries: Map<string, string>;
  readonly parts: Part[];
}

/** @param at where it lies in the first repository: empty, or with a `/` at its end */
async function addRepository(from: Repository, at: string, all: readonly Entry[], found: Found): Promise<void> {
  const { prefix, ignored, entries, parts } = found;
  const paths: string[] = [];
  parts.push({ prefix: at, gitFolder: from.gitFolder, commit: from.commit, paths });
  for (const entry of all) {
    const path = at + entry.path;
    if (!path.startsWith(prefix)) continue;
    const inContext = path.slice(prefix.length);
    const isIgnored = ignored.ignores(inContext);
    if (entry.mode === SUBMODULE && !(isIgnored && ignored.prunes)) {
      const inner = await submoduleAt(join(from.root, entry.path), path, entry.object);
      await addRepository(inner, `${path}/`, await entriesIn(inner.gitFolder, inner.commit), found);
    } else if (entry.mode !== SUBMODULE && !isIgnored) {
      entries.set(inContext, textOf(entry));
      paths.push(entry.path);
    }
  }
}

interface Repository {
  readonly root: string;
  readonly gitFolder: string;
  readonly commit: string;
}

async function repositoryAt({ context, project }: Place): Promise<Repository> {
  try {
    const [root = "", gitFolder = "", commit = ""] = (
      await git(context, ["rev-parse", "--show-toplevel", "--absolute-git-dir", "HEAD"])
    ).split("\n");
    return { root, gitFolder, commit };
  } catch (thrown) {
    if (thrown instanceof GitMissing) throw noGit(thrown);
    throw noCommit(relative(project, context) || "the project's folder", thrown);
  }
}

/** The commit that the repository has of a submodule, whatever is checked out there. */
async function submoduleAt(folder: string, path: string, commit: string): Promise<Repository> {
  try {
    const [root = "", gitFolder = ""] = (await git(folder, ["rev-parse", "--show-toplevel", "--absolute-git-dir"])).split("\n");
    if (root !== (await realpath(folder))) throw new Error(`nothing is checked out in ${path}`);
    await git(gitFolder, ["cat-file", "-e", `${commit}^{commit}`]);
    return { root, gitFolder, commit };
  } catch (thrown) {
    throw noSubmodule(path, commit, thrown);
  }
}

async function entriesIn(gitFolder: string, commit: string): Promise<Entry[]> {
  const listed = await git(gitFolder, ["ls-tree", "-r", "-z", "--full-tree", commit]);
  return listed.split("\0").flatMap((line) => {
    const { mode, object, path } = /^(?<mode>\d+) \w+ (?<object>[0-9a-f]+)\t(?<path>.+)$/s.exec(line)?.groups ?? {};
    return mode === undefined || object === undefined || path === undefined ? [] : [{ mode, object, path }];
  });
}

/** Like `entryAt`, by the id that git has for the content. */
const textOf = ({ mode, object }: Entry): string =>
  mode === LINK ? `link ${object}` : `file ${mode === "100755" ? "755" : "644"} ${object}`;

/** Folders may be links; the file itself is taken as it is called. */
async function realPlace(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  const isFolder = real !== undefined && basename(real) === basename(path);
  return isFolder ? real : join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path));
}

const noCommit = (folder: string, cause: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "BUILD_NOT_COMMITTED",
      what: `slipway:builder.clean builds a commit, and none exists in ${folder}`,
      evidence: [cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause)],
      servesNow: NOTHING_TOUCHED,
      next: "run it in a git repository with a commit, or remove slipway:builder.clean",
    },
    { cause },
  );

const noGit = (cause: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "TOOL_MISSING",
      what: "git is not on PATH; slipway:builder.clean reads the commit with it",
      servesNow: NOTHING_TOUCHED,
      next: "install git, or remove slipway:builder.clean",
    },
    { cause },
  );

const notCommitted = ({ project, dockerfile }: Place): SlipwayError =>
  new SlipwayError({
    code: "BUILD_NOT_COMMITTED",
    what: `slipway:builder.clean builds a commit, and ${relative(project, dockerfile)} is not in it`,
    servesNow: NOTHING_TOUCHED,
    next: "commit it, or remove slipway:builder.clean",
  });

const noSubmodule = (path: string, commit: string, cause: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "BUILD_NOT_COMMITTED",
      what: `the commit has ${path} as a submodule at ${commit.slice(0, 12)}, which is not on this machine`,
      servesNow: NOTHING_TOUCHED,
      next: `git submodule update --init --recursive; in CI, let the checkout fetch submodules`,
    },
    { cause },
  );
