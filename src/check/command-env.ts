/**
 * Variables that bind git to one repository or come from one `git push` (githooks(5); most are in
 * `git rev-parse --local-env-vars`). A command in another work tree must not inherit them.
 */
const OF_THE_PUSH = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_CONFIG_PARAMETERS",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_NAMESPACE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REFLOG_ACTION",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
]);

/** Words to mayday itself: a mayday that a check starts must not take them as said to it. */
const OF_MAYDAY = new Set([
  "MAYDAY_SKIP",
  "MAYDAY_REASON",
  "MAYDAY_FIRST_LINE",
  "MAYDAY_PROBE",
  "MAYDAY_CA_CERTS",
]);

/** The environment of a check's command: the person's own, bound to no repository. */
export function commandEnv(
  env: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || OF_THE_PUSH.has(name) || OF_MAYDAY.has(name)) continue;
    if (!name.startsWith("GIT_PUSH_OPTION_")) clean[name] = value;
  }
  // The hook takes this away for mayday's own start (Node 20 reads the file at once: 40 ms).
  const certificates = env["MAYDAY_CA_CERTS"];
  if (certificates !== undefined) clean["NODE_EXTRA_CA_CERTS"] = certificates;
  return { ...clean, ...extra };
}
