type Values = Record<string, unknown>;

/**
 * What each version of the inputs and the state of a provider is turned into: the key is the `schema` that the values have, the result
 * has a higher one. A change of a schema that no longer parses what is in states raises `schema` and adds a step.
 */
export type Upgrades = Readonly<Record<number, (values: Values) => Values>>;

/** Values in the form of this version. Those of a version without a step are returned as they are. */
export function upgraded(values: Values, upgrades: Upgrades = {}): Values {
  const version = typeof values.schema === "number" ? values.schema : 0;
  const step = upgrades[version];
  if (step === undefined) return values;
  const next = step(values);
  if (typeof next.schema !== "number" || next.schema <= version)
    throw new TypeError(`the step from schema ${version} does not raise it`);
  return upgraded(next, upgrades);
}
