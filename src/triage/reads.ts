const FLAG =
  /\b(?:is_?enabled|is_?feature_?enabled|variation|bool_?variation|feature_?flag|use_?flag|use_?feature|flags?\.(?:get|is|enabled))\w*\(\s*["'`]([\w.:/-]{2,60})["'`]/gi;
const VARIABLE =
  /\bprocess\.env(?:\.([A-Z][A-Z0-9_]+)|\[["']([A-Z][A-Z0-9_]+)["']\])|\b(?:os\.environ(?:\.get)?|os\.getenv|ENV(?:\.fetch)?|System\.getenv|(?:std::)?env::var(?:_os)?|os\.(?:Getenv|LookupEnv)|getenv|Environment\.GetEnvironmentVariable|import\.meta\.env)[([.]\s*["']?([A-Z][A-Z0-9_]{2,})/g;

/** Notes the flags that a line asks for and, where they are wanted, the environment variables it reads. */
export function readLine(
  line: string,
  file: string,
  flags: Set<string>,
  variables: Map<string, string> | null,
): void {
  for (const match of line.matchAll(FLAG)) if (match[1] !== undefined) flags.add(match[1]);
  if (variables === null) return;
  for (const match of line.matchAll(VARIABLE)) {
    const name = match[1] ?? match[2] ?? match[3];
    if (name !== undefined && !variables.has(name)) variables.set(name, file);
  }
}
