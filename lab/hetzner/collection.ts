import { ApiError, notFound } from "./api-error.ts";

/** The fields of every object of a project. */
export interface Item {
  readonly id: number;
  name: string;
  labels: Record<string, string>;
  readonly created: string;
}

/** The objects of one kind in a project. Names are unique, as at Hetzner. */
export class Collection<T extends Item> {
  /** @example "load_balancer" */
  readonly kind: string;
  readonly #items = new Map<number, T>();

  constructor(kind: string) {
    this.kind = kind;
  }

  get all(): T[] {
    return [...this.#items.values()];
  }

  get size(): number {
    return this.#items.size;
  }

  add(item: T): T {
    this.mustBeFree(item.name);
    this.#items.set(item.id, item);
    return item;
  }

  /** Throws Hetzner's 409 if a different object has this name. */
  mustBeFree(name: string, except?: number): void {
    if (this.all.some((other) => other.name === name && other.id !== except))
      throw new ApiError("uniqueness_error", `${this.kind} name is already used`, { fields: [{ name: "name" }] });
  }

  find(id: number): T | undefined {
    return this.#items.get(id);
  }

  get(id: number): T {
    const found = this.#items.get(id);
    if (found === undefined) throw notFound(this.kind, id);
    return found;
  }

  /** By id or name, as requests may give either. */
  named(wanted: number | string): T {
    const found = this.all.find(({ id, name }) => id === Number(wanted) || name === wanted);
    if (found === undefined) throw notFound(this.kind, wanted);
    return found;
  }

  remove(id: number): void {
    this.#items.delete(id);
  }
}
