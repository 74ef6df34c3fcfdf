import { z } from "zod";
import type { Secrets } from "../env/secret.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

const secretName = z.array(z.string()).length(1, { error: "should hold one name of a secret" });

export const NotifySection = section({
  url: field(z.union([z.string().min(1), secretName]), {
    is: "Where each message is sent, by POST: text, or `[NAME]` of a secret, as for an incoming webhook of Slack.",
    refused: "missing; what is not https://, except http:// to this machine",
    example: "https://hooks.example.com/slipway",
    secret: true,
  }),
  secret: field(secretName, {
    is: "`[NAME]` of the secret that signs each message: the header slipway-signature has the HMAC of its time and body.",
    otherwise: "messages are not signed",
    refused: "a secret that is not set or blank",
    example: ["NOTIFY_SECRET"],
  }),
});
type NotifyInput = z.infer<typeof NotifySection>;

/** Only checked here: a run reads it from the stack's config, so that no state has it. */
export function checkNotify(input: NotifyInput | undefined, secrets: Secrets | undefined, place: ConfigPath): void {
  if (input === undefined) return;
  const { url, secret } = input;
  if (secret !== undefined) secrets?.lookUp(secret[0] ?? "", place.at("secret"));
  const here = place.at("url");
  if (url === undefined) here.refuse("is required: where messages are sent");
  const written = Array.isArray(url) ? secrets?.lookUp(url[0] ?? "", here) : url;
  if (written && !isSafe(written)) here.refuse("should be https://…: messages say what runs where");
}

const THIS_MACHINE: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isSafe(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" || (url?.protocol === "http:" && THIS_MACHINE.has(url.hostname));
}
