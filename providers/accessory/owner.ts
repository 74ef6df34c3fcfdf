/** The accounts of a container: its own /etc/passwd and /etc/group. */
export interface Accounts {
  readonly passwd: string;
  readonly group: string;
}

export interface Numbers {
  readonly uid: number;
  readonly gid: number;
}

export const ROOT: Numbers = { uid: 0, gid: 0 };

/**
 * The ids of `user`, `uid` or `user:group` in a container; `undefined` if there is no such account. Without a group, the user's primary
 * group.
 *
 * @example ownerOf("postgres", accounts) // { uid: 999, gid: 999 }
 */
export function ownerOf(written: string, { passwd, group }: Accounts): Numbers | undefined {
  const [user = "", wantedGroup] = written.split(":");
  const account = lines(passwd).find(([name, , uid]) => name === user || uid === user);
  const uid = numberOf(account?.[2] ?? user);
  const gid = wantedGroup === undefined ? numberOf(account?.[3] ?? "0") : gidOf(wantedGroup, group);
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

const gidOf = (written: string, group: string): number | undefined =>
  numberOf(lines(group).find(([name]) => name === written)?.[2] ?? written);

const lines = (text: string): string[][] => text.split("\n").map((line) => line.split(":"));

const numberOf = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);
