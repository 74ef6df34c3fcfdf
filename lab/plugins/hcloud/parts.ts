import { equal } from "../diff.ts";
import type { Property } from "../kind.ts";
import type { Props } from "../values.ts";
import type { Api, Shown } from "./api.ts";

/** Inputs of several kinds. */
export const NAME: Property = { computed: true };
export const LABELS: Property = { same: equal };

/** Text of an input; `undefined` if it is not set. */
export const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

export const numberOf = (value: unknown): number | undefined => (value === undefined ? undefined : Number(value));

export const listOf = (value: unknown): Props[] => (Array.isArray(value) ? (value as Props[]) : []);

/** A nested object of the API. */
export const inner = (shown: Shown, key: string): Shown => (shown[key] ?? {}) as Shown;

/** Only defined values: the API accepts no null. */
export const given = (body: Props): Props => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

/** Name and labels, which every kind changes by a PUT. */
export async function rename(api: Api, path: string, { name, labels }: Props, before: Props, more: Props = {}): Promise<void> {
  const differs = name !== before.name || !equal(before.labels, labels ?? {}) || Object.keys(more).length > 0;
  if (differs) await api.call("PUT", path, given({ name, labels: labels ?? {}, ...more }));
}

/** `change_protection`, if the wanted value differs. */
export async function protect(
  api: Api,
  path: string,
  wanted: unknown,
  before: unknown,
  more: readonly string[] = [],
): Promise<void> {
  const [now, then] = [wanted === true, before === true];
  if (now === then) return;
  const body = Object.fromEntries(["delete", ...more].map((key) => [key, now]));
  await api.act("POST", `${path}/actions/change_protection`, body);
}

/** Removes it; no-op if it is missing. */
export async function remove(api: Api, one: string, path: string): Promise<void> {
  if ((await api.find(one, path)) !== undefined) await api.act("DELETE", path);
}
