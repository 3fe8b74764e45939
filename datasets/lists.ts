/**
 * The rows as the feature store is given them: a list of JSON feature arrays per key, the first row first. They are sorted once, out
 * of core, into a file of the store's own commands, which is what every later start sends.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { JS } from '@duckdb/node-api'
import { z } from 'zod'
import { fingerprintOf, sha256 } from '../build/fingerprint.ts'
import { inCache, root } from '../build/paths.ts'
import { writeWhole } from '../build/place.ts'
import type { Progress } from '../build/step.ts'
import { columnOf, type Dataset } from '../workload/dataset.ts'
import { literal, quotedName } from '../workload/identifier.ts'
import { numberedRows, placeOf } from './csv.ts'
import { keyCount } from './drawn-keys.ts'
import { type DuckDb, parquetFile, withDuckDb } from './duckdb.ts'
import { hexadecimal, type Sum } from './hashes.ts'
import { pace } from './pace.ts'
import type { Prepared } from './prepared.ts'

/** What the store is to hold. */
export interface Lists {
  /** A file of commands, one a list. */
  commands: string
  /** Lists, and the sum of their hashes. */
  digest: Sum
  rows: number
  /** Rows of the CSV. */
  of: number
  /** Where each part of the file begins, and how many lists and rows come before it; the last one is the end. */
  marks: [offset: number, lists: number, rows: number][]
  /** The keys that have a list, as {@link Prepared} has all of them. */
  everyKey: string
}

const isText = (dataset: Dataset, name: string) => columnOf(dataset, name).type === 'text'

/** The key's columns as what they are. */
const keyOf = (dataset: Dataset): string[] =>
  dataset.key.map((name) => (isText(dataset, name) ? quotedName(name) : `${quotedName(name)}::BIGINT`))

/** Bytes of the file that are sent at a time, about. */
const partSize = 2 ** 20

/**
 * Name of the list, a tab and a row as the store holds it. In a name, a text with the sign between two parts is told apart from two
 * parts.
 */
function textOf({ dataset }: Prepared): string {
  const parts = dataset.key.map((name) =>
    isText(dataset, name)
      ? `replace(replace(${quotedName(name)}, '%', '%25'), ':', '%3A')`
      : quotedName(name),
  )
  const values = dataset.features.map((name) => `coalesce(${quotedName(name)}, 'null')`)
  return `concat_ws(':', ${[literal(dataset.name), ...parts].join(', ')}) || '\t['
    || concat_ws(',', ${values.join(', ')}) || ']'`
}

/** The rows of the keys that are wanted. */
function wantedRows(prepared: Prepared, everyKey: string): string {
  const rows = numberedRows(prepared, () => 'VARCHAR')
  if (everyKey === prepared.everyKey) return rows
  const key = keyOf(prepared.dataset).join(', ')
  return `${rows} WHERE (${key}) IN (SELECT (${key}) FROM ${parquetFile(everyKey)})`
}

/** Bytes of a CSV whose rows are sorted at once. Of a longer one parts of half as much are. */
const sortedAtOnce = 40e6
/** What DuckDB holds while it sorts such parts: whatever it may hold it fills, with rows that it reads again. */
const heldByParts = '110MB'

/** The {@link textOf} of each row, list by list, each in the file's order; lists follow each other in no order. */
async function* sortedRows(
  db: DuckDb,
  prepared: Prepared,
  everyKey: string,
  atOnce: number,
): AsyncGenerator<JS[][]> {
  const { dataset } = prepared
  const [key, place] = [keyOf(dataset), placeOf(dataset)]
  const from = wantedRows(prepared, everyKey)
  const { size } = await stat(prepared.csv)
  if (size <= atOnce) {
    yield* db.stream(`SELECT ${textOf(prepared)} FROM ${from} ORDER BY ${[...key, place].join(', ')}`)
    return
  }
  const keys = dataset.key.map((_, index) => `key_${index}`)
  const columns = dataset.key.map(
    (name, index) => `${keys[index]} ${isText(dataset, name) ? 'VARCHAR' : 'BIGINT'}`,
  )
  await db.run(`CREATE TABLE parted (${columns.join(', ')}, place BIGINT, text VARCHAR)`)
  await db.run(`INSERT INTO parted SELECT ${[...key, place].join(', ')}, ${textOf(prepared)} FROM ${from}`)
  await db.run(`SET memory_limit = ${literal(heldByParts)}`)
  const parts = Math.ceil((2 * size) / atOnce)
  for (let part = 0; part < parts; part++)
    yield* db.stream(
      `SELECT text FROM parted WHERE hash(${keys.join(', ')}) % ${parts} = ${part} ORDER BY ${keys.join(', ')}, place`,
    )
}

/** Writes the keys of about so many rows, all over the file as all keys are: every how-many-th by its first row. */
async function choose(
  db: DuckDb,
  prepared: Prepared,
  part: { rows: number; of: number },
  to: string,
): Promise<void> {
  const keys = await keyCount(db, prepared)
  const wanted = Math.max(1, Math.floor((keys * part.rows) / part.of))
  const from = parquetFile(prepared.everyKey, 'file_row_number = true')
  await db.run(`COPY (SELECT * EXCLUDE (file_row_number) FROM ${from}
    WHERE (file_row_number + 1) * ${wanted} // ${keys} > file_row_number * ${wanted} // ${keys}
    ORDER BY file_row_number) TO ${literal(to)} (FORMAT parquet)`)
}

/** Rows that follow each other in one list. @param rows a text each, because two would take twice as long to come here */
async function* listsOf(rows: AsyncIterable<unknown[][]>): AsyncGenerator<[string, string[]]> {
  let open: [string, string[]] | undefined
  for await (const some of rows)
    for (const [row] of some as [string][]) {
      const tab = row.lastIndexOf('\t')
      const [name, features] = [row.slice(0, tab), row.slice(tab + 1)]
      if (open?.[0] === name) open[1].push(features)
      else {
        if (open) yield open
        open = [name, [features]]
      }
    }
  if (open) yield open
}

/** RESP, which is what the store reads. */
function commandOf(name: string, list: readonly string[]): string {
  const parts = ['RPUSH', name, ...list].map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
  return `*${parts.length}\r\n${parts.join('')}`
}

/** Of a list with its name; the store computes the same. */
const hashOf = (name: string, list: readonly string[]) =>
  BigInt(
    `0x${createHash('sha1')
      .update(`${name}\n${list.join('\n')}\n`)
      .digest('hex')
      .slice(0, 16)}`,
  )

/** Writes the file. @param all rows that there are to come */
async function write(
  lists: AsyncIterable<[string, string[]]>,
  commands: string,
  all: number,
  progress: Progress,
): Promise<Pick<Lists, 'digest' | 'rows' | 'marks'>> {
  const marks: Lists['marks'] = []
  let [offset, count, rows, sum] = [0, 0, 0, 0n]
  let waiting: string[] = []
  let length = 0
  let tell: ReturnType<typeof pace> | undefined
  const file = await open(commands, 'w')
  try {
    const flush = async () => {
      const bytes = Buffer.from(waiting.join(''))
      await file.writeFile(bytes)
      offset += bytes.length
      waiting = []
      length = 0
      marks.push([offset, count, rows])
      tell?.(rows / all)
    }
    marks.push([0, 0, 0])
    progress('sorting')
    for await (const [name, list] of lists) {
      tell ??= pace(progress, 'writing', all)
      const command = commandOf(name, list)
      waiting.push(command)
      length += command.length
      count++
      rows += list.length
      sum += hashOf(name, list)
      if (length >= partSize) await flush()
    }
    if (length > 0) await flush()
  } finally {
    await file.close()
  }
  return { marks, rows, digest: { count, sum: hexadecimal(sum) } }
}

const stampSchema = z.object({
  madeFrom: z.string(),
  digest: z.object({ count: z.number(), sum: z.string() }),
  rows: z.number(),
  marks: z.array(z.tuple([z.number(), z.number(), z.number()])),
})

async function stamped(file: string, madeFrom: string) {
  try {
    const known = stampSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    return known.madeFrom === madeFrom ? known : undefined
  } catch {
    return undefined
  }
}

/** Not beside the rows, which several checkouts' runs may read at once. */
const folderOf = ({ csv }: Prepared) => inCache('lists', path.basename(path.dirname(csv)))
const stampIn = (folder: string) => path.join(folder, 'made-from.json')

/** Where they are kept, or will be, and what they are made from. */
async function placesOf(
  prepared: Prepared,
  digest: Sum,
  storeRows: number | undefined,
  folder = folderOf(prepared),
) {
  const part = storeRows !== undefined && storeRows < digest.count ? storeRows : undefined
  const code = await fingerprintOf(root, path.join(root, 'datasets'))
  return {
    folder,
    part,
    commands: path.join(folder, 'store.resp'),
    stamp: stampIn(folder),
    everyKey: part === undefined ? prepared.everyKey : path.join(folder, 'keys.parquet'),
    madeFrom: sha256(JSON.stringify([digest, prepared.dataset, part, code])),
  }
}

async function sortedBefore({ stamp, madeFrom, commands, everyKey }: Awaited<ReturnType<typeof placesOf>>) {
  const known = await stamped(stamp, madeFrom)
  return existsSync(commands) && existsSync(everyKey) ? known : undefined
}

/** Whether {@link ensureLists} has nothing to do. */
export async function areSorted(
  prepared: Prepared,
  digest: Sum,
  { storeRows, folder }: { storeRows?: number | undefined; folder?: string } = {},
): Promise<boolean> {
  return (await sortedBefore(await placesOf(prepared, digest, storeRows, folder))) !== undefined
}

/** Makes the next start sort the rows anew. */
export const forgetLists = (prepared: Prepared, folder = folderOf(prepared)): Promise<void> =>
  rm(stampIn(folder), { force: true })

/**
 * Once for each content.
 * @param digest of the CSV
 * @param storeRows about so many rows, of keys that lie all over the table; absent: all
 * @param atOnce bytes of the CSV whose rows are sorted at once
 */
export async function ensureLists(
  prepared: Prepared,
  digest: Sum,
  {
    storeRows,
    progress,
    folder: given,
    atOnce = sortedAtOnce,
  }: { storeRows?: number | undefined; progress: Progress; folder?: string; atOnce?: number },
): Promise<{ lists: Lists; sorted: boolean }> {
  const places = await placesOf(prepared, digest, storeRows, given)
  const { folder, part, commands, stamp, everyKey, madeFrom } = places
  const known = await sortedBefore(places)
  if (known) return { lists: { ...known, of: digest.count, commands, everyKey }, sorted: false }
  await mkdir(folder, { recursive: true })
  await rm(stamp, { force: true })
  const made = await withDuckDb(async (db) => {
    if (part !== undefined) await choose(db, prepared, { rows: part, of: digest.count }, everyKey)
    const lists = listsOf(sortedRows(db, prepared, everyKey, atOnce))
    return write(lists, commands, part ?? digest.count, progress)
  })
  await writeWhole(stamp, JSON.stringify({ madeFrom, ...made }))
  return { lists: { ...made, of: digest.count, commands, everyKey }, sorted: true }
}
