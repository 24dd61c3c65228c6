import type { CheckKind } from "../model/check.ts";
import type { DetectedCheck } from "./facts.ts";

/** Words of a script's name → kind; the first that fits. */
const KINDS: readonly (readonly [RegExp, CheckKind])[] = [
  [/\b(?:a11y|accessibility|usability|ux|lighthouse)\b/, "usability"],
  [/\b(?:perf|performance|bench|benchmarks?|load|stress)\b/, "performance"],
  [/\b(?:regression|visual|snapshots?)\b/, "regression"],
  [/\b(?:integration|integ|int)\b/, "integration"],
  [/\b(?:e2e|functional|acceptance|system|smoke|cypress|playwright|cucumber)\b/, "functional"],
  [
    /\b(?:lint|eslint|oxlint|stylelint|typecheck|type-check|check-types|types|tsc|vet|clippy|format-check|fmt-check|prettier-check)\b/,
    "lint",
  ],
  [/\b(?:unit|tests?|spec)\b/, "unit"],
];

/** They change files, never end, or belong to something else. */
const NOT_A_CHECK =
  /\b(?:fix|watch|dev|debug|ui|update|write|open|serve|start|install|prepare|setup|clean|build|publish|release|deploy|staged|generate|codegen|docs?)\b|^(?:pre|post)(?:test|lint|bench)/;

export function kindOf(name: string): CheckKind | undefined {
  const words = name
    .toLowerCase()
    .replaceAll(/[:._]/g, " ")
    .replaceAll(/ check\b/g, "-check");
  return NOT_A_CHECK.test(words) ? undefined : KINDS.find(([pattern]) => pattern.test(words))?.[1];
}

/** package.json's scripts. One that only calls others found here is left out: they would run twice. */
export function scriptChecks(scripts: unknown, manager: string): DetectedCheck[] {
  if (typeof scripts !== "object" || scripts === null) return [];
  const found = Object.entries(scripts as Readonly<Record<string, unknown>>).flatMap(([name, body]) => {
    const kind = kindOf(name);
    const usable = typeof body === "string" && body.trim() !== "" && !/no test specified/.test(body);
    return kind !== undefined && usable && /^[A-Za-z0-9][A-Za-z0-9:._-]{0,59}$/.test(name)
      ? [{ name, kind, body }]
      : [];
  });
  const calls = (body: string, name: string): boolean =>
    new RegExp(
      `\\b(?:run|run-[sp]|npm-run-all|yarn|pnpm|bun)\\b[^&|;]*\\s["']?${name.replaceAll(".", "\\.")}["']?(?=\\s|$|[&|;])`,
    ).test(body);
  return found
    .filter(({ name, body }) => !found.some((other) => other.name !== name && calls(body, other.name)))
    .map(({ name, kind }) => ({
      name: name === "test" ? "unit" : name.replace(/^test:/, ""),
      kind,
      run:
        name === "test" ? `${manager} ${manager === "bun" ? "run test" : "test"}` : `${manager} run ${name}`,
      from: "package.json",
    }));
}

type Read = (file: string) => Promise<string | null>;

/** What other tools make obvious, each only for kinds that nothing above it covers. */
export async function toolChecks(files: ReadonlySet<string>, read: Read): Promise<DetectedCheck[]> {
  const found: DetectedCheck[] = [];
  const put = (kind: CheckKind, run: string, from: string): void => {
    if (!found.some((check) => check.kind === kind)) found.push({ name: kind, kind, run, from });
  };
  const makefile = ["GNUmakefile", "makefile", "Makefile"].find((name) => files.has(name));
  if (makefile !== undefined) {
    for (const target of makeTargets((await read(makefile)) ?? "")) {
      const kind = kindOf(target);
      if (kind !== undefined) put(kind, `make ${target}`, makefile);
    }
  }
  if (files.has("tox.ini")) {
    put("unit", "tox", "tox.ini");
    const lint = /^\[testenv:((?:lint|flake8|ruff|mypy|style)\w*)\]/m.exec(
      (await read("tox.ini")) ?? "",
    )?.[1];
    if (lint !== undefined) put("lint", `tox -e ${lint}`, "tox.ini");
  }
  if (files.has("pyproject.toml")) {
    const text = (await read("pyproject.toml")) ?? "";
    if (/^\[tool\.pytest/m.test(text)) put("unit", "python -m pytest -q", "pyproject.toml");
    if (/^\[tool\.ruff/m.test(text)) put("lint", "ruff check .", "pyproject.toml");
  }
  if (files.has("go.mod")) {
    put("unit", "go test ./...", "go.mod");
    put("lint", "go vet ./...", "go.mod");
  }
  if (files.has("Cargo.toml")) {
    put("unit", "cargo test", "Cargo.toml");
    put("lint", "cargo clippy -- -D warnings", "Cargo.toml");
  }
  if (files.has("pom.xml")) put("unit", files.has("mvnw") ? "./mvnw -q test" : "mvn -q test", "pom.xml");
  if (files.has("gradlew")) put("unit", "./gradlew test", "gradlew");
  return found;
}

/** Explicit targets of a Makefile, in order; no patterns, no variables. */
export function makeTargets(text: string): string[] {
  const targets = text
    .split("\n")
    .flatMap((line) => /^([A-Za-z0-9][A-Za-z0-9 ._-]*):(?![:=])/.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
  return [...new Set(targets)];
}
