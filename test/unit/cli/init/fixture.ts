import type { AppFiles } from "../../../../cli/init/app/files.ts";

/** An app with these files. */
export const anApp = (files: Readonly<Record<string, string>>): AppFiles => ({
  read: (path) => files[path],
  list: (folder) => {
    const start = folder === "." ? "" : `${folder}/`;
    const below = Object.keys(files).filter((path) => path.startsWith(start));
    return [...new Set(below.map((path) => path.slice(start.length).split("/", 1)[0] ?? ""))];
  },
});
