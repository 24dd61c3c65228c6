import type { FileChange } from "../model/change.ts";
import type { GoodCommit } from "../model/deploy.ts";
import { visible } from "../model/escape.ts";
import { short } from "../model/oid.ts";
import type { Risk } from "../model/risk.ts";

/** More commits going out than this is worth a question. */
export const LARGE_RANGE = 100;

export interface RiskFacts {
  readonly good: GoodCommit;
  readonly files: readonly FileChange[];
  /** Commits that would go out. */
  readonly undone: number;
  readonly newVariables: readonly { readonly name: string; readonly file: string }[];
}

/** What may go wrong when the range goes out: found from names of files; what is unknown is amber. */
export function assessRisks({ good, files, undone, newVariables }: RiskFacts): Risk[] {
  const risks: Risk[] = [];
  if (!good.certified) {
    risks.push({
      id: "good:uncertified",
      level: "amber",
      text: `${visible(good.ref ?? short(good.sha))} was never certified as healthy: it is good by ${good.source === "tag" ? "its release tag" : good.source === "option" ? "your word" : "being the deploy before"} only`,
    });
  }
  if (undone > LARGE_RANGE) {
    risks.push({ id: "range:large", level: "amber", text: `${undone} commits go out` });
  }
  for (const file of files) {
    if (file.area === "migration") {
      risks.push({
        id: `migration:${visible(file.path)}`,
        level: "amber",
        text: `${visible(file.path)} was ${file.status === "added" ? "added" : file.status}: the database keeps what it did, and whether the older code can run on it is unknown`,
      });
    }
    if (file.area === "infrastructure") {
      risks.push({
        id: `infrastructure:${visible(file.path)}`,
        level: "amber",
        text: `${visible(file.path)} changed: a rollback in git does not bring back what was applied outside it`,
      });
    }
    if (file.kind === "submodule") {
      risks.push({
        id: `submodule:${visible(file.path)}`,
        level: "amber",
        text: `${visible(file.path)} points to another commit; whether its remote still has the older one is unknown`,
      });
    }
  }
  for (const { name, file } of newVariables) {
    risks.push({
      id: `variable:${visible(name)}`,
      level: "green",
      text: `${visible(name)} is read for the first time in ${visible(file)}; the older code does not need it`,
    });
  }
  return risks;
}
