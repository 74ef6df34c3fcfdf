/** What differs between two texts, by lines: those that are removed, added, and two around each place. */
export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

const AROUND = 2;

/** Of files with some hundred lines. Pure. */
export function diff(before: string, after: string): DiffLine[] {
  const lines = lineDiff(linesOf(before), linesOf(after));
  const near = (at: number) => lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== " ");
  const kept = lines.map((line, at) => ({ line, isShown: near(at) }));
  return kept.flatMap(({ line, isShown }, at) => {
    if (isShown) return [line];
    // One line for each part that is left out between two places.
    const isBetween = kept[at - 1]?.isShown === true && kept.slice(at).some((one) => one.isShown);
    return isBetween ? [{ sign: " ", text: "…" } as const] : [];
  });
}

const linesOf = (text: string): string[] => text.replace(/\r?\n$/, "").split(/\r?\n/);

function lineDiff(a: readonly string[], b: readonly string[]): DiffLine[] {
  // The length of the longest common subsequence behind each pair of places.
  const longest = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = longest[i] ?? [];
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && one === other) {
      lines.push({ sign: " ", text: one });
      [i, j] = [i + 1, j + 1];
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: one });
      i += 1;
    } else {
      lines.push({ sign: "+", text: other ?? "" });
      j += 1;
    }
  }
  return lines;
}
