import { SOURCE_ENDING } from "./frame-forms.ts";

const MOST = 60;
const NAME = String.raw`(\S.{0,200}?)`;
const TIME = String.raw`(?:\s{1,4}(?:\(|\[)?<?\s?[\d.]{1,12}\s?m?s(?:\)|\])?)?`;

/** How runners say which test failed: one pattern a runner; the group is the name. */
const RUNNERS: readonly RegExp[] = [
  // Jest: ● Cart › formats a price; Jest and Mocha: ✕ formats a price (5 ms); Vitest: × formats a price 5ms
  new RegExp(String.raw`^\s{0,20}●\s{1,4}(?!Console|Test suite failed|Validation)${NAME}$`),
  new RegExp(String.raw`^\s{0,20}[✕✗✖×✘]\s{1,4}${NAME}${TIME}$`),
  // Vitest: FAIL  src/price.test.ts > Cart > formats a price; a file alone is a path
  new RegExp(String.raw`^\s{0,20}FAIL\s{1,4}\S{1,300} > ${NAME}${TIME}$`),
  // Playwright: 1) [chromium] › price.spec.ts:12:3 › formats a price ────
  new RegExp(
    String.raw`^\s{0,20}\d{1,5}\) (?:\[[\w -]{1,60}\] › )?\S{1,300} › ${NAME}(?: [─-]{2,})?\s{0,200}$`,
  ),
  new RegExp(
    String.raw`^\s{0,20}[-•*] \S{1,300}:\d{1,9}(?::\d{1,9})? › (?:\[[\w -]{1,60}\] )?${NAME}\s{0,20}$`,
  ),
  // pytest: FAILED tests/test_price.py::TestCart::test_format[eur] - KeyError; ____ test_format ____
  /^\s{0,20}(?:(?:FAILED|ERROR) )?[^\s:]{1,300}\.py::(\S{1,200})(?: - .{0,600})?$/,
  /^[^\s:]{1,300}\.py::(\S{1,200}) (?:FAILED|ERROR)/,
  /^_{3,200} (?:ERROR at \w{1,20} of )?([\w.[\]-]{1,200}) _{3,200}$/,
  // unittest: FAIL: test_format (tests.test_price.CartTest)
  /^(?:(?:FAIL|ERROR): )?(test\w{0,150}(?: \([\w.]{1,200}\)))\s*$/,
  // go test: --- FAIL: TestFormat/eur (0.00s)
  /^\s{0,40}--- FAIL: (\S{1,200})/,
  // RSpec: rspec ./spec/price_spec.rb:12 # Price formats
  /^rspec \S{1,300} # (.{1,200})$/,
  // cargo test: test price::tests::formats ... FAILED; ---- price::tests::formats stdout ----
  /^test (\S{1,200}) \.\.\. FAILED/,
  /^---- (\S{1,200}) stdout ----/,
  // GoogleTest: [  FAILED  ] PriceTest.Formats (5 ms)
  /^\[ {1,4}FAILED {1,4}\] ([\w./<>-]{1,200}\.[\w/<>-]{1,200})/,
  // Gradle: com.example.PriceTest > formats FAILED
  /^(?!npm|ninja)([\w.$]{1,200} > .{1,200}?) FAILED\s*$/,
  // Surefire: [ERROR] com.example.PriceTest.formats:48 expected; formats(com.example.PriceTest)  Time elapsed
  /^\s{0,10}(?:\[ERROR\]\s{1,8})?([A-Za-z_][\w$.]{0,200}(?:Test|Tests|IT|TestCase|Spec)\.\w{1,100}):\d{1,9}\b/,
  /^\s{0,10}(?:\[ERROR\]\s{1,8})?([\w$.]{1,200})(?:\([\w.$]{1,200}\))?\s{1,4}(?:--\s)?Time elapsed: .{1,40}<<< (?:FAILURE|ERROR)/,
  // TAP, node:test
  /^\s{0,20}not ok \d{1,6} (?:- )?([^#]{1,200}?)(?:\s#.{0,200})?$/,
  // PHPUnit: 1) Shop\Tests\PriceTest::testFormats
  /^\s{0,20}\d{1,5}\) ([\w\\]{1,200}::\w{1,200}(?: with data set .{1,100})?)\s*$/,
  // .NET: Failed Shop.Tests.PriceTests.Formats [5 ms]; [xUnit.net 00:00:01]  Shop.Tests.X [FAIL]
  /^\s{0,20}(?:Failed|X) ([\w.+]{1,200}\.[\w+(): ",]{1,200}?)(?: \[[\d<]{1,8} ?m?s\])?\s*$/,
  /\bxUnit\.net [\d:.]{4,20}\]\s{1,20}(\S.{0,200}?) \[FAIL\]/,
  // Minitest: CartTest#test_format [test/cart_test.rb:12]:
  /^\s{0,20}([A-Z]\w{0,100}#test_\w{1,150})\b/,
  /^\s{0,20}(test_\w{1,150}\([A-Z][\w:]{0,100}\))/,
  // ctest: 3 - price_test (Failed); Bazel: //shop:price_test FAILED in 3s
  /^\s{0,20}\d{1,6} - (\S{1,200}) \((?:Failed|Timeout|SEGFAULT|Child aborted)\)/,
  /^(\/\/[\w./-]{0,200}:[\w.-]{1,100})\s{1,40}(?:FAILED|TIMEOUT)/,
  // a report of JUnit: the failure is the line after, so that every case that stays open counts
  /<testcase [^>]{0,300}\bname="([^"]{1,200})"[^>]{0,300}[^/]>/,
  // ExUnit: 1) test formats a price (Shop.PriceTest)
  /^\s{0,20}\d{1,5}\) test (.{1,200}) \([\w.]{1,200}\)$/,
];
/** RSpec and Mocha number their failures; the same form is a list in prose. */
const NUMBERED = /^\s{1,20}\d{1,5}\) ([A-Za-z#:."'][^:]{1,200}):?$/;
const NUMBERING = /\bFailures:|\b\d+ failing\b|\bexamples?, \d+ failures?/;

/** Names that say of themselves that they are tests. */
const NAMED =
  /(?<![\w/\\.-])(?:test_[a-z]\w{2,150}|Test[A-Z]\w{2,100}(?:[./]\w{1,100})?|[A-Z]\w{2,100}(?:Test|Tests|TestCase|Spec|[a-z]IT)(?:[.#:]{1,2}\w{1,100})?)\b(?!\.\w|\/)/g;
const CALLED =
  /\b(?:test|spec|suite|scenario)s? (?:named |called )?[`"'“‘]([^`"'”’\n]{3,200})[`"'”’]|[`"'“‘]([^`"'”’\n]{3,200})[`"'”’] (?:test|spec|suite)\b/gi;

/** Names of failing tests, as their runner writes them; then what is named like a test. */
export function testsIn(text: string): string[] {
  const found = new Set<string>();
  const forms = NUMBERING.test(text) ? [...RUNNERS, NUMBERED] : RUNNERS;
  for (const whole of text.split("\n")) {
    if (found.size >= MOST) break;
    const line = whole.slice(0, 600);
    for (const pattern of forms) {
      const name = pattern.exec(line)?.[1]?.trim();
      if (name === undefined) continue;
      found.add(name);
      break;
    }
    for (const match of line.matchAll(CALLED)) found.add((match[1] ?? match[2] ?? "").trim());
  }
  const said = [...found].join("\n");
  for (const [name] of text.matchAll(NAMED)) {
    if (found.size >= MOST) break;
    if (!said.includes(name) && !SOURCE_ENDING.test(name)) found.add(name);
  }
  found.delete("");
  return [...found];
}
