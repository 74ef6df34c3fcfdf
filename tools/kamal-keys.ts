import { ROOT } from "../kamal/translate/root.ts";
import type { Rule, Rules, Status } from "../kamal/translate/rule.ts";

const INTRODUCTION = `# Kamal's keys

What \`slipway import\` makes of each key of \`config/deploy.yml\` ([how it is used](kamal.md)). Its report has the line of every value that is not simply
taken.

- **same**: the key has the same name and meaning below \`slipway:\`, or a difference that is named here.
- **translated**: it means the same in another form, which the import writes.
- **not needed**: nothing has to be written for it.
- **by hand**: it has no counterpart that could be written without a decision; the report says what to write.

Any other key is by hand, too: no version of Kamal has it. Keys that begin with \`x-\` are not needed: what their anchors stand for is written where it is
used.

This page is generated from the rules in \`kamal/translate/\` by \`node tools/docs.ts\`.
`;

/** docs/kamal-keys.md */
export function kamalKeysPage(): string {
  const rows = [...rowsOf(ROOT)];
  const lines = rows.map(([path, { status, note }]) => `| \`${path}\` | ${status} | ${note.replaceAll("|", "\\|")} |`);
  const counts = (["same", "translated", "not needed", "by hand"] satisfies Status[]).map(
    (status) => `${rows.filter(([, rule]) => rule.status === status).length} ${status}`,
  );
  return `${INTRODUCTION}\n${rows.length} keys: ${counts.join(", ")}.\n\n| key | | here |\n|---|---|---|\n${lines.join("\n")}\n`;
}

/** Keys whose own keys are listed once, with a role's. */
const LISTED_ELSEWHERE = /^(?:accessories\.<accessory>\.(?:options|proxy|registry|env)|servers\.<role>\.(?:proxy|env))$/;

function* rowsOf(rules: Rules<never>, above = ""): Generator<[string, Rule<never>]> {
  for (const [key, rule] of Object.entries(rules)) {
    const path = above === "" ? key : `${above}.${key}`;
    if (!key.startsWith("<")) yield [path, rule];
    if (rule.below !== undefined && !LISTED_ELSEWHERE.test(path)) yield* rowsOf(rule.below, path);
  }
}
