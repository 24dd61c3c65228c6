import { expect, test } from "vitest";

import { pagerCommand } from "../../src/commands/pager.ts";

const own = { scope: "global", key: "core.pager", value: "delta" };

test.each([
  ["less where nothing is said", {}, [], "less"],
  ["PAGER", { PAGER: "more" }, [], "more"],
  ["the person's core.pager before PAGER", { PAGER: "more" }, [own], "delta"],
  ["GIT_PAGER before all", { GIT_PAGER: "most", PAGER: "more" }, [own], "most"],
  ["the machine's core.pager", {}, [{ ...own, scope: "system" }], "delta"],
  ["the last one wins", {}, [{ ...own, value: "x" }, own], "delta"],
  ["a repository's never", {}, [{ ...own, scope: "local" }], "less"],
  ["a work tree's never", {}, [{ ...own, scope: "worktree" }], "less"],
  ["nor does it hide the person's", {}, [own, { ...own, scope: "local", value: "evil" }], "delta"],
  ["our own seal is not the person's", {}, [{ ...own, scope: "command", value: "cat" }], "less"],
  ["empty means none", { GIT_PAGER: "", PAGER: "more" }, [own], null],
  ["cat means none", { PAGER: "cat" }, [], null],
] as const)("%s", (_, env, config, command) => {
  expect(pagerCommand(env, config)).toBe(command);
});
