/** A user's table: one file or several by a pattern, in one of the formats that DuckDB reads, compressed or not. */
import { access, constants, stat } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { BadInput, messageOf, reasonOf } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { firstTwice } from '../workload/each-once.ts'
import { literal, quotedName } from '../workload/identifier.ts'
import { delimiterOf } from './delimiter.ts'
import { asItIs, type DuckDb, fileLiteral, parquetFile } from './duckdb.ts'
import { badLine, refuseBroken } from './faults.ts'
import { type Kind, kindOf } from './looked.ts'

export interface SourceColumn {
  name: string
  /** As DuckDB names it. */
  type: string
}

/** Kinds of values, in words. */
const inWords: Record<Kind, string> = {
  number: 'numbers',
  truth: 'truth values',
  text: 'texts',
  date: 'dates or times',
  nested: 'nested values',
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
    .extname(file.replace(/\.(gz|zst)$/, ''))
    .slice(1)
    .toLowerCase()
  const format = formats[ending]
  if (format) return format
  throw new BadInput(
    `${shown(file)}: what it is written in cannot be told from its name; expected one that ends in .${Object.keys(formats).join(', .')}, perhaps with .gz or .zst in small letters behind it`,
    hint,
  )
}

/** What is wrong with a file, of the many lines that DuckDB writes. */
function said(error: unknown): string {
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.trim())
  const [first = '', ...more] = lines.filter((line) => line !== '')
  if (first.includes('state machine reached an invalid state'))
    return 'perhaps its lines end in different ways, some in CRLF and some in LF: write all alike'
  if (first.startsWith('Out of Memory'))
    return 'too much of it would be held at once: its columns are too many, or their values too long'
  const what = first.replace(/^(Invalid Input|IO|Conversion|Parser|Binder) Error: /, '')
  // What is wrong with a line stands behind the line itself.
  const next = more.find((line) => !line.startsWith('Original Line'))
  return `${what} ${next && /^(Line:|JSON|Expected|Maximum)/.test(next) ? next : ''}`.trim().slice(0, 300)
}

const isThere = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )

/** @throws {BadInput} where it cannot hold a table */
async function refuseNone(file: string): Promise<void> {
  const refuse = (error: unknown): never => {
    throw new BadInput(`${shown(file)} cannot be read: ${reasonOf(error)}`, hint)
  }
  const found = await stat(file).catch(refuse)
  await access(file, constants.R_OK).catch(refuse)
  if (!found.isFile()) throw new BadInput(`${shown(file)} is no file; expected one`, hint)
  if (found.size === 0) throw new BadInput(`${shown(file)} is empty`, hint)
}

/** @throws {BadInput} where there is none */
export async function filesOfSource(db: DuckDb, given: string): Promise<string[]> {
  const file = path.resolve(given)
  let files = [file]
  if (/[*?[]/.test(given) && !(await isThere(file))) {
    const pattern = path.isAbsolute(given) ? given : path.join(asItIs(process.cwd()), given)
    const found = await db.rows(`SELECT file FROM glob(${literal(pattern)}) ORDER BY file`)
    if (found.length === 0) throw new BadInput(`--data ${given}: no file matches`, hint)
    files = found.map(([each]) => String(each))
  }
  for (const each of files) await refuseNone(each)
  return files
}

/** Several files are one table by the names of their columns; what their folders are called (`year=2026`) goes before none of them. */
const together = 'union_by_name = true, hive_partitioning = false'

/** How a file is read. */
interface Header {
  /** Of its columns, as the file has them. */
  names: string[]
  /** Of a CSV: what stands between the values. */
  delimiter: string
}

/** No line is a comment: DuckDB would take some for that, and leave them out without a word. */
const dialectOf = (delimiter: string) =>
  `delim = ${literal(delimiter)}, quote = '"', escape = '"', comment = '', skip = 0, strict_mode = true`

/**
 * How JSON is read of which DuckDB makes one column of pairs, because its names are many, or each stands in few lines. Not from the
 * beginning: what is nested is then kept as pairs, however many names it has.
 */
const eachName = 'map_inference_threshold = -1, field_appearance_threshold = 0'
const isOfPairs = (names: readonly string[]) => names.length === 1 && names[0] === 'json'

/** The names in the first line, as they stand there. */
async function headerOf(db: DuckDb, file: string): Promise<Header> {
  const [line] = await db.rows(
    `SELECT line FROM read_csv(${fileLiteral(file)}, header = false, auto_detect = false, columns = {'line': 'VARCHAR'},
       delim = '\x01', quote = '', escape = '') LIMIT 1`,
  )
  const text = String(line?.[0] ?? '')
  const delimiter = delimiterOf(text)
  const [names = []] = parse(text, { delimiter, bom: true })
  if (names.length === 1 && names[0]?.startsWith('#'))
    throw new BadInput(
      `${shown(file)} begins with a comment; expected the names of its columns in the first row`,
      'Take the comment out',
    )
  return { names, delimiter }
}

/** Those of a Parquet file, without what is nested in them. */
export async function topNames(db: DuckDb, file: string): Promise<string[]> {
  const [, ...parts] = await db.rows(
    `SELECT name, coalesce(num_children, 0)::DOUBLE FROM parquet_schema(${fileLiteral(file)})`,
  )
  const names: string[] = []
  /** Parts still to come of what is open, the innermost last. */
  const open: number[] = []
  for (const [name, children] of parts as [string, number][]) {
    if (open.length === 0) names.push(name)
    else open.push((open.pop() as number) - 1)
    open.push(children)
    while (open.at(-1) === 0) open.pop()
  }
  return names
}

function refuseNames(names: readonly string[], file: string): void {
  const lower = names.map((name) => name.toLowerCase())
  const again = firstTwice(lower)
  const twice = again === undefined ? undefined : names[lower.lastIndexOf(again)]
  if (twice !== undefined)
    throw new BadInput(
      `${shown(file)} has the column '${twice}' twice; expected each name once, whatever the case of its letters`,
      'Rename one of them; the first row has the names of the columns',
    )
  if (names.length === 0)
    throw new BadInput(
      `${shown(file)} begins with an empty line; expected the names of its columns in the first row`,
      'Take the empty line out',
    )
  if (names.some((name) => name.trim() === ''))
    throw new BadInput(
      `${shown(file)} has a column without a name; expected the names of its columns in the first row`,
      'Name each column',
    )
}

/**
 * Names in JSON of which DuckDB has made others: of those that differ by case alone the second one gets a number.
 * @param names as it has them
 */
async function refuseRenamed(db: DuckDb, files: readonly string[], names: readonly string[]): Promise<void> {
  const lower = new Set(names.map((name) => name.toLowerCase()))
  const isNumbered = (name: string) => lower.has(/^(.+)_\d+$/.exec(name)?.[1]?.toLowerCase() ?? '')
  if (!names.some(isNumbered)) return
  for (const file of files) {
    const found = await db.rows(
      `SELECT DISTINCT unnest(json_keys(json)) AS name FROM read_json_objects(${fileLiteral(file)}) ORDER BY name`,
    )
    refuseNames(
      found.map(([name]) => String(name)),
      file,
    )
  }
}

const list = (files: readonly string[]) => `[${files.map(fileLiteral).join(', ')}]`

async function headOf(db: DuckDb, format: Format, file: string): Promise<Header> {
  if (format === 'csv') return headerOf(db, file)
  if (format === 'parquet') return { names: await topNames(db, file), delimiter: '' }
  const namesBy = async (how = '') => {
    const rows = await db.rows(
      `SELECT column_name FROM (DESCRIBE SELECT * FROM read_json(${fileLiteral(file)}, hive_partitioning = false${how}))`,
    )
    return rows.map(([name]) => String(name))
  }
  const names = await namesBy()
  return { names: isOfPairs(names) ? await namesBy(`, ${eachName}`) : names, delimiter: '' }
}

/** Of two files that are one table. */
function refuseDifferent(first: [string, Header], other: [string, Header]): void {
  const [file, { delimiter }] = first
  const [otherFile, { delimiter: otherDelimiter }] = other
  if (delimiter !== otherDelimiter)
    throw new BadInput(
      `${shown(otherFile)} has ${JSON.stringify(otherDelimiter)} between its values, ${shown(file)} has ${JSON.stringify(delimiter)}`,
      'Give files that are written in the same way',
    )
  for (const [[file, { names }], [without, those]] of [
    [first, other],
    [other, first],
  ] as const) {
    const lacking = names.find((name) => !those.names.includes(name))
    if (lacking !== undefined)
      throw new BadInput(
        `${shown(without)} has no column '${lacking}', which ${shown(file)} has`,
        'Give files with the same columns, in whatever order',
      )
  }
}

/** A column of Parquet has one kind of values in all files: numbers would become texts beside texts. */
async function refuseOtherKinds(db: DuckDb, files: readonly string[]): Promise<void> {
  const kinds = new Map<string, { kind: Kind; file: string }>()
  for (const file of files)
    for (const [name, type] of await db.rows(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${parquetFile(file)})`,
    )) {
      const kind = kindOf(String(type))
      const before = kinds.get(String(name))
      if (before && before.kind !== kind)
        throw new BadInput(
          `'${name}' holds ${inWords[before.kind]} in ${shown(before.file)}, ${inWords[kind]} in ${shown(file)}`,
          'Give files whose columns are of the same types',
        )
      kinds.set(String(name), { kind, file })
    }
}

/** A table that can be read. */
export interface OpenedSource {
  given: string
  files: string[]
  /** Of its columns, as the first file has them. */
  names: string[]
  /** A query of all rows, in the order of the files and of their lines, with types as DuckDB understands them. */
  rows: string
  /** The same, where that is one column of pairs. */
  byName?: string
  /** The same with some columns alone, as they are written. */
  asTexts(names: readonly string[]): string
  /** What is wrong with the first line that is no row. */
  badLine(): Promise<string | undefined>
  /** @param names that its columns have got @throws {BadInput} where the files have others */
  refuseRenamed(names: readonly string[]): Promise<void>
}

/** Whatever is wrong with the files is the user's to correct. @param line the first one that is no row, in words */
async function told<T>(
  given: string,
  work: () => Promise<T>,
  line: () => Promise<string | undefined> = async () => undefined,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BadInput) throw error
    const found = await line().catch(() => undefined)
    throw new BadInput(found ?? `${given} cannot be read: ${said(error)}`, found ? 'Correct the line' : hint)
  }
}

/** @throws {BadInput} naming the file and what does not fit */
export async function openSource(db: DuckDb, given: string): Promise<OpenedSource> {
  const files = await filesOfSource(db, given)
  const [first, ...others] = files as [string, ...string[]]
  const format = formatOf(first)
  for (const file of others)
    if (formatOf(file) !== format)
      throw new BadInput(`${shown(first)} and ${shown(file)} are written in two ways; expected one`, hint)
  for (const file of files) await refuseBroken(file, format !== 'parquet')
  return told(given, async () => {
    const head = await headOf(db, format, first)
    refuseNames(head.names, first)
    // In JSON lines a name that is not there is a missing value.
    if (format !== 'json')
      for (const file of others) refuseDifferent([first, head], [file, await headOf(db, format, file)])
    if (format === 'parquet') await refuseOtherKinds(db, files)
    const nulls = `nullstr = [${missing.map(literal).join(', ')}]`
    const dialect = dialectOf(head.delimiter)
    const read = {
      csv: (how: string) =>
        `read_csv(${list(files)}, header = true, ${together}, ${nulls}, ${how}, ${dialect})`,
      parquet: () => `read_parquet(${list(files)}, ${together})`,
      json: (how: string) => `read_json(${list(files)}, ${how}, ${together})`,
    }[format]
    return {
      ...{ given, files, names: head.names },
      // All of it is looked at for the types: what comes late would otherwise not fit.
      rows: `SELECT * FROM ${read('sample_size = -1')}`,
      ...(format === 'json' && { byName: `SELECT * FROM ${read(`sample_size = -1, ${eachName}`)}` }),
      asTexts: (some) =>
        `SELECT ${some.map((name) => `${quotedName(name)}::VARCHAR AS ${quotedName(name)}`).join(', ')} FROM ${read(format === 'csv' ? 'all_varchar = true' : `sample_size = -1, ${eachName}`)}`,
      badLine: async () => (format === 'csv' ? badLine(db, files, head.names, dialect) : undefined),
      refuseRenamed: async (names) => {
        if (format === 'json') await refuseRenamed(db, files, names)
      },
    }
  })
}

/** Runs what reads it. @throws {BadInput} naming what does not fit */
export const readAs = ({ given, badLine }: OpenedSource, sql: string, db: DuckDb): Promise<void> =>
  told(given, () => db.run(sql), badLine)

/**
 * Makes the table `source` of the rows, in the order of the files and of their lines.
 * @throws {BadInput} naming the file and what does not fit
 */
export async function readSource(db: DuckDb, opened: OpenedSource): Promise<SourceColumn[]> {
  const columnsOf = async (rows: string) => {
    await readAs(opened, `CREATE OR REPLACE TABLE source AS ${rows}`, db)
    const described = await db.rows(
      "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'source' ORDER BY column_index",
    )
    return described.map(([name, type]) => ({ name: String(name), type: String(type) }))
  }
  const namesOf = (columns: readonly SourceColumn[]) => columns.map(({ name }) => name)
  const found = await columnsOf(opened.rows)
  const columns =
    opened.byName !== undefined && isOfPairs(namesOf(found)) ? await columnsOf(opened.byName) : found
  await opened.refuseRenamed(namesOf(columns))
  return columns
}
