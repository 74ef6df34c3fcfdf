import type { Rule } from "./rule.ts";
import type { HttpAnswer } from "./seen.ts";

const isHealthy = ({ said }: HttpAnswer): boolean => /^2\d\d$/.test(said);

/** Answers of a path that is not meant for everyone, or that does not exist. */
const OF_THE_PATH = /^(?:3\d\d|401|403|404|405|410)$/;
/** Answers of frameworks to a host name that they do not know: Django 400, Rails 403, HTTP/2 servers 421. */
export const UNKNOWN_HOST: ReadonlySet<string> = new Set(["400", "403", "421"]);

/** It answers, and not as a healthy one: another path, or another host name, shows that it is. */
export const answers: Rule = ({ asked, others = [] }, { settings, path, host }) => {
  if (asked === undefined) return undefined;
  const { said } = asked;
  const named = UNKNOWN_HOST.has(said)
    ? others.find((one) => one.host !== asked.host && /^[234]/.test(one.said) && !UNKNOWN_HOST.has(one.said))
    : undefined;
  if (named?.host !== undefined && host !== undefined)
    return {
      what: `it answers ${said} to the host name of its check, and ${named.said} as ${named.host}`,
      remedy: settings.set({ path: host, value: named.host }),
    };
  const other = OF_THE_PATH.test(said) ? others.find((one) => one.host === asked.host && isHealthy(one)) : undefined;
  if (other !== undefined && path !== undefined)
    return {
      what: `${asked.path} answers ${said}, and ${other.path} answers ${other.said}`,
      remedy: settings.set({ path, value: other.path }),
    };
  if (/^3/.test(said) && asked.location?.startsWith("https:"))
    return {
      what: `it redirects ${asked.path} to HTTPS, which ends at the proxy in front of it`,
      hints: [
        `Rails: config.ssl_options = { redirect: { exclude: ->(request) { request.path == "${asked.path}" } } }`,
        `Django: SECURE_REDIRECT_EXEMPT = [r"^${asked.path.replace(/^\//, "")}$"]`,
      ],
      remedy: { words: `let the app answer ${asked.path} over HTTP` },
    };
  return undefined;
};
