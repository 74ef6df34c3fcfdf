/**
 * The declarations of the package's public types in one file: what a program compiles against, and what is reviewed as `docs/api.d.ts`. Declarations of
 * each module would drag in those of everything behind them, which a program with other compiler options could not compile.
 */
import { builtinModules } from "node:module";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";

/** @param entry a `.d.ts` file, @returns the declarations that it exports, with all that they refer to in this package */
export async function rolledUp(entry: string): Promise<string> {
  const problems: string[] = [];
  const bundle = await rollup({
    input: entry,
    plugins: [dts()],
    external: (id) => id.startsWith("@pulumi/") || id.startsWith("node:") || builtinModules.includes(id),
    onwarn: ({ message }) => void problems.push(message),
  });
  const { output } = await bundle.generate({ format: "es" });
  if (problems.length > 0) throw new Error(`the public types cannot be written into one file:\n${problems.join("\n")}`);
  return output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
}
