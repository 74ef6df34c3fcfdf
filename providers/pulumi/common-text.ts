import { LATER, LATER_IMAGE } from "./foreseen.ts";

/** A part of a text, and what separates it from the next one. */
interface Part {
  readonly text: string;
  readonly after: string;
}

/** How a plan is divided: lines, columns, steps. */
interface Division {
  readonly separator: RegExp;
  /** Whether parts at one place are compared where one text has more of them. */
  readonly inOrder: boolean;
}

const DIVISIONS: readonly Division[] = [
  { separator: /(\n *)/, inOrder: true },
  { separator: /( {2,})/, inOrder: false },
  { separator: /( · )/, inOrder: false },
];
const WORDS = /( +|(?<=\()|(?=[),;]))/;

/**
 * What two plans have in common. Where they differ, they depend on a value that is not known yet.
 *
 * @example commonText("stop shop-web (≤ 1 s to finish)", "stop shop-web (≤ 2 s to finish)") // "stop shop-web (≤ (known after this run) s to finish)"
 */
export const commonText = (one: string, other: string): string =>
  common(one, other, DIVISIONS).replaceAll(LATER_IMAGE, LATER).replaceAll(REPEATED, LATER);

const REPEATED = /\(known after this run\)(?:[ ,;·]+\(known after this run\))+/g;

function common(one: string, other: string, [division, ...finer]: readonly Division[]): string {
  if (one === other) return one;
  if (division === undefined) return commonWords(partsOf(one, WORDS), partsOf(other, WORDS));
  const { separator, inOrder } = division;
  const parts = aligned(partsOf(one, separator), partsOf(other, separator)).flatMap(([own, others]) => {
    const compared = own.length === others.length || inOrder ? Math.min(own.length, others.length) : 0;
    const both = own.slice(0, compared).map(({ text, after }, at) => ({
      text: common(text, others[at]?.text ?? "", finer),
      // The last part of one text may not be the last one of the other.
      after: after === "" ? (others[at]?.after ?? "") : after,
    }));
    const [last] = [...own.slice(compared), ...others.slice(compared)].slice(-1);
    return last === undefined ? both : [...both, { text: LATER, after: last.after }];
  });
  return joined(parts);
}

/** Of one step the words at both ends that are the same. With different first words they are two steps. */
function commonWords(one: readonly Part[], other: readonly Part[]): string {
  const most = Math.min(one.length, other.length);
  const start = countWhile(most, (at) => one[at]?.text === other[at]?.text);
  if (start === 0) return LATER;
  if (one.length === other.length)
    return joined(one.map(({ text, after }, at) => ({ text: text === other[at]?.text ? text : LATER, after })));
  const end = countWhile(most - start, (at) => one.at(-1 - at)?.text === other.at(-1 - at)?.text);
  const last = one.length - end;
  return joined([...one.slice(0, start), { text: LATER, after: one[last - 1]?.after ?? "" }, ...one.slice(last)]);
}

const joined = (parts: readonly Part[]): string =>
  parts.map(({ text, after }, at) => (at === parts.length - 1 ? text : `${text}${after}`)).join("");

function partsOf(text: string, separator: RegExp): Part[] {
  const pieces = text.split(separator);
  return pieces.flatMap((piece, at) => (at % 2 === 0 ? [{ text: piece, after: pieces[at + 1] ?? "" }] : []));
}

type Pair = readonly [one: readonly Part[], other: readonly Part[]];

/** The longest sequence of equal parts, each as a pair, and what is between them on both sides. */
function aligned(one: readonly Part[], other: readonly Part[]): Pair[] {
  const lengths = commonLengths(one, other);
  const pairs: Pair[] = [];
  let between: readonly [Part[], Part[]] = [[], []];
  const close = () => {
    if (between.flat().length > 0) pairs.push(between);
    between = [[], []];
  };
  for (let [at, there] = [0, 0]; at < one.length || there < other.length; ) {
    const [own, others] = [one[at], other[there]];
    if (own !== undefined && own.text === others?.text) {
      close();
      pairs.push([[own], [others]]);
      at++;
      there++;
    } else if (
      others === undefined ||
      (own !== undefined && (lengths[at + 1]?.[there] ?? 0) >= (lengths[at]?.[there + 1] ?? 0))
    ) {
      if (own !== undefined) between[0].push(own);
      at++;
    } else {
      between[1].push(others);
      there++;
    }
  }
  close();
  return pairs;
}

/** How many parts the rests have in common, from each pair of places on. */
function commonLengths(one: readonly Part[], other: readonly Part[]): number[][] {
  const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  for (let at = one.length - 1; at >= 0; at--)
    for (let there = other.length - 1; there >= 0; there--) {
      const [row, below] = [lengths[at] ?? [], lengths[at + 1] ?? []];
      row[there] =
        one[at]?.text === other[there]?.text ? (below[there + 1] ?? 0) + 1 : Math.max(below[there] ?? 0, row[there + 1] ?? 0);
    }
  return lengths;
}

function countWhile(most: number, holds: (at: number) => boolean): number {
  let count = 0;
  while (count < most && holds(count)) count++;
  return count;
}
