import type { Rule } from "./rule.ts";

/** As variables of an environment are usually written. Shorter ones, and such with small letters, are names of other things. */
const NAME = "([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)";
const QUOTED = `["'\`‘“]?${NAME}["'\`’”]?`;

const of = (...parts: string[]): RegExp => new RegExp(parts.join(""));

/** One line each; what names the variable is a group. */
const PATTERNS: readonly RegExp[] = [
  // Ruby: ENV.fetch
  of('key not found: "', NAME, '"'),
  // Python: os.environ["X"], django-environ, decouple
  of("KeyError: '", NAME, "'"),
  of("Set the ", NAME, " environment variable"),
  of("UndefinedValueError: ", NAME, " not found"),
  // Elixir: System.fetch_env!; Phoenix' own text
  of('could not fetch environment variable "', NAME, '"'),
  of("[Ee]nvironment variable ", QUOTED, " is missing"),
  // Go: envconfig, caarlos0/env; Prisma; many others
  of("required key ", NAME, " missing value"),
  of("[Ee]nvironment variable (?:not found: |not set: )?", QUOTED, "(?: (?:is|was) | not | must |$|[.,;:])"),
  of("[Mm]issing (?:required )?(?:environment |env )?(?:variable|var|env|ENV|configuration|config)s?:? ", QUOTED),
  of(
    QUOTED,
    " (?:environment variable |env var |env variable )?(?:is|was|must be) (?:not )?(?:set|missing|required|defined|provided|empty|undefined)",
  ),
  of(QUOTED, " (?:environment variable |env var )?(?:not set|not found|missing|required)(?:$|[ .,!])"),
  // Spring
  of("Could not resolve placeholder '", NAME, "'"),
  // Shells: set -u, ${X:?}
  of(NAME, ": (?:unbound variable|parameter (?:null or )?not set)"),
  // envalid, t3-env, zod as text: `    PORT: Port of the server`, `  DATABASE_URL: [ 'Required' ]`, `DATABASE_URL: Required`
  of("^\\s+", NAME, ": (?:\\[ ?)?['\"]?(?:Required|undefined|Invalid input: expected \\w+, received undefined)"),
  // The images of databases
  of("(?:must|need to) specify (?:a non-empty value for )?(?:one of.*?)?", NAME),
];

/** What frameworks say without naming the variable. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/Missing encryption key to decrypt file with/, "RAILS_MASTER_KEY"],
  [/Missing `?secret_key_base`? for/, "SECRET_KEY_BASE"],
  [/No application encryption key has been specified/, "APP_KEY"],
  [/The SECRET_KEY setting must not be empty/, "SECRET_KEY"],
  [/superuser password is not specified/, "POSTGRES_PASSWORD"],
  [/password option is not specified/, "MYSQL_ROOT_PASSWORD"],
];

/** A list of issues, as zod and t3-env print them: the name is on a line of its own. */
const IN_A_PATH = of('^\\s*(?:"?path"?: \\[ ?)?["\']', NAME, "[\"'],?(?: ?\\],?)?$");
const OF_THE_ENVIRONMENT = /environment variables|ZodError|"path": \[|path: \[/i;
/** pydantic: the name of the field, then what is wrong with it. */
const FIELD_REQUIRED = /^\s+Field required \[type=missing/;
const MISSING_FIELD = /missing value for field (\w+)/;

/** A JavaScript error with the same words: a name in the code. */
const OF_CODE = /ReferenceError/;

/** Values of such variables belong to no one's eyes. */
const SECRET = /(?:KEY|SECRET|TOKEN|PASSWORD|PASS|PWD|DSN|CREDENTIALS?|SALT|PRIVATE|_URL|_URI|CERT)(?:_|$)/;
/** Addresses that visitors see. */
const PUBLIC = /(?:^|_)(?:PUBLIC|BASE|APP|SITE|HOST|FRONTEND|ORIGIN|CALLBACK)_UR[LI]$/;

/** Its last lines name a variable that it needs and does not have. */
export const missingVariable: Rule = ({ lines }, { settings, env, clear, secret }) => {
  const name = variableIn(lines.filter((line) => !OF_CODE.test(line)));
  if (name === undefined || clear[name] || secret.includes(name)) return undefined;
  const isSecret = SECRET.test(name) && !PUBLIC.test(name);
  return {
    what: `it needs the variable ${name}, which is not set`,
    remedy: isSecret ? settings.secretVariable(env, name) : settings.variable(env, name),
  };
};

/** The variable that the lines call missing: the last one that is named. Pure. */
export function variableIn(lines: readonly string[]): string | undefined {
  const ofIssues = lines.some((line) => OF_THE_ENVIRONMENT.test(line)) ? [IN_A_PATH] : [];
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? "";
    const known = KNOWN.find(([pattern]) => pattern.test(line))?.[1];
    if (known !== undefined) return known;
    const found = [...PATTERNS, ...ofIssues].map((pattern) => pattern.exec(line)?.[1]).find(isVariable);
    if (found !== undefined) return found;
    const field = FIELD_REQUIRED.test(line) ? lines[at - 1]?.trim() : MISSING_FIELD.exec(line)?.[1];
    if (field !== undefined && /^\w+$/.test(field)) return field.toUpperCase();
  }
  return undefined;
}

/** Words in capitals that logs have: levels, methods, formats. */
const WORDS = new Set(
  "ERROR WARN WARNING FATAL INFO DEBUG PANIC TRACE HTTP HTTPS HTML JSON YAML NULL POST PATCH DELETE HEAD OPTIONS TYPE".split(" "),
);

const isVariable = (name: string | undefined): name is string => name !== undefined && name.length >= 4 && !WORDS.has(name);
