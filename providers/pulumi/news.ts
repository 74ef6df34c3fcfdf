import { z } from "zod";
import type { News } from "./notifier.ts";

/** What a release has of its own; other resources have less. */
const Values = z.looseObject({
  service: z.string().optional(),
  destination: z.string().optional(),
  release: z.string(),
  version: z.string(),
  image: z.string(),
  hosts: z.record(z.string(), z.unknown()),
});

/** What can be said of the app when a resource has failed. Pure. @param stack `shop/production` */
export function failedNews(
  values: Readonly<Record<string, unknown>>,
  stack: string,
): Omit<News, "event" | "service"> & Partial<News> {
  const { data } = Values.safeParse(values);
  if (data === undefined) return { stack, destination: undefined, hosts: [] };
  const { service, destination, release: id, version, image, hosts } = data;
  const own = service === undefined ? {} : { service };
  return { ...own, stack, destination, release: { id, version, image }, hosts: Object.keys(hosts).sort() };
}
