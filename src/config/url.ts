/** This machine, however it is written: the URL parser has made every spelling one already. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    /^127(?:\.\d{1,3}){3}$/.test(name) ||
    name === "[::1]" ||
    name === "::1"
  );
}

/** The host of a URL or of `host:port`; undefined when there is none. */
export function hostOf(text: string): string | undefined {
  try {
    return new URL(text.includes("://") ? text : `tcp://${text}`).hostname || undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with a URL of the configuration, or undefined. Never repeats the URL. */
export function urlFault(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "this is not a URL that can be asked (https://host/path)";
  }
  if (url.username !== "" || url.password !== "") {
    return "a URL holds no user and password; put the secret into secret: env:NAME";
  }
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return "only https:// is spoken here, and http:// to this machine";
  return isLoopback(url.hostname)
    ? undefined
    : "http:// is only for this machine (localhost); anything else needs https://";
}
