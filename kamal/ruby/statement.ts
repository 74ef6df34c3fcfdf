/** A statement of the code in a template. */
export type Statement =
  | { readonly do: "if"; readonly condition: string; readonly unless: boolean }
  | { readonly do: "elsif"; readonly condition: string }
  | { readonly do: "else" }
  | { readonly do: "end" }
  | { readonly do: "set"; readonly name: string; readonly code: string }
  | { readonly do: "raise"; readonly code: string; readonly condition: string | undefined; readonly unless: boolean }
  /** Reads files with variables into the environment, as the gem dotenv does. */
  | { readonly do: "dotenv"; readonly files: readonly string[] }
  | { readonly do: "other"; readonly code: string };

export interface Placed {
  readonly statement: Statement;
  /** Lines below the beginning of the code. */
  readonly at: number;
}

/** The statements of a tag. One that is not known takes all that follows it up to the end of its blocks. */
export function statements(code: string): Placed[] {
  const all: Placed[] = [];
  const lines = code.split("\n");
  for (let at = 0; at < lines.length; at++) {
    for (const part of partsOf(lines[at] ?? "")) {
      const statement = parse(part);
      if (statement === undefined) continue;
      if (statement.do !== "other") {
        all.push({ statement, at });
        continue;
      }
      let whole = part;
      const from = at;
      while (blockDepth(whole) > 0 && at + 1 < lines.length) whole = `${whole}\n${lines[++at]}`;
      all.push({ statement: { do: "other", code: whole }, at: from });
    }
  }
  return all;
}

/** Split at `;`, but not within a text. */
function partsOf(line: string): string[] {
  const parts = line.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|[^;"'`])+/g) ?? [];
  return parts.map((part) => part.trim());
}

function parse(text: string): Statement | undefined {
  if (text === "" || text.startsWith("#") || /^require(?:_relative)? ["']dotenv["']$/.test(text)) return undefined;
  const [, word, condition] = /^(if|unless|elsif)\b\s*(.+?)(?:\s+then)?$/s.exec(text) ?? [];
  if (condition !== undefined)
    return word === "elsif" ? { do: "elsif", condition } : { do: "if", condition, unless: word === "unless" };
  if (text === "else") return { do: "else" };
  if (text === "end") return { do: "end" };
  const [, name, value] = /^([a-z_]\w*)\s*=(?![=~>])\s*(.+)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined && blockDepth(value) === 0) return { do: "set", name, code: value };
  const [, raised, when, asked] = /^(?:raise|abort)\b(.*?)(?:\s+(if|unless)\s+(.+))?$/s.exec(text) ?? [];
  if (raised !== undefined) return { do: "raise", code: text, condition: asked, unless: when === "unless" };
  const [, files] = /^Dotenv\.(?:load|overload)!?\s*(?:\((.*)\)|(.*))$/.exec(text) ?? [];
  if (/^Dotenv\.(?:load|overload)/.test(text)) {
    const named = [...(files ?? text).matchAll(/["']([^"']+)["']/g)].map(([, file = ""]) => file);
    return { do: "dotenv", files: named.length === 0 ? [".env"] : named };
  }
  return { do: "other", code: text };
}

/** How many blocks the code leaves open. */
export function blockDepth(code: string): number {
  const plain = code.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|#(?!\{).*/g, '""');
  const opened =
    plain.match(/(?:^|\n|;)\s*(?:if|unless|case|while|until|def|begin|for)\b|\bdo\b(?:\s*\|[^|]*\|)?\s*(?=\n|;|$)/g) ?? [];
  const closed = plain.match(/(?:^|\n|;|\s)end\b/g) ?? [];
  return opened.length - closed.length;
}
