/** Where a secret is, never what it is. */
export const SECRET_REFERENCE = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|(?:file|keychain|cmd):\S[^]*)$/;

export const NOT_A_REFERENCE =
  "a secret does not stand in the file; say where it is: env:NAME, file:PATH, keychain:NAME or cmd:COMMAND";

/**
 * Shapes of real credentials, as their issuers document them (GitHub, GitLab, Slack, Discord, AWS,
 * Google, Stripe, SendGrid, npm, PEM, JWT): they are errors wherever they stand.
 */
const TOKEN =
  /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{40,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|(?:sk|rk)_live_\w{16,}|SG\.[\w-]{16,100}\.[\w-]{16,}|npm_[A-Za-z0-9]{36}|eyJ[\w-]{10,400}\.eyJ[\w-]{10,2000}\.[\w-]{10,})|-----BEGIN [A-Z ]*PRIVATE KEY-----|hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/\w|discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/\w|\bapi\.telegram\.org\/bot\d+:\w/;

export function looksSecret(text: string): boolean {
  return TOKEN.test(text);
}

/** A value for an error message: short, quoted, and never a secret. */
export function shown(text: string): string {
  if (looksSecret(text)) return "(a secret, not shown)";
  return `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"`;
}
