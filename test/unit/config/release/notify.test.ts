import { expect, it } from "vitest";
import { problems, read } from "../fixture.ts";

const SECRETS = { HOOK: "https://hooks.example.com/T00/B00", PLAIN: "http://hooks.example.com/", NOTIFY_SECRET: "s3cret" };

it.each<[string, object]>([
  ["text", { url: "https://hooks.example.com/slipway" }],
  ["a secret", { url: ["HOOK"], secret: ["NOTIFY_SECRET"] }],
  ["on this machine", { url: "http://localhost:9000/" }],
])("a webhook may be %s", (_what, notify) => expect(() => read({ notify, secrets: SECRETS })).not.toThrow());

it.each<[object, string]>([
  [{}, "slipway:notify.url is required: where messages are sent"],
  [{ url: "http://hooks.example.com/" }, "slipway:notify.url should be https://…: messages say what runs where"],
  [{ url: ["PLAIN"] }, "slipway:notify.url should be https://…: messages say what runs where"],
  [{ url: "hooks.example.com" }, "slipway:notify.url should be https://…: messages say what runs where"],
  [{ url: ["NOWHERE"] }, "slipway:notify.url NOWHERE is not set: pulumi config set --secret --path 'slipway:secrets.NOWHERE'"],
  [
    { url: ["HOOK"], secret: ["MISSING"] },
    "slipway:notify.secret MISSING is not set: pulumi config set --secret --path 'slipway:secrets.MISSING'",
  ],
])("%j is refused", (notify, problem) => expect(problems({ notify, secrets: SECRETS })).toEqual([problem]));
