/** What the comment of a declaration says. */
export interface Comment {
  readonly description: string;
  /** The default, in words or as a literal. */
  readonly fallback: string | undefined;
  readonly refused: string | undefined;
  /** As code. */
  readonly example: string | undefined;
  /** Parameter → meaning. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Only these: a description may say `@daily`. */
const TAGS = /(?:^|\s)@(?=(?:example|param|returns)\b)/;

/** @param text with its delimiters; empty if there is no comment */
export function parseComment(text: string): Comment {
  const lines = text
    .replaceAll(/^\/\*\*|\*\/$/g, "")
    .replaceAll("*\\/", "*/")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""));
  const [prose = "", ...tags] = lines.join("\n").trim().split(TAGS);
  const fallback = sentence("Default", prose);
  const refused = sentence("Refused", prose);
  return {
    description: oneLine([fallback, refused].reduce((left, found) => left.replace(found?.text ?? "", () => ""), prose)),
    fallback: fallback?.says,
    refused: refused?.says,
    example: tags
      .find((tag) => tag.startsWith("example"))
      ?.slice("example".length)
      .trim(),
    parameters: Object.fromEntries(tags.flatMap(parameterOf)),
  };
}

/** A dot ends it only before a blank: `v0.9.2`, `slipway.*`. */
function sentence(word: string, prose: string): { readonly text: string; readonly says: string } | undefined {
  const [text, says = ""] = new RegExp(`\\b${word}: ([\\s\\S]*?)\\.(?=\\s|$)`).exec(prose) ?? [];
  return text === undefined ? undefined : { text, says: oneLine(says) };
}

function parameterOf(tag: string): [string, string][] {
  const [, name, meaning] = /^param (\w+) ([\s\S]*)$/.exec(tag) ?? [];
  return name === undefined || meaning === undefined ? [] : [[name, oneLine(meaning)]];
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
