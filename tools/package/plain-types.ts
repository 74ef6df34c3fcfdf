import { dirname, join } from "node:path";
import ts from "typescript";

/**
 * Declarations in which no type is inferred from a schema any more: each `type X = z.infer<typeof X>` is written out, and the schemas are left
 * out. A program would otherwise compile zod's declarations with its own compiler options, which may be too old for them.
 *
 * @param at where the file would be, so that its imports are found
 */
export function withoutSchemas(declarations: string, at: string): string {
  const file = join(dirname(at), "rolled-up.d.ts");
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    strict: true,
    exactOptionalPropertyTypes: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, declarations, target, true) : getSourceFile.call(host, name, target);
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  host.readFile = (name) => (name === file ? declarations : readFile.call(host, name));
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} was not read`);
  const checker = program.getTypeChecker();
  const kept = source.statements.flatMap((statement) => rewritten(statement, source, checker));
  return `${kept.join("\n").trim()}\n`;
}

const WHOLE =
  ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

function rewritten(statement: ts.Statement, source: ts.SourceFile, checker: ts.TypeChecker): string[] {
  if (ts.isImportDeclaration(statement) && statement.moduleSpecifier.getText(source).includes("zod")) return [];
  if (ts.isVariableStatement(statement) && isSchema(statement, source)) return [];
  if (!ts.isTypeAliasDeclaration(statement) || !/\bz\.(?:infer|output|input)\b/.test(statement.type.getText(source)))
    return [statement.getFullText(source).replace(/^\n/, "")];
  const type = checker.getTypeAtLocation(statement.name);
  const [comment = ""] = /^(?:\s*\/\*\*[\s\S]*?\*\/)?/.exec(statement.getFullText(source)) ?? [];
  return [`${comment}\ntype ${statement.name.text} = ${checker.typeToString(type, statement, WHOLE)};`];
}

const isSchema = (statement: ts.VariableStatement, source: ts.SourceFile): boolean => /:\s*z\./.test(statement.getText(source));
