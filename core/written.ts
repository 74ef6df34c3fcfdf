type Written<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that nobody wrote: what is absent changes no hash, and leaves Docker its own default. */
export const written = <T extends object>(values: T): Written<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Written<T>;
