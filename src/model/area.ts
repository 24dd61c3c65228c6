/** What kind of thing a file is, as far as a deploy is concerned. In the order shown to people. */
export const AREAS = [
  "source",
  "migration",
  "configuration",
  "infrastructure",
  "dependency",
  "lockfile",
  "ci",
  "test",
  "docs",
  "assets",
  "generated",
] as const;

export type Area = (typeof AREAS)[number];

/** Areas that a rollback of code alone may not bring back. */
export const NOT_ONLY_CODE: ReadonlySet<Area> = new Set([
  "migration",
  "configuration",
  "infrastructure",
  "dependency",
  "lockfile",
  "ci",
]);

/** First match wins; matched against the whole path in lower case. */
const RULES: readonly (readonly [Area, RegExp])[] = [
  [
    "generated",
    /(?:^|\/)(?:dist|vendor|third_party|node_modules|__generated__|__snapshots__)\/|\.(?:min\.(?:js|css)|map|pb\.go|pb\.[ch]{1,2}|g\.dart|snap)$|_pb2(?:_grpc)?\.py$|(?:^|\/)generated\//,
  ],
  [
    "lockfile",
    /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|composer\.lock|gemfile\.lock|poetry\.lock|uv\.lock|pdm\.lock|pipfile\.lock|cargo\.lock|go\.sum|mix\.lock|pubspec\.lock|podfile\.lock|packages\.lock\.json|gradle\.lockfile|flake\.lock|deno\.lock)$/,
  ],
  [
    "ci",
    /^(?:\.github\/(?:workflows|actions)|\.circleci|\.buildkite|\.gitlab|\.azure-pipelines|\.teamcity|\.ci)\/|(?:^|\/)(?:\.gitlab-ci\.ya?ml|\.travis\.ya?ml|jenkinsfile[^/]*|azure-pipelines[^/]*\.ya?ml|bitbucket-pipelines\.ya?ml|\.drone\.ya?ml|appveyor\.ya?ml|cloudbuild\.ya?ml)$/,
  ],
  [
    "test",
    /(?:^|\/)(?:tests?|specs?|__tests__|__mocks__|testdata|fixtures|e2e|cypress|playwright)\/|[._-](?:test|spec|e2e)\.[a-z]+$|(?:^|\/)(?:test_[^/]+\.py|[^/]+_(?:test|spec)\.(?:go|rb|py|exs?|dart|cc|cpp)|conftest\.py)$|[a-z]tests?\.(?:java|kt|cs|swift|scala)$/,
  ],
  [
    "migration",
    /(?:^|\/)(?:migrations?|migrate|alembic\/versions|db\/schema|flyway|liquibase|changelogs?\/db)\/.*\.(?:sql|rb|py|js|ts|mjs|cjs|php|go|java|kt|xml|ya?ml|exs|cs)$|(?:^|\/)v\d+(?:[._]\d+)*__[^/]+\.sql$|(?:^|\/)(?:db|database|sql)\/[^/]*\d{3,}[^/]*\.sql$|(?:^|\/)(?:schema\.prisma|schema\.rb|structure\.sql)$/,
  ],
  [
    "dependency",
    /(?:^|\/)(?:package\.json|pnpm-workspace\.yaml|composer\.json|gemfile|[^/]+\.gemspec|requirements[^/]*\.(?:txt|in)|constraints[^/]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|pipfile|cargo\.toml|go\.mod|pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml|mix\.exs|pubspec\.yaml|podfile|directory\.packages\.props|[^/]+\.(?:csproj|fsproj|vbproj)|\.gitmodules|deno\.jsonc?)$/,
  ],
  [
    "infrastructure",
    /(?:^|\/)(?:dockerfile[^/]*|containerfile|[^/]*\.dockerfile|docker-compose[^/]*\.ya?ml|compose\.ya?ml|procfile|vagrantfile|\.dockerignore|fly\.toml|vercel\.json|netlify\.toml|wrangler\.(?:toml|jsonc?)|app\.ya?ml|serverless\.ya?ml|skaffold\.ya?ml|chart\.ya?ml|values[^/]*\.ya?ml|nginx[^/]*\.conf)$|\.(?:tf|tfvars|hcl|bicep|nomad)$|(?:^|\/)(?:k8s|kubernetes|helm|charts|terraform|ansible|deploy|deployment|infra|infrastructure|ops|puppet|chef|nginx|systemd)\//,
  ],
  [
    "docs",
    /\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt|pod|1|5|7)$|(?:^|\/)(?:docs?|documentation|man|changes|\.changeset)\/|(?:^|\/)(?:licen[cs]e|copying|notice|authors|contributors|changelog|readme|codeowners|maintainers)[^/]*$/,
  ],
  [
    "assets",
    /\.(?:png|jpe?g|gif|webp|avif|svg|ico|bmp|tiff?|mp[34]|webm|ogg|wav|woff2?|ttf|otf|eot|pdf|zip|gz|tgz|jar|psd|css|scss|sass|less|styl)$/,
  ],
  [
    "configuration",
    /(?:^|\/)(?:\.env[^/]*|config|configs|configuration|settings|conf|etc)(?:\/|$)|(?:^|\/)(?:makefile|cmakelists\.txt|build|build\.bazel|workspace|rakefile|gulpfile[^/]*|gruntfile[^/]*|mayday\.ya?ml|\.[^/]*rc(?:\.[a-z]+)?|\.[^/]*ignore|\.gitattributes|\.editorconfig)$|\.(?:ya?ml|toml|ini|cfg|conf|properties|env|plist|cmake|mk)$|(?:^|\/)[^/]+\.config\.[cm]?[jt]s$|(?:^|\/)(?:tsconfig[^/]*|appsettings[^/]*|application[^/]*)\.json$|\.json5?$/,
  ],
];

/** Sorts a path into the area that says most about what a rollback of it means. */
export function areaOf(path: string): Area {
  const lower = path.toLowerCase();
  return RULES.find(([, pattern]) => pattern.test(lower))?.[0] ?? "source";
}
