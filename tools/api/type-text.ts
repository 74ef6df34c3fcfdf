import ts from "typescript";

/** Local name → what to write instead: the name that is exported, or the type that an alias means. */
export type Names = ReadonlyMap<string, string>;

/** A type as a reader needs it: `Input<string>[]`, without `readonly`, `pulumi.` and `undefined`. */
export function typeText(type: ts.TypeNode, names: Names): string {
  const text = (inner: ts.TypeNode): string => typeText(inner, names);
  if (ts.isTypeReferenceNode(type)) return referenceText(type, names);
  if (ts.isTypeOperatorNode(type) && type.operator === ts.SyntaxKind.ReadonlyKeyword) return text(type.type);
  if (ts.isParenthesizedTypeNode(type)) return `(${text(type.type)})`;
  if (ts.isArrayTypeNode(type)) return `${text(type.elementType)}[]`;
  if (ts.isUnionTypeNode(type)) return unique(type.types.filter((one) => !isUndefined(one)).map(text)).join(" | ");
  if (ts.isIntersectionTypeNode(type)) return type.types.map(text).join(" & ");
  if (ts.isTypeLiteralNode(type)) return `{ ${type.members.flatMap((member) => fieldText(member, names)).join("; ")} }`;
  return plain(type);
}

function referenceText({ typeName, typeArguments }: ts.TypeReferenceNode, names: Names): string {
  const local = plain(typeName);
  const inner = typeArguments?.map((one) => typeText(one, names)) ?? [];
  if (local === "Readonly" || local === "ReadonlyArray") return inner.join(", ");
  const name = names.get(local) ?? local;
  return inner.length === 0 ? name : `${name}<${inner.join(", ")}>`;
}

function fieldText(member: ts.TypeElement, names: Names): string[] {
  if (!ts.isPropertySignature(member) || member.type === undefined) return [plain(member)];
  return [`${plain(member.name)}${member.questionToken ? "?" : ""}: ${typeText(member.type, names)}`];
}

const isUndefined = (type: ts.TypeNode): boolean => type.kind === ts.SyntaxKind.UndefinedKeyword;
const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
const plain = (node: ts.Node): string => node.getText().replaceAll("pulumi.", "").replaceAll(/\s+/g, " ");
