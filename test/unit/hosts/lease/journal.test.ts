import { expect, it } from "vitest";
import { entryText, parseJournal, resultLine } from "../../../../hosts/lease/journal.ts";

it("reads its lines, and leaves out what is none", () => {
  const line = "2026-12-01T14:02:11Z\t12\tann@laptop (shop/production)\tslipway deploy: release 2-ab of shop\tdone";
  expect(parseJournal(`${line}\n\ntorn${line}\n2026-12-01T14:02:11Z\tx\ta\tb\tc\n2026-12-01T14:02:11Z\t1\ta\n`)).toEqual([
    {
      at: "2026-12-01T14:02:11Z",
      seconds: 12,
      who: "ann@laptop (shop/production)",
      what: "slipway deploy: release 2-ab of shop",
      result: "done",
    },
  ]);
});

it("writes one line, whatever the texts are", () => {
  expect(entryText({ who: "ann\tx\n@laptop", what: "exec\u001b[31m in\tweb\nnow" })).toBe("ann x @laptop\texec in web now");
  expect(entryText(undefined)).toBe("");
  expect(resultLine("failed: a\nb\tc")).toBe("result failed: a b c\n");
  expect(resultLine(undefined)).toBe("quiet\n");
  expect(resultLine("x".repeat(1000))).toHaveLength("result ".length + 301);
});
