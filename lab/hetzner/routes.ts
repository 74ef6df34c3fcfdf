import { z } from "zod";
import type { Action, Actions } from "./actions.ts";
import { ApiError, invalid } from "./api-error.ts";
import type { Collection, Item } from "./collection.ts";
import { chosen, page } from "./page.ts";

/** A call with its parsed path. */
export interface Call {
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The numbers and names in the path, in order. */
  readonly parts: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly body?: object;
}

/** @example "POST /servers/:id/actions/:name" */
export type Pattern = `${"GET" | "POST" | "PUT" | "DELETE"} /${string}`;
export type Handler = (call: Call) => Answer | Promise<Answer>;
export type Routes = Readonly<Record<Pattern, Handler>>;

/** The answer of a request that starts an action: the action, and possibly more. */
export type Started = Action | { readonly action: Action };

/** A kind of object that is listed, read, renamed, labelled and removed like all others. */
export interface Kind<T extends Item> {
  /** In paths and lists. @example "servers" */
  readonly many: string;
  readonly items: Collection<T>;
  shown(item: T): object;
  /** Throws if it cannot be removed. Returns the action if the API has one. */
  remove(item: T): Action | undefined;
  /** The fields that a PUT may change in addition to name and labels. */
  change?(item: T, body: unknown): void;
  /** Its `/actions/…` by name. */
  readonly actions?: Readonly<Record<string, (item: T, body: unknown) => Started>>;
}

export const LABELS = z.record(z.string(), z.string());
export const ID_OR_NAME = z.union([z.number(), z.string()]);
const Put = z.object({ name: z.string().min(1).optional(), labels: LABELS.optional() });

/** The body of a request; throws Hetzner's error if it is invalid. */
export function bodyOf<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const read = schema.safeParse(body ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw invalid(issue?.path.join(".") ?? "", issue?.message ?? "is invalid");
}

/** The calls of all kinds. */
export function routesOf<T extends Item>(actions: Actions, kind: Kind<T>): Routes {
  const { many, items, shown } = kind;
  const one = items.kind;
  const at = ({ parts }: Call) => items.get(Number(parts[0]));
  const show = (item: T, status = 200): Answer => ({ status, body: { [one]: shown(item) } });
  const ofItem = (item: T) => ({ id: item.id, type: one });
  return {
    [`GET /${many}`]: ({ query }: Call) => ({
      status: 200,
      body: page(many, chosen(items.all.map(shown), query), query),
    }),
    [`GET /${many}/:id`]: (call: Call) => show(at(call)),
    [`PUT /${many}/:id`]: (call: Call) => {
      const item = at(call);
      const { name, labels } = bodyOf(Put, call.body);
      if (name !== undefined) items.mustBeFree(name, item.id);
      item.name = name ?? item.name;
      item.labels = labels ?? item.labels;
      kind.change?.(item, call.body);
      return show(item);
    },
    [`DELETE /${many}/:id`]: (call: Call) => {
      const action = kind.remove(at(call));
      return action === undefined ? { status: 204 } : { status: 200, body: { action } };
    },
    [`POST /${many}/:id/actions/:name`]: (call: Call) => {
      const item = at(call);
      const name = call.parts[1] ?? "";
      const start = kind.actions?.[name];
      if (start === undefined) throw new ApiError("not_found", `the action ${name} does not exist`);
      const started = start(item, call.body);
      return { status: 201, body: "action" in started ? started : { action: started } };
    },
    [`GET /${many}/:id/actions`]: (call: Call) => listed(actions.list(ofItem(at(call))), call),
    [`GET /${many}/:id/actions/:action`]: ({ parts }: Call) => ({ status: 200, body: { action: actions.get(Number(parts[1])) } }),
    [`GET /${many}/actions`]: (call: Call) => listed(actions.list(), call),
    [`GET /${many}/actions/:action`]: ({ parts }: Call) => ({ status: 200, body: { action: actions.get(Number(parts[0])) } }),
  };
}

/** A read-only list. */
export const catalogueRoutes = (many: string, one: string, items: readonly { id: number; name: string }[]): Routes => ({
  [`GET /${many}`]: ({ query }: Call) => {
    const architectures = query.getAll("architecture");
    const found = items.filter(
      (item) => architectures.length === 0 || !("architecture" in item) || architectures.includes(String(item.architecture)),
    );
    // Items of the catalogue have a state field, too, by which lists are filtered.
    return { status: 200, body: page(many, chosen<Partial<Item>>(found, query), query) };
  },
  [`GET /${many}/:id`]: ({ parts }: Call) => {
    const item = items.find(({ id }) => id === Number(parts[0]));
    if (item === undefined) throw new ApiError("not_found", `${one} not found`);
    return { status: 200, body: { [one]: item } };
  },
});

const listed = (actions: readonly Action[], { query }: Call): Answer => ({
  status: 200,
  body: page("actions", chosen(actions, query), query),
});

/** Throws Hetzner's 423 if the object is protected from removal. */
export function mustBeUnprotected(kind: string, { protection }: { readonly protection: { readonly delete: boolean } }): void {
  if (protection.delete) throw new ApiError("protected", `${kind} deletion is protected`);
}

const Protection = z.object({ delete: z.boolean().optional(), rebuild: z.boolean().optional() });

/** `change_protection`, for all kinds that have it. */
export function changeProtection(item: { protection: { delete: boolean; rebuild?: boolean } }, body: unknown): void {
  const { delete: wanted, rebuild } = bodyOf(Protection, body);
  if (wanted !== undefined) item.protection.delete = wanted;
  if (rebuild !== undefined && "rebuild" in item.protection) item.protection.rebuild = rebuild;
}
