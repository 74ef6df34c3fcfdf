import * as pulumi from "@pulumi/pulumi";
import { argumentsError, type Problem, type ProgramPlace, parseConfig, placeOfAlone, readConfig } from "../../config/index.ts";
import { type Configured, plainly } from "../pulumi/configured.ts";
import type { Known } from "../pulumi/known.ts";
import { PendingConfig, type Trials } from "../pulumi/pending-config.ts";
import { type Held, Outputs } from "./outputs.ts";
import type { ProgramValues } from "./program-values.ts";

/** The root keys that may hold secrets. */
const SECRET_KEYS: ReadonlySet<string> = new Set(["secrets", "registry"]);
/** The resources that have it seal it. */
const SEALED_PLACE = "accessories.files[].content";
const SECRET_SHOWN =
  "is a secret, but is shown in previews and kept in the state in clear: pass secrets in env, secrets or registry";

/** The config of an app, or of an accessory alone, from its values: read, checked and completed exactly as a stack's file is. */
export function configOf({ values, names, file, alone }: ProgramValues): Configured {
  const outputs = new Outputs(values);
  const rawWith = (given: (held: Held) => unknown) => ({
    values: texts(outputs.with(given)),
    secretKeys: new Set([...SECRET_KEYS].map((key) => `slipway:${key}`)),
    stack: pulumi.getStack(),
    file,
    names,
    alone,
  });
  if (outputs.all.length === 0) return plainly(parseConfig(rawWith(() => undefined)));
  const read = (known: readonly (Known | undefined)[]): Trials => {
    const readWith = (placeholder: (held: Held) => unknown) =>
      readConfig(
        rawWith((held) => {
          const own = known[held.at];
          return own === undefined ? placeholder(held) : asTaken(own.value, held.place);
        }),
      );
    const one = readWith(({ placeholders }) => placeholders[0]);
    return {
      one,
      other: known.includes(undefined) ? readWith(({ placeholders }) => placeholders[1]) : one,
      without: () => readWith((held) => (isOptional(held) ? undefined : held.placeholders[0])),
    };
  };
  const refusal = secretsShown(outputs.all).then((shown) =>
    shown.length === 0 ? undefined : argumentsError(shown, file, names, alone === undefined ? undefined : placeOfAlone(alone)),
  );
  return new PendingConfig({ outputs: outputs.all.map(({ value }) => value), read, refusal });
}

/** An item of a list has to be there for the others to keep their places; a key that the schema does not have, to be refused. */
const isOptional = ({ path, place }: Held): boolean => typeof path.at(-1) === "string" && place.kinds.length > 0;

/** A secret that would be shown in previews is refused, as in a stack's file. */
async function secretsShown(outputs: readonly Held[]): Promise<Problem[]> {
  const shown = outputs.filter(({ path, place }) => !SECRET_KEYS.has(String(path[0])) && place.key !== SEALED_PLACE);
  const secret = await Promise.all(shown.map(({ value }) => pulumi.isSecret(value)));
  return shown.filter((_, at) => secret[at]).map(({ path }) => ({ path, message: SECRET_SHOWN }));
}

/** Providers also have a number where a text is taken: a port, an id. */
function asTaken(value: unknown, { kinds }: ProgramPlace): unknown {
  const takes = (type: string) => kinds.some((kind) => kind.type === type);
  // A resource without a value says null.
  if (value === null) return undefined;
  if (typeof value === "string" || value === undefined || !takes("string")) return value;
  if (typeof value === "number" && (takes("number") || takes("integer"))) return value;
  if (typeof value === "boolean" && takes("boolean")) return value;
  return Array.isArray(value) && takes("array") ? value : JSON.stringify(value);
}

/** As Pulumi passes a stack's file to a program. */
const texts = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`slipway:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
  );
