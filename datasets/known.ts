/**
 * Sources that are known: which of their columns are which of a dataset, and which rows are left out. Nothing need be said of a
 * table in which one is recognized by the names of its columns.
 */
import { BadInput } from '../build/failure.ts'
import { columnOf, type Dataset } from '../workload/dataset.ts'
import { literal, quotedName } from '../workload/identifier.ts'
import type { DuckDb } from './duckdb.ts'
import { type OpenedSource, readAs } from './source.ts'
import { type Coded, type LeftOut, refuseMisfits, type Understood } from './understood.ts'

/** Where a column's values are, and how they become whole numbers. */
export interface KnownColumn {
  /** Its name in the source. */
  from: string
  /** Its values are texts, which become their rank. */
  isText?: boolean
  /** What smaller values count as. */
  least?: number
  /** What a missing value counts as; absent: there must be one. */
  missing?: number
}

export interface KnownSource {
  /** In words. */
  title: string
  dataset: Dataset
  /** By the dataset's columns. */
  columns: Readonly<Record<string, KnownColumn>>
  /** Rows without a value in this column of the source are left out and counted by the first column that is true, or otherwise. */
  leftOut: { without: string; because: Readonly<Record<string, string>>; otherwise: string }
}

/** Names of the source's columns that are needed. */
const neededOf = ({ columns, leftOut }: KnownSource): string[] => [
  ...new Set([
    ...Object.values(columns).map(({ from }) => from),
    leftOut.without,
    ...Object.keys(leftOut.because),
  ]),
]

/** The one whose columns are all there. */
export const recognized = (
  known: readonly KnownSource[],
  names: readonly string[],
): KnownSource | undefined => known.find((each) => neededOf(each).every((name) => names.includes(name)))

/** Whole numbers that a column holds exactly. */
const largest = { smallint: 2 ** 15 - 1, integer: 2 ** 31 - 1, bigint: 2 ** 53 - 1, real: 2 ** 24 } as const

const asNumber = (name: string) => `TRY_CAST(${quotedName(name)} AS DOUBLE)`
const isTrue = (name: string) =>
  `(coalesce(lower(${quotedName(name)}), '') = 'true' OR coalesce(${asNumber(name)}, 0) = 1)`

/** SQL of which of its values does not do, as text; NULL where it does. */
function faultOf(source: KnownSource, name: string, { from, isText, missing }: KnownColumn): string[] {
  const type = columnOf(source.dataset, name).type as keyof typeof largest
  const value = quotedName(from)
  const none = missing === undefined ? `WHEN ${value} IS NULL THEN ${literal(`${from} has no value`)}` : ''
  const number = asNumber(from)
  const isWhole = `coalesce(${number} = trunc(${number}) AND abs(${number}) <= ${largest[type]}, false)`
  const other = isText
    ? ''
    : `WHEN ${value} IS NOT NULL AND NOT ${isWhole} THEN ${literal(`${from} is `)} || left(${value}, 40)`
  return none || other ? [`CASE ${none} ${other} END`] : []
}

/** Makes the table `all_rows` in one pass, and `source` of those that are not left out. */
async function readKnown(db: DuckDb, opened: OpenedSource, known: KnownSource): Promise<void> {
  const { without, because, otherwise } = known.leftOut
  const reasons = Object.entries(because).map(([name, why]) => `WHEN ${isTrue(name)} THEN ${literal(why)}`)
  const values = Object.values(known.columns).map(({ from, isText }) =>
    isText ? quotedName(from) : `TRY_CAST(${asNumber(from)} AS BIGINT) AS ${quotedName(from)}`,
  )
  const faults = Object.entries(known.columns).flatMap(([name, column]) => faultOf(known, name, column))
  await readAs(
    opened,
    `CREATE TABLE all_rows AS SELECT ${values.join(', ')}, why, CASE WHEN why IS NULL THEN coalesce(${faults.join(', ')}) END AS fault
     FROM (SELECT *, CASE WHEN ${quotedName(without)} IS NOT NULL THEN NULL ${reasons.join(' ')} ELSE ${literal(otherwise)} END AS why
       FROM (${opened.asTexts(neededOf(known))}))`,
    db,
  )
  await db.run('CREATE VIEW source AS SELECT * FROM all_rows WHERE why IS NULL')
}

async function refuseFaults(db: DuckDb, title: string): Promise<void> {
  const faults = await db.rows(
    `SELECT fault, count(*)::DOUBLE FROM source WHERE fault IS NOT NULL GROUP BY fault ORDER BY count(*) DESC, fault LIMIT 5`,
  )
  if (faults.length > 0)
    throw new BadInput(
      `Not all rows can be used as ${title}; expected whole numbers:\n${faults.map(([what, count]) => `  - ${what} in ${Number(count).toLocaleString('en')} row${count === 1 ? '' : 's'}`).join('\n')}`,
      'Correct the files, or say by --target, --key and --features what is to be learned of them',
    )
}

const rolesOf = ({ features, key, target }: Dataset, name: string): string[] => [
  ...(features.includes(name) ? ['feature'] : []),
  ...(key.includes(name) ? ['key'] : []),
  ...(target === name ? ['target'] : []),
]

function codedOf({ dataset, columns }: KnownSource): Coded[] {
  return dataset.columns.map((column) => {
    const { from, isText, least, missing } = columns[column.name] as KnownColumn
    const value = quotedName(from)
    const floor = least === undefined ? value : `greatest(${least}, ${value})`
    return {
      ...{ column, roles: rolesOf(dataset, column.name), type: from },
      coding: [
        isText ? 'rank of its texts in byte order, from 1' : 'as it is',
        ...(least === undefined ? [] : [`at least ${least}`]),
        ...(missing === undefined ? [] : [`${missing} where it is missing`]),
      ].join('; '),
      sql: isText ? value : floor,
      ...(isText && { ranked: { first: 1, by: 'text' } as const }),
      ...(missing !== undefined && { missing }),
    }
  })
}

/** @throws {BadInput} naming what in the rows does not fit */
export async function understandKnown(
  db: DuckDb,
  opened: OpenedSource,
  known: KnownSource,
): Promise<Understood> {
  refuseMisfits(known.dataset)
  await readKnown(db, opened, known)
  await refuseFaults(db, known.title)
  const { dataset, columns } = known
  const key = dataset.key.map((name) => quotedName((columns[name] as KnownColumn).from)).join(', ')
  const [counts] = await db.rows(
    `SELECT count(*)::DOUBLE, (SELECT count(*)::DOUBLE FROM (SELECT DISTINCT ${key} FROM source)) FROM source`,
  )
  const [rows, keys] = (counts ?? []).map(Number) as [number, number]
  const leftOut = await db.rows(
    'SELECT why, count(*)::DOUBLE FROM all_rows WHERE why IS NOT NULL GROUP BY why ORDER BY why',
  )
  if (rows < 4) throw new BadInput(`There are ${rows} rows of use; expected 4 at the least`, 'Give more rows')
  return {
    ...{ dataset, rows, keys, title: known.title, coded: codedOf(known) },
    leftOut: leftOut.map(([why, count]): LeftOut => ({ why: String(why), rows: Number(count) })),
  }
}
