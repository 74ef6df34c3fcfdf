import ts from "typescript";
import { type Comment, parseComment } from "./comment.ts";
import { type Names, typeText } from "./type-text.ts";

/** Something that the package exports, under the name that it exports it by. */
export type Declaration = Documented &
  (
    | {
        readonly kind: "class";
        readonly signature: string;
        readonly fields: readonly Field[];
        readonly methods: readonly Method[];
      }
    | { readonly kind: "interface"; readonly bases: readonly string[]; readonly fields: readonly Field[] }
    | { readonly kind: "alias"; readonly type: string }
    | { readonly kind: "function"; readonly signature: string }
  );

interface Documented {
  readonly name: string;
  readonly comment: Comment;
}

export interface Field extends Documented {
  readonly type: string;
  readonly optional: boolean;
}

export interface Method extends Documented {
  readonly signature: string;
}

type Structure = ts.ClassDeclaration | ts.InterfaceDeclaration;

/** @param text of docs/api.d.ts, @returns all that it exports, in its order */
export function declarationsOf(text: string): Declaration[] {
  const source = ts.createSourceFile("api.d.ts", text, ts.ScriptTarget.ES2024, true);
  const exported = exportsOf(source);
  const reader = new Reader(source, exported);
  return source.statements.flatMap((statement) => {
    const name = exported.get(nameOf(statement));
    return name === undefined ? [] : reader.read(statement, name);
  });
}

/** Name in the file → name for programs. */
function exportsOf(source: ts.SourceFile): Map<string, string> {
  const clauses = source.statements.filter(ts.isExportDeclaration).flatMap(({ exportClause }) => exportClause ?? []);
  const specifiers = clauses.filter(ts.isNamedExports).flatMap(({ elements }) => [...elements]);
  return new Map(specifiers.map(({ propertyName, name }) => [(propertyName ?? name).text, name.text]));
}

class Reader {
  readonly #names: Names;
  readonly #exported: ReadonlyMap<string, string>;
  readonly #structures: ReadonlyMap<string, Structure>;

  constructor(source: ts.SourceFile, exported: ReadonlyMap<string, string>) {
    this.#exported = exported;
    this.#names = new Map([...source.statements.filter(ts.isTypeAliasDeclaration).flatMap(simpleAlias), ...exported]);
    const structures = source.statements.filter((one) => ts.isClassDeclaration(one) || ts.isInterfaceDeclaration(one));
    this.#structures = new Map(structures.map((one) => [nameOf(one), one]));
  }

  read(statement: ts.Statement, name: string): Declaration[] {
    const documented = { name, comment: commentOf(statement) };
    if (ts.isClassDeclaration(statement)) {
      const { fields, methods } = this.#membersOf(statement);
      const own = statement.members.find(ts.isConstructorDeclaration);
      const signature = `new ${name}${this.#parametersOf(own?.parameters ?? [])}`;
      const { parameters } = own === undefined ? documented.comment : commentOf(own);
      return [{ name, comment: { ...documented.comment, parameters }, kind: "class", signature, fields, methods }];
    }
    if (ts.isInterfaceDeclaration(statement)) {
      const bases = basesOf(statement).flatMap((base) => this.#exported.get(base) ?? []);
      return [{ ...documented, kind: "interface", bases, fields: this.#membersOf(statement).fields }];
    }
    if (ts.isTypeAliasDeclaration(statement)) return [{ ...documented, kind: "alias", type: this.#text(statement.type) }];
    if (ts.isFunctionDeclaration(statement))
      return [{ ...documented, kind: "function", signature: this.#callOf(statement, name) }];
    throw new Error(`${name} is neither a class, a function nor a type: the page of the API does not know it`);
  }

  /** With those of what it extends, unless that is exported as well and has a section of its own. */
  #membersOf(structure: Structure): { readonly fields: Field[]; readonly methods: Method[] } {
    const inherited = basesOf(structure)
      .filter((base) => !this.#exported.has(base))
      .flatMap((base) => this.#structures.get(base) ?? [])
      .map((base) => this.#membersOf(base));
    const members = [...structure.members].filter(isPublic);
    const fields = members.filter((one) => ts.isPropertyDeclaration(one) || ts.isPropertySignature(one));
    return {
      fields: [...inherited.flatMap((base) => base.fields), ...fields.map((field) => this.#field(field))],
      methods: [
        ...inherited.flatMap((base) => base.methods),
        ...members.filter(ts.isMethodDeclaration).map((method) => this.#method(method)),
      ],
    };
  }

  #field(field: ts.PropertyDeclaration | ts.PropertySignature): Field {
    const type = field.type === undefined ? "unknown" : this.#text(field.type);
    return { name: nameOf(field), comment: commentOf(field), type, optional: field.questionToken !== undefined };
  }

  #method(method: ts.MethodDeclaration): Method {
    const name = nameOf(method);
    return { name, comment: commentOf(method), signature: this.#callOf(method, name) };
  }

  #callOf({ parameters, type }: ts.FunctionDeclaration | ts.MethodDeclaration, name: string): string {
    return `${name}${this.#parametersOf(parameters)}: ${type === undefined ? "void" : this.#text(type)}`;
  }

  #parametersOf(parameters: Iterable<ts.ParameterDeclaration>): string {
    const shown = [...parameters].map(({ name, questionToken, type }) => {
      // What is added to the arguments only gives the compiler the names that the program uses.
      const [first] = type !== undefined && ts.isIntersectionTypeNode(type) ? type.types : [type];
      return `${ts.isIdentifier(name) ? name.text : "args"}${questionToken ? "?" : ""}: ${first === undefined ? "unknown" : this.#text(first)}`;
    });
    return `(${shown.join(", ")})`;
  }

  #text(type: ts.TypeNode): string {
    return typeText(type, this.#names);
  }
}

/** `HostName` is a `string` for programs. */
function simpleAlias({ name, type }: ts.TypeAliasDeclaration): [string, string][] {
  if (ts.isTemplateLiteralTypeNode(type)) return [[name.text, "string"]];
  return ts.isToken(type) ? [[name.text, type.getText()]] : [];
}

/** A statement without a name has none: the compiler's types do not say which ones have. */
const nameOf = (node: ts.Node): string => ts.getNameOfDeclaration(node as ts.Declaration)?.getText() ?? "";

const basesOf = (structure: Structure): string[] =>
  (structure.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => expression.getText()));

const isPublic = (member: ts.ClassElement | ts.TypeElement): boolean =>
  (member.name === undefined || !ts.isPrivateIdentifier(member.name)) &&
  (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0;

/** The last one: what is above it belongs to the file. */
const commentOf = (node: ts.Node): Comment =>
  parseComment(ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)?.getText() ?? "");
