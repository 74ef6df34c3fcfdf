/** Public host keys whose private halves are in the user-data of machines at Hetzner, where any process can ask for it. */
const inUserData = new WeakSet<object>();

export const noteInUserData = (hostKey: object): void => void inUserData.add(hostKey);

/** Whether a firewall keeps containers from the metadata of a machine with this host key. */
export const metadataAt = (hostKey: unknown): "closed" | undefined =>
  typeof hostKey === "object" && hostKey !== null && inUserData.has(hostKey) ? "closed" : undefined;
