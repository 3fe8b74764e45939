/** Names in SQL: as they are where that is safe, so that queries stay readable, else in quotes. */

/** What Postgres reserves (pg_get_keywords, categories R and T). */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp
  current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having
  ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not
  notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar
  some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where
  window with`.split(/\s+/),
)

export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quotedName(name)

/** A name that is none of those, however they are written. */
export function freeName(name: string, taken: readonly string[]): string {
  return taken.some((each) => each.toLowerCase() === name) ? freeName(`${name}_`, taken) : name
}

/** A text in SQL. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
