import { type ImportedStack, projectName, stackFile } from "../../kamal/project/files.ts";
import { ignoring, manifestText, projectText } from "../../project/new/files.ts";
import { ownVersions } from "../../project/new/versions.ts";

/** File → content, of the whole project. */
export function projectFiles(stacks: readonly ImportedStack[]): Map<string, string> {
  const name = projectName(stacks);
  return new Map([
    ["Pulumi.yaml", projectText({ name })],
    ["package.json", manifestText({ name, versions: ownVersions() })],
    [".gitignore", ignoring("")],
    ...stacks.map((stack) => [`Pulumi.${stack.name}.yaml`, stackFile(stack)] as const),
  ]);
}
