import { type Problem, readConfig } from "../../config/index.ts";
import { type ImportedStack, stackFile, valuesOf } from "../../kamal/project/files.ts";
import { inKamal, isAsked } from "../../kamal/project/places.ts";
import type { Finding } from "../../kamal/translate/finding.ts";
import { nodeAt, type Path, type Tree } from "../../kamal/yaml/tree.ts";
import { writtenText } from "../../project/config-values.ts";
import { plainScalars } from "../../project/plain-scalars.ts";

/**
 * What Slipway itself refuses in an imported stack, as findings with the lines of Kamal's files. Secrets are taken as set: what their values
 * have to be is checked when they are.
 *
 * @param root the project's folder, which has the files that the stack names
 */
export function refusedBySlipway(stack: ImportedStack, root: string): Finding[] {
  const { translation } = stack;
  const names = [...translation.secrets.map(({ name }) => name), ...translation.secretsInFiles];
  const secrets = Object.fromEntries(names.map((name) => [name, "unknown"]));
  const values = Object.entries({ ...valuesOf(translation), secrets }).map(([key, value]) => [
    `slipway:${key}`,
    writtenText(value) ?? "",
  ]);
  const { problems } = readConfig({
    values: Object.fromEntries(values),
    secretKeys: new Set(["slipway:secrets"]),
    stack: stack.name,
    file: `Pulumi.${stack.name}.yaml`,
    plain: plainScalars(stackFile(stack)),
    root,
  });
  return problems
    .filter((problem) => !isOfStandIn(problem, translation.stack) && !isAsked(problem.path, translation.findings))
    .filter(({ path }) => !(translation.isPartial && isOfDestination(path, translation.stack)))
    .map(({ path, message }) => ({
      outcome: "needs you",
      ...inKamal(path, translation),
      to: path,
      says: message,
    }));
}

/** What a base lacks that is only deployed with a destination: it has been said once, for all of it. */
function isOfDestination(path: Path, stack: Tree): boolean {
  const [section, , ...rest] = path;
  const isUnnamed = ["host", "hosts"].every((key) => nodeAt(stack, ["proxy", key]) === undefined);
  if (section === "servers") return rest.length === 0 || rest[0] === "hosts";
  return section === "accessories" ? rest.length === 0 : path.join(".") === "proxy.ssl" && isUnnamed;
}

/** What is wrong with the value of a secret that is not known yet. */
const isOfStandIn = ({ path }: Problem, stack: Tree): boolean =>
  ["certificate_pem", "private_key_pem"].includes(String(path.at(-1))) && nodeAt(stack, path) !== undefined;
