/** What is no word of a program: addresses, ids, times. Taken out before words are counted. */
const NOISE: readonly RegExp[] = [
  // The host of an address; the path stays
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/"'`)\]}>,]{1,255}/gi,
  /\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,10}\b/g,
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b0x[0-9a-f]{1,32}\b/gi,
  /\bsha(?:1|256|512)[:-][\w+/=]{20,128}/gi,
  // Ids of commits and spans, names of pods: hexadecimal with a digit
  /\b(?=[a-f]{0,40}\d)[0-9a-f]{7,64}\b/gi,
  /::h[0-9a-f]{16}\b/g,
  // Base64, tokens: long, and of all kinds of letters
  /(?<![\w/+.-])(?=[A-Za-z+/_-]{0,60}\d)(?=[a-z\d+/_-]{0,60}[A-Z])[A-Za-z\d+/_-]{28,4096}={0,2}(?![\w/])/g,
  /\b\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d)?\b/g,
  /\b(?:ip|ec2)(?:-\d{1,3}){4}[\w.-]{0,100}/g,
  // Pods: web-7d9f8b6c5d-x2k4p
  /(?<=-)[0-9a-f]{8,10}-[a-z0-9]{5}\b/g,
  // Hosts: shop.example.com, redis.cache.svc.cluster.local
  /(?<![\w./\\@-])(?:[a-z\d-]{1,63}\.){2,8}(?:com|org|net|io|dev|local|internal|cloud|app|co|de|uk|eu)(?::\d{1,5})?\b(?![\w(])/gi,
  /\b[A-Z][a-z]{2} (?:[A-Z][a-z]{2} )?[ \d]?\d \d\d:\d\d:\d\d(?: \d{4}| [A-Z]{3,4}){0,2}/g,
  /"Mozilla\/[^"\n]{1,400}"|\b\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:]{8} [+-]\d{4}/g,
  // Where a container, a build machine or a person keeps the repository
  /(?<![\w.\\/-])\/(?:usr\/src\/app|app|var\/www(?:\/html)?|var\/task|home\/runner\/work\/[\w.-]{1,100}\/[\w.-]{1,100}|(?:home|Users)\/[\w.-]{1,60}|github\/workspace|workspaces?|builds?|srv|opt|root|go\/src|tmp)\//g,
  /\b[A-Z]:\\(?:agent\\_work\\\d{1,4}\\s\\|Users\\[\w.-]{1,60}\\)?/g,
  // Where packages are hosted
  /\b(?:github|gitlab|bitbucket|golang|google\.golang|gopkg)\.(?:com|org|in|io)\//gi,
  /\b(?:tid|pid|thread|goroutine)[ =:#-]{1,2}\d{1,20}\b/gi,
];

export function withoutNoise(text: string): string {
  let clear = text;
  for (const pattern of NOISE) clear = clear.replace(pattern, " ");
  return clear;
}

/** Frames of other people's code; the group is the package, where the path names it. */
const FOREIGN: readonly RegExp[] = [
  /node_modules\/(?:\.pnpm\/[^/\s]{1,200}\/node_modules\/)?((?:@[\w.-]{1,100}\/)?[\w.-]{1,100})/,
  /(?:site|dist)-packages\/([\w-]{1,100})/,
  /\/gems\/([\w-]{1,100}?)-\d[\w.]{0,40}\//,
  /\/vendor\/([\w-]{1,60}\/[\w-]{1,100})\/.{1,300}\.php/,
  /\/pkg\/mod\/([\w.!/-]{1,200})@v/,
  /\/registry\/src\/[^/\s]{1,100}\/([\w-]{1,100}?)-\d/,
  /\bnode:(?:internal\/)?[\w/]{1,60}:\d|<anonymous>:\d|\[native code\]/,
  /^\s{0,40}at (?:[\w.]{1,40}@?[\w.]{0,20}\/)?(?:java|javax|jdk|sun|kotlin|kotlinx|scala|jakarta|groovy)\.|^\s{0,40}at (?:org\.(?:springframework|apache|hibernate|junit|eclipse|gradle|mockito)|com\.(?:sun|zaxxer|fasterxml|google\.common)|io\.(?:netty|undertow|micrometer)|reactor)\./,
  /^\s{0,40}at (?:System|Microsoft)\./,
  /\/usr\/(?:local\/)?(?:lib|go\/src|share)\/|\/rustc\/[0-9a-f]{6,40}\/|\/lib\/python\d|\/lib\/ruby\/\d|\[internal function\]/,
];

/** For a frame outside the repository the package it is of, empty where there is none; null for all other lines. */
export function packageOfForeign(line: string): string | null {
  for (const pattern of FOREIGN) {
    const match = pattern.exec(line);
    if (match) return match[1] ?? "";
  }
  return null;
}

const MANGLED = /(?<!\w)_{1,3}ZN?K?\d\w{2,300}/g;

/** `_ZN4shop5price6formatEv` → shop::price::format (Itanium C++ ABI, and Rust's legacy names). */
export function demangled(text: string): string {
  return text.replace(MANGLED, (name) => {
    const parts: string[] = [];
    let rest = name.replace(/^_{1,3}ZN?K?/, "");
    for (let match = /^\d{1,3}/.exec(rest); match; match = /^\d{1,3}/.exec(rest)) {
      const end = match[0].length + Number(match[0]);
      const part = rest.slice(match[0].length, end);
      if (part !== "" && !/^h[0-9a-f]{16}$/.test(part)) parts.push(part);
      rest = rest.slice(end);
    }
    return parts.length === 0 ? name : parts.join("::");
  });
}
