/** CHANGELOG.md: `## Unreleased`, then a section for each release, newest first: `## 0.2.0 - 2026-11-30`. */

interface Section {
  /** `Unreleased`, `0.2.0`. */
  readonly title: string;
  readonly body: string;
}

const UNRELEASED = "Unreleased";

/** What the section says; empty if there is nothing but headings in it, or no such section. */
export function bodyOf(changelog: string, title: string): string {
  const body = sectionsOf(changelog).find((section) => section.title === title)?.body ?? "";
  return body.replaceAll(/^#+ .*$/gm, "").trim() === "" ? "" : body;
}

export const unreleased = (changelog: string): string => bodyOf(changelog, UNRELEASED);

export const lastRelease = (changelog: string): string | undefined =>
  sectionsOf(changelog).find(({ title }) => title !== UNRELEASED)?.title;

/** With what is unreleased in a section of its own. @param date `2026-11-30` */
export const withRelease = (changelog: string, version: string, date: string): string =>
  changelog.replace(/^## Unreleased$/m, `## ${UNRELEASED}\n\n## ${version} - ${date}`);

const sectionsOf = (changelog: string): Section[] =>
  changelog
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [heading = "", ...lines] = text.split("\n");
      return { title: heading.split(" ", 1)[0] ?? "", body: lines.join("\n").trim() };
    });
