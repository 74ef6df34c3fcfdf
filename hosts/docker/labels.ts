/** Labels to look for; `undefined` matches any value, `{}` everything. */
export type LabelFilter = Readonly<Record<string, string | undefined>>;

/** The filter in Docker's form. */
export const labelFilter = (labels: LabelFilter): string[] =>
  Object.entries(labels).map(([label, value]) => (value === undefined ? label : `${label}=${value}`));
