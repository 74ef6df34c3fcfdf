/** Where text of a deploy ends up, by what it is: `{"exported state": "…"}`. */
export type Places = Readonly<Record<string, string>>;

/**
 * A secret in all forms in which a text could carry it: as it is, in hex, escaped for a URL, and inside a longer text that was
 * put into base64, where its beginning may fall on any of three places.
 */
export function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The first and the last group may hold bits of the neighbours.
    const own = whole.slice(before === 0 ? 0 : 4, -4);
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [...new Set([secret, encodeURIComponent(secret), bytes.toString("hex"), ...inBase64])];
}

/** The places that carry one of these secrets in any form. @example leaksOf({ TOKEN: "…" }, { log }) → ["log: TOKEN"] */
export function leaksOf(secrets: Readonly<Record<string, string>>, places: Places): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    Object.entries(secrets)
      .filter(([, secret]) => disguises(secret).some((form) => text.includes(form)))
      .map(([name]) => `${place}: ${name}`),
  );
}
