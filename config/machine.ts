import { type HetznerMachine, OWN_KEYS, resolveMachine } from "./hosts/hetzner-machine.ts";
import { withYamlKeys } from "./program-keys.ts";
import { ROOT_KEYS } from "./root.ts";
import { isHostName, quoted } from "./schema/name.ts";
import { Problems } from "./schema/problem.ts";
import { section } from "./schema/section.ts";
import { readShape } from "./schema/shape.ts";

const MachineSection = section(OWN_KEYS);

/** Reads the arguments of a machine at Hetzner in a program: the keys of `slipway:hetzner` that are about one machine, in camel case. */
export function parseMachine(name: string, args: object): HetznerMachine {
  const names = new Map<string, string>();
  const problems = new Problems({ scalars: [], hidden: new Set(), names, within: ["hetzner"] });
  const at = problems.at.bind(problems);
  if (!isHostName(name)) at("name").refuse(`${quoted(name)} is not a valid host name: use letters, digits, ., - and _`);
  const { hetzner } = withYamlKeys({ hetzner: args }, names);
  const machine = resolveMachine(readShape(MachineSection, hetzner, at("hetzner")) ?? {}, {}, at("hetzner"));
  if (!problems.none) throw problems.error(`the arguments of the machine ${name}`, ROOT_KEYS);
  return machine;
}
