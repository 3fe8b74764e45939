/**
 * What is understood of a user's table: which column is for what, how its values become numbers, and what cannot be used.
 * All is coded once, before both sides, so that they have the same numbers.
 */
import { BadInput } from '../build/failure.ts'
import { misfitsOf } from '../build/user-file.ts'
import type { Column, Dataset, Task } from '../workload/dataset.ts'
import { quotedName } from '../workload/identifier.ts'
import { inLines } from '../workload/misfit.ts'
import { namesInWords, shortened } from '../workload/shortened.ts'
import type { Ranking } from './coding.ts'
import { datasetSchema } from './description.ts'
import type { DuckDb } from './duckdb.ts'
import { faultOfSize } from './limits.ts'
import { type Kind, kindOf, type Looked, lookAt } from './looked.ts'
import type { SourceColumn } from './source.ts'

/** What a user says of a table. */
export interface Asked {
  target: string
  key: readonly string[]
  /** Absent: all columns but those. */
  features?: readonly string[]
  /** Absent: what the target looks like. */
  task?: Task
  hyperparameters: Readonly<Record<string, string | number | boolean>>
}

/** How a column's values become those of the dataset, in words. */
export interface Coded {
  column: Column
  roles: string[]
  /** As the file has it. */
  type: string
  coding: string
  /** SQL over the table `source`; texts that are coded are not part of it. */
  sql: string
  /** Values are coded by their rank. */
  ranked?: Ranking
  /** What a missing value counts as; absent: it stays missing. */
  missing?: number
}

/** Rows of a known source that are of no use. */
export interface LeftOut {
  why: string
  rows: number
}

export interface Understood {
  dataset: Dataset
  coded: Coded[]
  rows: number
  keys: number
  /** Of a known source, in words. */
  title?: string
  /** Absent: none. */
  leftOut?: LeftOut[]
}

/** Rows of one key, of which the first answers. */
const mostRowsOfKey = 1000
const mostClasses = 1000
/** Different ones of a feature: their codes and their dictionary are held in memory. */
const mostTexts = 100_000
/** Bytes of a text in a key. */
const longestKey = 200
/** Of the rows, held out. */
const testSize = 0.25

/** Of a 32-bit float. */
const largest = '3.4028235677973366e38'
/** Below it 32 bits hold nothing but 0. */
const smallest = '1e-44'

/** @throws {BadInput} for names that the table has not, or that are for two things at once */
function refuseNames({ target, key, features }: Asked, columns: readonly SourceColumn[]): void {
  const named = { '--target': [target], '--key': key, '--features': features ?? [] }
  for (const [flag, names] of Object.entries(named)) {
    const unknown = names.find((name) => !columns.some((column) => column.name === name))
    if (unknown !== undefined)
      throw new BadInput(
        `${flag} ${shortened(unknown)}: there is no such column, only ${namesInWords(columns.map(({ name }) => name))}`,
        'Write the name as the file does',
      )
    const twice = names.find((name, index) => names.indexOf(name) < index)
    if (twice !== undefined) throw new BadInput(`${flag} names ${twice} twice`, 'Name it once')
  }
  for (const [flag, names] of [
    ['--key', key],
    ['--features', features ?? []],
  ] as const)
    if (names.includes(target))
      throw new BadInput(`--target ${target} is in ${flag}, too`, `Leave it out of ${flag}`)
}

/** The text of a 64-bit number as Postgres writes it, so that both can be compared byte by byte. */
function numberText(value: string): string {
  const text = `(${value})::VARCHAR`
  // From 1e15 on Postgres writes an exponent, DuckDB from 1e16 on.
  const digits = `rtrim(replace(ltrim(${text}, '-'), '.', ''), '0')`
  const scientific = `(CASE WHEN ${value} < 0 THEN '-' ELSE '' END) || substr(${digits}, 1, 1)
    || (CASE WHEN length(${digits}) > 1 THEN '.' || substr(${digits}, 2) ELSE '' END) || 'e+15'`
  return `CASE WHEN abs(${value}) >= 1e15 AND abs(${value}) < 1e16 THEN ${scientific}
    ELSE regexp_replace(${text}, '\\.0$', '') END`
}

/** A number that both sides hold alike as a 32-bit float, or none. */
const fraction = (value: string) =>
  numberText(
    `(CASE WHEN isnan(${value}) THEN NULL WHEN abs(${value}) < ${smallest} THEN 0 ELSE ${value} END)::DOUBLE`,
  )

const wholeType = ({ least, most }: Looked): 'integer' | 'bigint' =>
  least >= -(2 ** 31) && most < 2 ** 31 ? 'integer' : 'bigint'

type Coding = Pick<Coded, 'coding' | 'sql' | 'ranked'> & { column: Column }

/** A number or a text as the model learns it. */
function learned(column: SourceColumn, kind: Kind, looked: Looked): Coding {
  const { name } = column
  const nullable = looked.missing > 0
  const source = quotedName(name)
  if (kind === 'text')
    return {
      column: { name, type: 'integer', nullable },
      coding: `rank of its ${looked.distinct.toLocaleString('en')} texts in byte order, from 1`,
      sql: source,
      ranked: { first: 1, by: 'text' },
    }
  if (kind === 'truth')
    return {
      column: { name, type: 'smallint', nullable },
      coding: 'false 0, true 1',
      sql: `${source}::TINYINT`,
    }
  if (looked.isWhole)
    return {
      column: { name, type: wholeType(looked), nullable },
      coding: 'as it is',
      sql: `${looked.value}::BIGINT`,
    }
  return {
    column: { name, type: 'double precision', nullable },
    coding: 'as it is',
    sql: fraction(looked.value),
  }
}

/** A value as it is asked for. */
function asked(column: SourceColumn, kind: Kind, looked: Looked): Coding {
  const { name } = column
  if ((kind === 'number' || kind === 'truth') && looked.isWhole)
    return { column: { name, type: wholeType(looked) }, coding: 'as it is', sql: `${looked.value}::BIGINT` }
  return { column: { name, type: 'text' }, coding: 'as text', sql: `${quotedName(name)}::VARCHAR` }
}

/** Why a column cannot be learned from, and what to do; undefined where it can. */
function faultOfFeature(kind: Kind, type: string, looked: Looked, rows: number): string | undefined {
  if (kind === 'date')
    return `holds dates or times (${type}): make a number of them, as days since a day, or leave it out`
  if (kind === 'nested') return `holds ${type}: a feature is a number, a text or a truth value; leave it out`
  if (looked.missing === rows) return 'has no value in any row: leave it out'
  const mixed = faultOfMixed(looked)
  if (mixed) return mixed
  if (kind === 'text' && looked.distinct > mostTexts)
    return `has ${looked.distinct.toLocaleString('en')} different texts, of which there may be ${mostTexts.toLocaleString('en')}: so many name rows, and no kinds of them; leave it out`
  return faultOfNumber(looked)
}

/** Texts among numbers would make texts of all of them, and so would commas. */
function faultOfMixed({ noNumbers, withComma }: Looked): string | undefined {
  if (noNumbers)
    return `holds numbers, but for ${noNumbers.rows.toLocaleString('en')} row${noNumbers.rows === 1 ? '' : 's'} with a text, as '${noNumbers.first.slice(0, 40)}': correct these, or leave it out`
  return (
    withComma &&
    `holds numbers with a comma, as '${withComma.slice(0, 40)}', which are taken for texts: write them as 1234.5, or leave it out`
  )
}

/** Of what is nested a type names all parts. */
const inShort = (type: string) => (type.length > 60 ? `${type.slice(0, 60)}…` : type)

const faultOfNumber = ({ tooLarge }: Looked): string | undefined =>
  tooLarge === undefined
    ? undefined
    : `holds ${tooLarge}, which no 32-bit float holds: correct it, or leave it out`

function faultOfTarget(kind: Kind, type: string, looked: Looked, task: Task): string | undefined {
  if (kind === 'date' || kind === 'nested')
    return `holds ${type}, and a target is a number, a text or a truth value: make a number of it`
  if (looked.missing > 0)
    return `is the target and has no value in ${looked.missing.toLocaleString('en')} rows: leave these rows out`
  const mixed = faultOfMixed(looked)
  if (mixed) return mixed
  if (looked.distinct < 2) return 'is the target and the same in all rows: there is nothing to predict'
  if (task === 'classification' && looked.distinct > mostClasses)
    return `is the target and has ${looked.distinct.toLocaleString('en')} classes, of which there may be ${mostClasses}: --task regression predicts numbers`
  if (task === 'regression' && kind === 'text')
    return 'is the target and holds texts: --task classification predicts which'
  return faultOfNumber(looked)
}

function faultOfKey(kind: Kind, type: string, looked: Looked): string | undefined {
  if (kind === 'nested') return `is in the key and holds ${type}: expected a whole number or a text`
  if (kind === 'number' && !looked.isWhole)
    return 'is in the key and holds fractions, or numbers beyond 2^53: expected whole numbers or texts'
  if (looked.missing > 0)
    return `is in the key and has no value in ${looked.missing.toLocaleString('en')} rows: leave these rows out`
  if (looked.longest > longestKey)
    return `is in the key and holds a text of ${looked.longest.toLocaleString('en')} bytes, of which there may be ${longestKey}: name another column`
  return undefined
}

/** What a target looks like: texts, truth values and two numbers are classes. */
const taskOf = (kind: Kind, { isWhole, distinct }: Looked): Task =>
  kind === 'text' || kind === 'truth' || (kind === 'number' && isWhole && distinct === 2)
    ? 'classification'
    : 'regression'

async function refuseLongKeys(db: DuckDb, key: readonly string[]): Promise<number> {
  const names = key.map(quotedName).join(', ')
  const [row] = await db.rows(
    `SELECT count(*)::DOUBLE, max(n)::DOUBLE FROM (SELECT count(*) AS n FROM source GROUP BY ${names})`,
  )
  const [keys, most] = (row ?? []) as [number, number]
  if (most > mostRowsOfKey)
    throw new BadInput(
      `--key ${key.join(',')}: ${most.toLocaleString('en')} rows share one key, of which there may be ${mostRowsOfKey}`,
      'Name more columns that tell the rows apart, as --key customer_id,month',
    )
  return keys
}

/** @throws {BadInput} where a class is only in the rows that are held out */
async function refuseUnseenClasses(db: DuckDb, target: string, rows: number): Promise<void> {
  const learnedRows = rows - Math.floor(rows * testSize + 0.5)
  const name = quotedName(target)
  const [row] = await db.rows(
    `SELECT ${name}::VARCHAR FROM source GROUP BY ${name} HAVING min(rowid) >= ${learnedRows} ORDER BY min(rowid) LIMIT 1`,
  )
  if (row)
    throw new BadInput(
      `${target} is ${row[0]} in the last quarter of the rows only, which is held out, so that no model can learn it`,
      'Mix the rows of the file',
    )
}

/** @throws {BadInput} naming what in the description does not fit, be it the table's or a flag's */
export function refuseMisfits(dataset: Dataset): void {
  const parsed = datasetSchema.safeParse(dataset)
  if (!parsed.success)
    throw new BadInput(
      `The table cannot be used as it is:\n${inLines(misfitsOf(parsed.error, dataset))}`,
      'Correct what is named, or leave the column out by --features',
    )
}

/**
 * @param name of the dataset
 * @throws {BadInput} naming each column that cannot be used, why, and what to do
 */
export async function understand(
  db: DuckDb,
  name: string,
  columns: readonly SourceColumn[],
  given: Asked,
): Promise<Understood> {
  refuseNames(given, columns)
  const [count] = await db.rows('SELECT count(*)::DOUBLE FROM source')
  const rows = Number(count?.[0])
  if (rows < 4)
    throw new BadInput(
      `There are ${rows} rows; expected 4 at the least, of which one is held out`,
      'Give more rows',
    )
  const { target, key } = given
  const isFeature = ({ name: each }: SourceColumn) =>
    given.features ? given.features.includes(each) : each !== target && !key.includes(each)
  const faults: string[] = []
  const usable: string[] = []
  const fault = (column: string, what: string | undefined) => what && faults.push(`  - ${column} ${what}`)
  const longest = new Map<string, number>()
  const features: Coded[] = []
  const others: Coded[] = []
  let task: Task = given.task ?? 'regression'
  for (const column of columns) {
    const isTarget = column.name === target
    const isKey = key.includes(column.name)
    if (!isTarget && !isKey && !isFeature(column)) continue
    const kind = kindOf(column.type)
    const looked = await lookAt(db, column, kind, { largest })
    longest.set(column.name, looked.longest)
    const { name: each } = column
    const type = inShort(column.type)
    if (isTarget) {
      task = given.task ?? taskOf(kind, looked)
      fault(each, faultOfTarget(kind, type, looked, task))
      const coding: Coding =
        task === 'regression'
          ? learned(column, kind, looked)
          : {
              column: { name: each, type: 'smallint' },
              coding: `its ${looked.distinct.toLocaleString('en')} classes in their order, from 0`,
              sql: `${quotedName(each)}::VARCHAR`,
              ranked: { first: 0, by: kind === 'number' ? 'number' : 'text' },
            }
      others.unshift({ ...coding, type, roles: ['target'] })
    }
    if (isKey) fault(each, faultOfKey(kind, type, looked))
    if (isFeature(column)) {
      const what = faultOfFeature(kind, type, looked, rows)
      fault(each, what)
      if (!what) usable.push(each)
      const coding = learned(column, kind, looked)
      if (isKey && coding.column.type !== asked(column, kind, looked).column.type)
        fault(
          each,
          'is in the key and a feature, and would be another number as such: leave it out of one of them',
        )
      features.push({ ...coding, type, roles: isKey ? ['feature', 'key'] : ['feature'] })
    } else if (isKey) others.push({ ...asked(column, kind, looked), type, roles: ['key'] })
  }
  if (faults.length > 0)
    throw new BadInput(
      `Not all columns can be used:\n${faults.join('\n')}`,
      usable.length > 0
        ? `What can be learned from: --features ${usable.join(',')}`
        : 'No column is left to learn from: give a table with numbers, texts or truth values',
    )
  if (features.length === 0)
    throw new BadInput(
      'No column is left to learn from',
      'Name some by --features, or give a table with more columns',
    )
  const keys = await refuseLongKeys(db, key)
  if (task === 'classification') await refuseUnseenClasses(db, target, rows)
  const coded = [...features, ...others]
  const dataset: Dataset = {
    name,
    columns: coded.map(({ column }) => column),
    features: features.map(({ column }) => column.name),
    ...{ target, key, task, hyperparameters: given.hyperparameters, testSize },
  }
  refuseMisfits(dataset)
  const size = faultOfSize(dataset, longest)
  if (size) throw new BadInput(size.message, size.hint)
  return { dataset, coded, rows, keys }
}

/** Texts of a column that is ranked. */
export const textsOf = ({ sql }: Coded): string => `SELECT ${sql} FROM source`

export const nameOf = (file: string): string => {
  const base = (file.split(/[\\/]/).at(-1) ?? '').split('.')[0] ?? ''
  const plain = base
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40)
  return plain || 'data'
}
