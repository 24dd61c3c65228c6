const MOST = 60;
/** A name as databases print it: bare, or quoted in their way, with what it belongs to in front. */
const PART = String.raw`(?:"[^"\n]{1,64}"|\x60[^\x60\n]{1,64}\x60|\[[^\]\n]{1,64}\]|'[^'\n]{1,128}'|[A-Za-z_][\w$]{0,63})`;
const NAME = String.raw`(${PART}(?:\.${PART}){0,3})`;

interface Form {
  readonly pattern: RegExp;
  /** What the groups are; `column` with a name in front says the table, too. */
  readonly groups: readonly ("table" | "column" | "columns")[];
}

function form(source: string, ...groups: Form["groups"]): Form {
  return { pattern: new RegExp(source.replaceAll("NAME", NAME), "gi"), groups };
}

/** How databases and the libraries over them say which table or column they mean. */
const ERRORS: readonly Form[] = [
  // PostgreSQL
  form("\\bcolumn NAME of relation NAME", "column", "table"),
  form("\\b(?:relation|table|view|materialized view) NAME (?:does not exist|already exists)", "table"),
  form(
    "\\bcolumn NAME (?:does not exist|already exists|must appear|is of type|cannot be|contains null)",
    "column",
  ),
  form("\\bcolumn reference NAME is ambiguous", "column"),
  form("\\b(?:in|for|on) (?:table|relation) NAME", "table"),
  form("\\bof relation NAME", "table"),
  form("\\bpermission denied for (?:table|relation|view) NAME", "table"),
  form("\\bKey \\((\\w{1,64})\\)=\\(", "column"),
  // MySQL
  form("\\bTable NAME doesn't exist", "table"),
  form(
    "\\bUnknown (?:column|table) NAME in '(?:field list|where clause|on clause|order clause|group statement|having clause)'",
    "column",
  ),
  form("\\bUnknown table NAME", "table"),
  form("\\bColumn NAME (?:cannot be null|in .{1,20} is ambiguous)", "column"),
  form("\\bField NAME doesn't have a default value", "column"),
  form(
    "\\b(?:Duplicate column name|Data too long for column|Incorrect \\w{1,20} value: .{1,60} for column|Out of range value for column|Data truncated for column) NAME",
    "column",
  ),
  // SQLite
  form("\\bno such (?:table|view): NAME", "table"),
  form("\\bno such column: NAME", "column"),
  form("\\btable NAME has no column named NAME", "table", "column"),
  form(
    "\\b(?:NOT NULL|UNIQUE|CHECK|FOREIGN KEY) constraint failed: NAME(?:, NAME)?(?:, NAME)?",
    "column",
    "column",
    "column",
  ),
  form("\\b(?:duplicate column name|no such index): NAME", "column"),
  // Oracle
  form("\\bORA-00904: NAME", "column"),
  form("\\bORA-00942: table or view NAME", "table"),
  form("\\bORA-01400: .{1,40}\\(NAME\\)", "column"),
  // SQL Server
  form("\\bInvalid object name NAME", "table"),
  form("\\bInvalid column name NAME", "column"),
  form("\\binto column NAME, table NAME", "column", "table"),
  form("\\bon object NAME", "table"),
  // Active Record, Django, SQLAlchemy, Hibernate, Prisma
  form("\\bUndefined(?:Column|Table): .{0,20}\\bcolumn NAME", "column"),
  form("\\bunknown attribute NAME for", "column"),
  form("\\bCould not find table NAME", "table"),
  form("\\bCannot resolve keyword NAME into field", "column"),
  form("\\bmissing table \\[?NAME", "table"),
  form("\\bmissing column \\[?NAME\\]? in table \\[?NAME", "column", "table"),
  form("\\bThe column NAME does not exist in the current database", "column"),
  form("\\bThe table NAME does not exist in the current database", "table"),
  form("\\b(?:Unknown (?:field|argument|arg)) NAME for \\w{1,20} statement on model NAME", "column", "table"),
  form("\\bcould not resolve property: NAME of: NAME", "column", "table"),
  form("\\bhas no (?:field|column) named NAME", "column"),
  // Words of people: the `orders` table, column "currency"
  form("\\b(?:table|relation|collection)s? (?:named |called )?([\"'\\x60][\\w.]{1,128}[\"'\\x60])", "table"),
  form("([\"'\\x60][\\w.]{1,128}[\"'\\x60]) (?:table|relation|collection)s?\\b", "table"),
  form("\\bcolumns? (?:named |called )?([\"'\\x60][\\w.]{1,128}[\"'\\x60])", "column"),
  form("([\"'\\x60][\\w.]{1,128}[\"'\\x60]) columns?\\b", "column"),
  form("\\b(\\w{0,40}_\\w{1,40}) (?:column|field)\\b", "column"),
  form("\\b(\\w{0,40}_\\w{1,40}) table\\b", "table"),
];

/** A statement: only in one are `from` and `set` no plain words. */
const STATEMENT =
  /\b(?:SELECT\b[^;\n]{1,2000}?\bFROM|INSERT\s+(?:IGNORE\s+)?INTO|UPDATE\s+\S{1,130}\s+SET|DELETE\s+FROM|ALTER\s+TABLE|CREATE\s+(?:TEMP\w*\s+|UNIQUE\s+)?(?:TABLE|INDEX|VIEW)|DROP\s+(?:TABLE|COLUMN|INDEX)|TRUNCATE)\b[^;\n]{0,3000}/g;
const QUOTED_STATEMENT =
  /["'`[(](?:select\b[^;\n]{1,2000}?\bfrom\b|insert into\b|update\s+\S{1,130}\s+set\b|delete from\b)[^;\n]{0,3000}/g;

const IN_STATEMENT: readonly Form[] = [
  form("\\bINSERT\\s+(?:IGNORE\\s+)?INTO\\s+NAME\\s*\\(([^()]{1,800})\\)", "table", "columns"),
  form("\\bUPDATE\\s+NAME\\s+SET\\b", "table"),
  form("\\b(?:FROM|JOIN|INTO|TRUNCATE(?:\\s+TABLE)?)\\s+NAME", "table"),
  form(
    "\\b(?:ALTER|CREATE|DROP)\\s+(?:TEMP\\w*\\s+)?TABLE\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?NAME",
    "table",
  ),
  form(
    "\\bINDEX\\s+(?:CONCURRENTLY\\s+)?\\S{0,80}\\s*\\bON\\s+NAME\\s*(?:USING \\w{1,20} ?)?\\(([^()]{1,400})\\)",
    "table",
    "columns",
  ),
  form("\\b(?:ADD|DROP|ALTER|RENAME|MODIFY)\\s+COLUMN\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?NAME", "column"),
  form("\\bSELECT\\s+(?:DISTINCT\\s+)?([^()*;]{1,800}?)\\s+FROM\\b", "columns"),
  form("\\b(?:SET|WHERE|AND|OR|ON|BY|HAVING)\\s+NAME", "column"),
  form(`\\b(${PART}\\.${PART})\\b`, "column"),
];
const RESERVED =
  /^(?:select|from|where|and|or|on|by|set|null|not|exists|if|only|as|in|is|like|between|case|when|then|else|end|desc|asc|limit|offset|values|the|a|an|this|that|dual|distinct|count|sum|max|min|now|public|dbo|information_schema|table|column|constraint|or|of|has|already|true|false|select|unnest|lateral|name)$/i;

/** Most texts hold no word of all that; the patterns cost more than they. */
const SPEAKS_OF_SQL =
  /relation|table|column|collection|field|view|constraint|attribute|keyword|property|object name|on object|ORA-|\b(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|TRUNCATE)\b|Key \(|index: /i;

export interface SqlNames {
  readonly tables: string[];
  readonly columns: string[];
}

/** Tables and columns that errors of databases, statements of SQL and people name; schemas are left off. */
export function sqlNamesIn(text: string): SqlNames {
  if (!SPEAKS_OF_SQL.test(text)) return { tables: [], columns: [] };
  const names: SqlNames = { tables: [], columns: [] };
  read(text, ERRORS, names);
  for (const statements of [STATEMENT, QUOTED_STATEMENT])
    for (const [statement] of [...text.matchAll(statements)].slice(0, 20))
      read(statement, IN_STATEMENT, names);
  const tables = new Set(names.tables);
  return {
    tables: [...tables].slice(0, MOST),
    columns: [...new Set(names.columns)].filter((name) => !tables.has(name)).slice(0, MOST),
  };
}

function read(text: string, forms: readonly Form[], into: SqlNames): void {
  for (const { pattern, groups } of forms) {
    for (const match of text.matchAll(pattern)) {
      for (const [index, group] of groups.entries()) {
        const name = match[index + 1];
        if (name === undefined) continue;
        if (group === "columns")
          for (const one of name.split(",")) column(one.trim().split(/\s/, 1)[0] ?? "", into);
        else if (group === "column") column(name, into);
        else add(partsOf(name).at(-1), into.tables);
      }
    }
  }
}

/** `orders.currency` is a column of a table; the alias of one in a statement (`o.currency`) is no table. */
function column(name: string, into: SqlNames): void {
  const parts = partsOf(name);
  const table = parts.at(-2);
  if (table !== undefined && table.length > 2) add(table, into.tables);
  add(parts.at(-1), into.columns);
}

function partsOf(name: string): string[] {
  return name
    .split(".")
    .map((part) => part.replace(/^["'`[]+|["'`\]]+$/g, "").trim())
    .filter((part) => part !== "");
}

function add(name: string | undefined, into: string[]): void {
  if (name !== undefined && /^[A-Za-z_][\w$-]{1,63}$/.test(name) && !RESERVED.test(name)) into.push(name);
}
