/** A user's table: one file or several by a pattern, in one of the formats that DuckDB reads, compressed or not. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { BadInput, messageOf, reasonOf } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { literal } from '../workload/identifier.ts'
import type { DuckDb } from './duckdb.ts'

export interface SourceColumn {
  name: string
  /** As DuckDB names it. */
  type: string
}

const hint =
  'Name a CSV, Parquet or JSON lines file by --data, compressed or not, or several by a pattern in quotes'

/** What stands for a missing value in a CSV. */
const missing = ['', 'NA', 'N/A', 'NULL', 'null', 'None', 'NaN', 'nan']

type Format = 'csv' | 'parquet' | 'json'

const formats: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  parquet: 'parquet',
  pq: 'parquet',
  jsonl: 'json',
  ndjson: 'json',
  json: 'json',
}

function formatOf(file: string): Format {
  const ending = path
    .extname(file.replace(/\.(gz|zst)$/i, ''))
    .slice(1)
    .toLowerCase()
  const format = formats[ending]
  if (format) return format
  throw new BadInput(
    `${shown(file)}: what it is written in cannot be told from its name; expected one that ends in .${Object.keys(formats).join(', .')}, perhaps with .gz or .zst behind it`,
    hint,
  )
}

/** What is wrong with a file, of the many lines that DuckDB writes. */
function said(error: unknown): string {
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.trim())
  const [first = '', second = ''] = lines.filter((line) => line !== '')
  return `${first.replace(/^(Invalid Input|IO|Conversion|Parser|Binder) Error: /, '')} ${/^(Original|Line:|JSON)/.test(second) ? second : ''}`
    .trim()
    .slice(0, 300)
}

/** A path in which no sign stands for others. */
const asItIs = (file: string) => file.replace(/[*?[]/g, '[$&]')

const isThere = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )

/** @throws {BadInput} where there is none */
export async function filesOfSource(db: DuckDb, given: string): Promise<string[]> {
  const file = path.resolve(given)
  if (/[*?[]/.test(given) && !(await isThere(file))) {
    const found = await db.rows(`SELECT file FROM glob(${literal(file)}) ORDER BY file`)
    if (found.length > 0) return found.map(([each]) => String(each))
    throw new BadInput(`--data ${given}: no file matches`, hint)
  }
  try {
    const found = await stat(file)
    if (!found.isFile()) throw new BadInput(`${shown(file)} is no file; expected one`, hint)
    if (found.size === 0) throw new BadInput(`${shown(file)} is empty`, hint)
  } catch (error) {
    if (error instanceof BadInput) throw error
    throw new BadInput(`${shown(file)} cannot be read: ${reasonOf(error)}`, hint)
  }
  return [file]
}

const delimiters = [',', '\t', ';', '|']

/** The names in the first line, as they stand there. What occurs there the most is between the values. */
async function headerOf(db: DuckDb, file: string): Promise<{ names: string[]; dialect: string }> {
  const [line] = await db.rows(
    `SELECT line FROM read_csv(${one(file)}, header = false, auto_detect = false, columns = {'line': 'VARCHAR'},
       delim = '\x01', quote = '', escape = '') LIMIT 1`,
  )
  const text = String(line?.[0] ?? '')
  const count = (delimiter: string) => text.split(delimiter).length
  const delimiter = delimiters.reduce((one, other) => (count(other) > count(one) ? other : one))
  const dialect = `delim = ${literal(delimiter)}, quote = '"', escape = '"', skip = 0, strict_mode = true`
  const [first] = await db.rows(
    `SELECT * FROM read_csv(${one(file)}, header = false, all_varchar = true, null_padding = true, ${dialect}) LIMIT 1`,
  )
  return { names: (first ?? []).map((each) => String(each ?? '')), dialect }
}

function refuseNames(names: readonly string[], file: string): void {
  const lower = names.map((name) => name.toLowerCase())
  const twice = names.find((_, index) => lower.indexOf(lower[index] as string) < index)
  if (twice !== undefined)
    throw new BadInput(
      `${shown(file)} has the column '${twice}' twice; expected each name once, whatever the case of its letters`,
      'Rename one of them',
    )
  if (names.some((name) => name.trim() === ''))
    throw new BadInput(
      `${shown(file)} has a column without a name; expected the names of its columns in the first row`,
      'Name each column',
    )
}

const one = (file: string) => literal(asItIs(file))
const list = (files: readonly string[]) => `[${files.map(one).join(', ')}]`

/** What reads the rows, and their names as the file has them where the format can tell them. */
async function reading(db: DuckDb, files: string[]): Promise<{ query: string; names: string[] }> {
  const [first] = files as [string]
  switch (formatOf(first)) {
    case 'csv': {
      const { names, dialect } = await headerOf(db, first)
      const nulls = missing.map(literal).join(', ')
      return {
        names,
        // All of it is looked at for the types: what comes late would otherwise not fit.
        query: `read_csv(${list(files)}, header = true, sample_size = -1, union_by_name = true, nullstr = [${nulls}], ${dialect})`,
      }
    }
    case 'parquet': {
      const rows = await db.rows(
        `SELECT name FROM parquet_schema(${one(first)}) WHERE name <> 'schema' AND num_children IS NULL`,
      )
      return {
        names: rows.map(([name]) => String(name)),
        query: `read_parquet(${list(files)}, union_by_name = true)`,
      }
    }
    case 'json':
      return {
        names: [],
        query: `read_json(${list(files)}, sample_size = -1, union_by_name = true)`,
      }
  }
}

/**
 * Makes the table `source` of the rows, in the order of the files and of their lines.
 * @throws {BadInput} naming the file and what does not fit
 */
export async function readSource(db: DuckDb, given: string): Promise<{ columns: SourceColumn[] }> {
  const files = await filesOfSource(db, given)
  for (const file of files) formatOf(file)
  let columns: SourceColumn[]
  try {
    const { names, query } = await reading(db, files)
    refuseNames(names, files[0] as string)
    await db.run(`CREATE TABLE source AS SELECT * FROM ${query}`)
    const described = await db.rows(
      "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'source' ORDER BY column_index",
    )
    columns = described.map(([name, type]) => ({ name: String(name), type: String(type) }))
  } catch (error) {
    if (error instanceof BadInput) throw error
    throw new BadInput(`${given} cannot be read: ${said(error)}`, hint)
  }
  return { columns }
}
