import { describe, expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import { withStop } from "../../../../providers/container/docker-gone.ts";

describe("the failure of a pull", () => {
  it.each([
    // Docker's own layers, containerd's store, and what Node makes of an answer without an end.
    "error creating lease: grpc: the client connection is closing: context canceled",
    "failed to copy: failed to send write: EOF: unknown",
    "rpc error: code = Unavailable desc = error reading from server: EOF",
    "socket hang up",
    "aborted",
  ])("is that Docker was stopped: %s", (message) => {
    const cause = new Error(message);
    const found = withStop("web-2", cause);
    expect(found).toBeInstanceOf(SlipwayError);
    expect(found).toMatchObject({ cause, story: { code: "DOCKER_UNAVAILABLE", host: "web-2", evidence: [message] } });
  });

  it.each(["EOF", "unexpected EOF", "toomanyrequests: Rate exceeded", "the download was aborted by the registry"])(
    "is left as it is: %s",
    (message) => {
      const thrown = new Error(message);
      expect(withStop("web-2", thrown)).toBe(thrown);
    },
  );
});
