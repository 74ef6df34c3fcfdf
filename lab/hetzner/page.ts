import type { Item } from "./collection.ts";
import { fits } from "./selector.ts";

const PER_PAGE = 25;
const MOST_PER_PAGE = 50;

/** The items of a list call, selected by `name`, `label_selector`, `id`, `status` and `sort`. */
export function chosen<T extends Partial<Item>>(items: readonly T[], query: URLSearchParams): T[] {
  const [name, selector] = [query.get("name"), query.get("label_selector")];
  const [ids, states] = [query.getAll("id").map(Number), query.getAll("status")];
  const found = items
    .filter((item) => name === null || item.name === name)
    .filter((item) => selector === null || fits(selector, item.labels ?? {}))
    .filter((item) => ids.length === 0 || ids.includes(item.id ?? 0))
    .filter((item) => states.length === 0 || states.includes(String((item as { status?: unknown }).status)));
  for (const order of query.getAll("sort").toReversed()) sort(found, order);
  return found;
}

function sort(items: object[], order: string): void {
  const [key = "", direction] = order.split(":");
  const fieldOf = (item: object) => (item as Record<string, unknown>)[key] as string | number;
  const sign = direction === "desc" ? -1 : 1;
  items.sort((a, b) => (fieldOf(a) < fieldOf(b) ? -sign : fieldOf(a) > fieldOf(b) ? sign : 0));
}

/** One page of a list, in Hetzner's form. */
export function page(key: string, items: readonly unknown[], query: URLSearchParams): object {
  const at = Math.max(1, Number(query.get("page") ?? 1) || 1);
  const size = Math.min(MOST_PER_PAGE, Math.max(1, Number(query.get("per_page") ?? PER_PAGE) || PER_PAGE));
  const last = Math.max(1, Math.ceil(items.length / size));
  const pagination = {
    page: at,
    per_page: size,
    previous_page: at > 1 ? at - 1 : null,
    next_page: at < last ? at + 1 : null,
    last_page: last,
    total_entries: items.length,
  };
  return { [key]: items.slice((at - 1) * size, at * size), meta: { pagination } };
}
