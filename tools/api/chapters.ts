import type { Declaration, Field } from "./declarations.ts";

/** A class or a function with the types that it takes and has. Those that an earlier chapter has are not repeated. */
export interface Chapter {
  readonly main: Declaration;
  readonly types: readonly Declaration[];
}

/** Names of types, classes and interfaces in the text of a type. */
export const NAMES = /\b[A-Z]\w*\b/g;

/** Everything else follows by name: classes, then functions. */
const FIRST = ["Server", "App"];
const KINDS = ["class", "function", "interface", "alias"] as const;

/** @param all by name */
export function chaptersOf(all: ReadonlyMap<string, Declaration>): Chapter[] {
  const done = new Set<string>();
  const typesBelow = (declaration: Declaration): Declaration[] =>
    mentioned(declaration).flatMap((name) => {
      const found = all.get(name);
      if (found === undefined || !isType(found) || done.has(name)) return [];
      done.add(name);
      return [found, ...typesBelow(found)];
    });
  return [...all.values()].sort(byPlace).flatMap((main) => {
    if (done.has(main.name)) return [];
    done.add(main.name);
    return [{ main, types: typesBelow(main) }];
  });
}

function byPlace(one: Declaration, other: Declaration): number {
  const place = ({ name, kind }: Declaration): number => {
    const at = FIRST.indexOf(name);
    return at >= 0 ? at : FIRST.length + KINDS.indexOf(kind);
  };
  return place(one) - place(other) || (one.name < other.name ? -1 : 1);
}

const isType = ({ kind }: Declaration): boolean => kind === "interface" || kind === "alias";

/** The names in its types, in order. */
function mentioned(declaration: Declaration): string[] {
  return textsOf(declaration).flatMap((text) => text.match(NAMES) ?? []);
}

function textsOf(declaration: Declaration): string[] {
  switch (declaration.kind) {
    case "class":
      return [declaration, ...declaration.methods].map(({ signature }) => signature).concat(typesOf(declaration.fields));
    case "interface":
      return [...declaration.bases, ...typesOf(declaration.fields)];
    case "alias":
      return [declaration.type];
    case "function":
      return [declaration.signature];
  }
}

const typesOf = (fields: readonly Field[]): string[] => fields.map(({ type }) => type);
