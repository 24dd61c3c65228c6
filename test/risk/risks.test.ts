import { expect, test } from "vitest";

import { areaOf } from "../../src/model/area.ts";
import type { FileChange } from "../../src/model/change.ts";
import { assessRisks, LARGE_RANGE } from "../../src/risk/risks.ts";

const good = { sha: "1".repeat(40), source: "ledger", certified: true } as const;

function file(path: string, change: Partial<FileChange> = {}): FileChange {
  return { path, status: "added", insertions: 1, deletions: 0, area: areaOf(path), kind: "file", ...change };
}

test("ordinary code that goes back to a certified commit is no risk", () => {
  expect(assessRisks({ good, files: [file("src/a.ts")], undone: LARGE_RANGE, newVariables: [] })).toEqual([]);
});

test("each risk has its stable id and level", () => {
  const risks = assessRisks({
    good: { ...good, certified: false, source: "tag", ref: "v1.0.0" },
    files: [file("db/migrations/1.sql"), file("k8s/web.yaml"), file("lib", { kind: "submodule" })],
    undone: LARGE_RANGE + 1,
    newVariables: [{ name: "KEY", file: "a.js" }],
  });
  expect(risks.map(({ id, level }) => `${level} ${id}`)).toEqual([
    "amber good:uncertified",
    "amber range:large",
    "amber migration:db/migrations/1.sql",
    "amber infrastructure:k8s/web.yaml",
    "amber submodule:lib",
    "green variable:KEY",
  ]);
});

test("hostile names are made visible in id and text", () => {
  const [risk] = assessRisks({ good, files: [file("k8s/\u001b[2J.yaml")], undone: 1, newVariables: [] });
  expect(`${risk?.id}${risk?.text}`).not.toContain("\u001b");
});
