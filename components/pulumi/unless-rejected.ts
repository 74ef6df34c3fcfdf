/** Never settles instead of rejecting: Pulumi would report the rejection once for each resource and output that depends on it. */
export const unlessRejected = <T>(promise: Promise<T>): Promise<T> => promise.catch(() => new Promise<never>(() => {}));
