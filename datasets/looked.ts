/** What a column of a user's table holds, as far as it matters. */
import { literal, quotedName } from '../workload/identifier.ts'
import type { DuckDb } from './duckdb.ts'
import type { SourceColumn } from './source.ts'

export type Kind = 'number' | 'truth' | 'text' | 'date' | 'nested'

/** @param type as DuckDB names it */
export function kindOf(type: string): Kind {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/.test(type)) return 'number'
  if (type === 'BOOLEAN') return 'truth'
  if (type === 'VARCHAR' || type === 'UUID' || /^ENUM\([^[]*\)$/.test(type)) return 'text'
  if (/^(DATE|TIME|TIMESTAMP|INTERVAL)[^[]*$/.test(type)) return 'date'
  return 'nested'
}

export interface Looked {
  /** SQL of its values as numbers, or as they are. */
  value: string
  /** Rows without a value. */
  missing: number
  distinct: number
  /** Whether all are whole numbers that 64-bit floats hold. */
  isWhole: boolean
  least: number
  most: number
  /** A number that no 32-bit float holds, as text. */
  tooLarge: string | undefined
  /** Bytes of the longest text. */
  longest: number
  /** Texts that are no numbers, where nearly all are: how many, and the first by its bytes. */
  noNumbers: { rows: number; first: string } | undefined
  /** Where nearly all texts are numbers, some with a comma in them: the first of these by its bytes. To DuckDB they are none. */
  withComma: string | undefined
}

/** Share of texts beside numbers up to which they look like mistakes. */
const mostOthers = 0.05

/** `12,5`, `1.234,5`, `1,234` and `1,234.5` */
const numberWithComma =
  '[-+]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+),[0-9]+|[-+]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?'

/** Beyond it, whole numbers lose digits in JSON and in 64-bit floats. */
const exact = 2 ** 53 - 1

/** A number as the file means it: of a 32-bit float the shortest text, which gives the same one again. */
function numberIn({ name, type }: SourceColumn, kind: Kind): string {
  const source = quotedName(name)
  if (kind === 'truth') return `${source}::TINYINT`
  if (type === 'FLOAT') return `${source}::VARCHAR::DOUBLE`
  if (type.startsWith('DECIMAL')) return `${source}::DOUBLE`
  return source
}

export async function lookAt(
  db: DuckDb,
  column: SourceColumn,
  kind: Kind,
  { largest }: { largest: string },
): Promise<Looked> {
  const source = quotedName(column.name)
  const value = numberIn(column, kind)
  const isNumber = kind === 'number' || kind === 'truth'
  const isMissing =
    kind === 'text'
      ? `coalesce(${source}::VARCHAR, ${literal('')}) = ${literal('')}`
      : `${source} IS NULL${isNumber ? ` OR isnan((${value})::DOUBLE)` : ''}`
  const hasComma = `regexp_full_match(trim(${source}::VARCHAR), ${literal(numberWithComma)})`
  const noNumber = `NOT (${isMissing}) AND TRY_CAST(${source}::VARCHAR AS DOUBLE) IS NULL`
  const whole = `(${value})::DOUBLE = trunc((${value})::DOUBLE) AND abs((${value})::DOUBLE) <= ${exact}`
  const [row] = await db.rows(
    `SELECT count(*) FILTER (WHERE ${isMissing})::DOUBLE, ${
      kind === 'nested' ? '0' : `count(DISTINCT ${source}) FILTER (WHERE NOT (${isMissing}))::DOUBLE`
    }, ${
      isNumber
        ? `coalesce(bool_and(${whole}) FILTER (WHERE NOT (${isMissing})), false),
           min((${value})::DOUBLE) FILTER (WHERE NOT (${isMissing})), max((${value})::DOUBLE) FILTER (WHERE NOT (${isMissing})),
           min(${source}::VARCHAR) FILTER (WHERE abs((${value})::DOUBLE) >= ${largest} AND NOT (${isMissing})), 0`
        : `false, 0, 0, NULL, ${kind === 'nested' ? '0' : `coalesce(max(octet_length(encode(${source}::VARCHAR))), 0)`}`
    }, ${
      kind === 'text'
        ? `count(*) FILTER (WHERE ${noNumber})::DOUBLE, min(${source}::VARCHAR) FILTER (WHERE ${noNumber}),
           count(*) FILTER (WHERE ${hasComma})::DOUBLE, min(${source}::VARCHAR) FILTER (WHERE ${hasComma})`
        : '0, NULL, 0, NULL'
    },
     count(*)::DOUBLE FROM source`,
  )
  const [missing, distinct, isWhole, least, most, tooLarge, longest, others, other, commas, comma, rows] =
    row ?? []
  const few = (Number(rows) - Number(missing)) * mostOthers
  return {
    value,
    missing: Number(missing),
    distinct: Number(distinct),
    isWhole: isWhole === true,
    least: Number(least),
    most: Number(most),
    tooLarge: tooLarge == null ? undefined : String(tooLarge),
    longest: Number(longest),
    noNumbers:
      other != null && Number(others) <= few ? { rows: Number(others), first: String(other) } : undefined,
    withComma: comma != null && Number(others) - Number(commas) <= few ? String(comma) : undefined,
  }
}
