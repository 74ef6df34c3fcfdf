import { SlipwayError } from "../../core/error.ts";
import { Address, fingerprint, HostKeyRefused, Hosts, parseAccess, parsePin } from "../../hosts/index.ts";

/** Which key a host may show. */
export interface HostKeyWish {
  /** `SHA256:…`, or a public key: then the host need not be reached. */
  readonly accepted: string | undefined;
  /** Asks the user at the terminal; `undefined` without one, or if nothing may be asked. */
  readonly confirm: ((text: string) => Promise<boolean>) | undefined;
  /** The option that says which key is accepted, for errors. */
  readonly option: string;
}

/** A key to pin. */
export interface Pin {
  /** `ssh-ed25519 AAAA…` */
  readonly key: string;
  readonly fingerprint: string;
  /** Why it is trusted. */
  readonly by: "the option" | "known_hosts" | "the user";
  /** Why a login was refused, if it was tried. */
  readonly noLogin?: string;
}

/** Connects once, shows the key that the host offers, and returns it if it is trusted. A key that differs from a known one never is. */
export async function pinHostKey(at: Omit<Address, "hostKey" | "made">, wish: HostKeyWish): Promise<Pin> {
  const { accepted, confirm, option } = wish;
  const given = accepted === undefined ? undefined : parsePin(accepted);
  if (given !== undefined && accepted !== undefined) {
    const [type = "", base64 = ""] = accepted.trim().split(/\s+/);
    return { key: `${type} ${base64}`, fingerprint: fingerprint(given.blob), by: "the option" };
  }
  if (accepted !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}$/.test(accepted))
    throw wrong(
      `${option} ${accepted} is neither a fingerprint nor a public key`,
      `write ${option} SHA256:… as ssh-keygen -l prints it`,
    );
  const access = parseAccess(undefined, process.env);
  await using hosts = new Hosts(access);
  const host = hosts.at(Address.parse(at));
  const refusal = await host.connect().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const offered = host.offeredKey;
  // A host that was not reached, or a jump host on the way.
  if (offered === undefined) throw refusal ?? new Error("a host that shows no key");
  const pin = (by: Pin["by"], noLogin?: string): Pin => ({
    key: offered.pin,
    fingerprint: offered.fingerprint,
    by,
    ...(noLogin === undefined ? {} : { noLogin }),
  });
  if (refusal instanceof HostKeyRefused && refusal.because !== "unknown") throw refusal;
  if (accepted !== undefined && accepted !== offered.fingerprint) throw notAccepted(at.address, offered.fingerprint, accepted);
  if (!(refusal instanceof HostKeyRefused)) {
    const why = refusal instanceof SlipwayError ? refusal.story.what : undefined;
    return pin(accepted === undefined ? "known_hosts" : "the option", why);
  }
  if (accepted !== undefined) return pin("the option");
  const shown = `${at.address} shows the host key ${offered.fingerprint} (${offered.pin.split(" ")[0]}), which this machine does not know`;
  if (confirm === undefined) throw unknownKey(shown, offered.fingerprint, option);
  if (await confirm(`${shown}.\nOn the server: ssh-keygen -lf ${KEY_FILE} prints the same line if it is right. Is it?`))
    return pin("the user");
  throw wrong(
    `the host key of ${at.address} was not confirmed; nothing was written`,
    `compare it on the server: ssh-keygen -lf ${KEY_FILE}`,
  );
}

const KEY_FILE = "/etc/ssh/ssh_host_ed25519_key.pub";
const UNTOUCHED = "what served before; nothing was written";

const wrong = (what: string, next: string): SlipwayError => new SlipwayError({ code: "USAGE", what, servesNow: UNTOUCHED, next });

const unknownKey = (what: string, offered: string, option: string): SlipwayError =>
  new SlipwayError({
    code: "HOST_KEY_REFUSED",
    what,
    servesNow: UNTOUCHED,
    next: `compare it with what ssh-keygen -lf ${KEY_FILE} prints on the server, then run this again with ${option} ${offered}`,
  });

const notAccepted = (address: string, offered: string, accepted: string): SlipwayError =>
  new SlipwayError({
    code: "HOST_KEY_REFUSED",
    what: `${address} shows a different host key than the accepted one; someone may be intercepting the connection`,
    evidence: [`offered:  ${offered}`, `accepted: ${accepted}`],
    servesNow: UNTOUCHED,
    next: `find out why: on the server, ssh-keygen -lf ${KEY_FILE} prints the right one`,
  });
