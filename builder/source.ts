import type { Builder } from "../core/builder.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { type Paths, pathsOf, pathsText } from "../core/paths.ts";
import type { Content } from "./context/content.ts";
import { ignoredIn } from "./context/ignore-file.ts";
import { readContext } from "./context/read.ts";
import { commitAt } from "./git/commit.ts";
import { readCommit } from "./git/committed.ts";
import type { Place } from "./place.ts";

type Clean = Pick<Builder, "clean">;

/** What an image would be built from now. */
export interface Source {
  readonly content: Content;
  /** The commit, short; `undefined` outside of a repository. */
  readonly commit: string | undefined;
  /** Files of the context that differ from the commit. */
  readonly uncommitted: readonly string[];
}

/** The content of a build: of the folder, or with `clean` of the commit. Rejects with what the file system or git says. */
export const contentNow = async ({ clean }: Clean, place: Place): Promise<Content> =>
  clean === undefined ? readContext(place) : (await readCommit(place)).content;

/** The same, compared with the commit. Rejects for `clean: true` if anything is not committed, and names it. */
export async function sourceOf({ clean }: Clean, place: Place): Promise<Source> {
  const asked = commitAt(place.context, place.dockerfile);
  const { content, ignored } =
    clean === undefined ? { content: readContext(place), ignored: ignoredIn(place) } : await readCommit(place);
  const git = await asked;
  const uncommitted = (git?.uncommitted ?? []).filter((path) => content.entries.has(path) || !ignored.ignores(path));
  if (clean === true && uncommitted.length > 0) throw notClean(pathsOf(uncommitted));
  return { content, commit: git?.commit, uncommitted };
}

const notClean = (paths: Paths): SlipwayError =>
  new SlipwayError({
    code: "BUILD_NOT_COMMITTED",
    what: `slipway:builder.clean builds what is committed, and ${paths.count} ${paths.count === 1 ? "file" : "files"} of the context ${paths.count === 1 ? "is" : "are"} not`,
    evidence: [pathsText(paths)],
    servesNow: NOTHING_TOUCHED,
    next: "commit them, name them in .gitignore or .dockerignore, or set slipway:builder.clean to commit, which leaves them out of the image",
  });
