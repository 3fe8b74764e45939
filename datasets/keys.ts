/**
 * The keys of a workload, from whatever holds them, as a list that JSON can hold: k6 reads no other.
 *
 * No type is guessed from text: a CSV's values are text, which the workload's functions turn into what they need. Parquet's and a
 * database's have types of their own: whole numbers beyond 2^53 and decimals stay text where a number would lose digits.
 */
import path from 'node:path'
import { pipeline } from 'node:stream'
import { parse } from 'csv-parse'
import { BadInput, messageOf } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { faultOf, jsonIn, refuse, refuseNoFile, textIn, type UserFile } from '../build/user-file.ts'
import { drawnFrom, mostKeys } from '../workload/draw.ts'
import { firstTwice } from '../workload/each-once.ts'
import { type Draw, type KeyFormat, keyFormats } from '../workload/workload.ts'
import { delimiterOf } from './delimiter.ts'
import { parquetFile, withDuckDb } from './duckdb.ts'
import { topNames } from './source.ts'

/** Bytes of a file that is read as a whole: a JSON array. */
const mostOfJson = 5e7

/** Endings of names, where they are not the format's own. */
const endings: Record<string, KeyFormat> = { ndjson: 'jsonl', pq: 'parquet', tsv: 'csv' }

/** @throws {BadInput} where neither the format nor the file's name says what it holds */
export function formatOf(file: string, format?: KeyFormat): KeyFormat {
  const ending = path.extname(file).slice(1).toLowerCase()
  const found = format ?? endings[ending] ?? keyFormats.find((each) => each === ending)
  if (found) return found
  throw new BadInput(
    `${shown(file)}: what its keys are written in cannot be told from its name; expected one that ends in .${[...keyFormats, ...Object.keys(endings)].join(', .')}`,
    `Call it so, or say it in the workload: keys: { file: '…', format: '${keyFormats.join("' | '")}' }`,
  )
}

/** Something that JSON holds, losing nothing. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : String(value)
  // To JSON they would be null, so that k6 would ask for another key than Node has compared.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
  return value === undefined ? null : value
}

/** Gives its keys to `take`, one after the other. */
type Reader = (given: UserFile, take: (key: unknown) => void) => Promise<void>

/** Numbers of fewer digits are held exactly. */
const mayLoseDigits = /\d{16}/

const quotesIn = (text: string) => text.split('"').length

/** Of a name that stands twice in an object one value is left, and fewer quotes when it is written again. Those may be escaped, too. */
function mayLoseValues(line: string, key: unknown): boolean {
  if (typeof key !== 'object') return false
  const again = JSON.stringify(key)
  return again !== line && (line.includes('\\u') || quotesIn(line) !== quotesIn(again))
}

/** A key a line. */
async function* lines(given: UserFile): AsyncGenerator<unknown> {
  let number = 0
  const keyIn = (line: string): unknown[] => {
    number++
    if (line.trim() === '') return []
    let key: unknown
    try {
      key = JSON.parse(line)
    } catch (error) {
      return refuse(given, `has no JSON in line ${number}: ${messageOf(error).slice(0, 200)}`)
    }
    // Few lines are such, and to look at each in full would take longer than to read it.
    const fault = mayLoseDigits.test(line) || mayLoseValues(line, key) ? faultOf(line) : undefined
    return fault ? refuse(given, `has in line ${number} what cannot be a key: ${fault.what}`) : [key]
  }
  let rest = ''
  for await (const text of textIn(given)) {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) yield* keyIn(line)
  }
  yield* keyIn(rest)
}

/** The first line of a text, and all of it. */
async function headOf(text: AsyncIterator<string>): Promise<[line: string, whole: AsyncGenerator<string>]> {
  let head = ''
  let isOver = false
  while (!isOver && !head.includes('\n')) {
    const { value = '', done = false } = await text.next()
    head += value
    isOver = done
  }
  async function* whole() {
    yield head
    if (!isOver) yield* { [Symbol.asyncIterator]: () => text }
  }
  return [head.split('\n', 1)[0] as string, whole()]
}

/** A key a row, by the names in the first one; all values are text. */
async function* rows(given: UserFile): AsyncGenerator<unknown> {
  const [head, text] = await headOf(textIn(given))
  const options = {
    columns: (names: string[]) => {
      const twice = firstTwice(names)
      if (twice !== undefined)
        return refuse(given, `has the column '${twice}' twice; expected each name once`)
      if (names.some((name) => name.trim() === ''))
        return refuse(
          given,
          'has a column without a name; expected the names of its columns in the first row',
        )
      return names
    },
    delimiter: delimiterOf(head),
    skip_empty_lines: true,
  }
  try {
    // What goes wrong with the text is thrown where the rows are taken.
    yield* pipeline(text, parse(options), () => {}) as AsyncIterable<unknown>
  } catch (error) {
    if (error instanceof BadInput) throw error
    refuse(given, `is not CSV as it must be: ${messageOf(error)}`)
  }
}

/** The elements of an array. */
async function* elements(given: UserFile): AsyncGenerator<unknown> {
  const list = await jsonIn({ ...given, most: mostOfJson })
  if (!Array.isArray(list)) return refuse(given, 'holds no array; expected a JSON array of keys')
  yield* list
}

/** Rows with their types, some at a time, however large the file's own groups are. */
async function columns(given: UserFile, take: (key: unknown) => void): Promise<void> {
  await refuseNoFile(given)
  try {
    await withDuckDb(async (db) => {
      // DuckDB would give the second one another name.
      const twice = firstTwice((await topNames(db, given.file)).map((name) => name.toLowerCase()))
      if (twice !== undefined)
        refuse(
          given,
          `has the column '${twice}' twice; expected each name once, whatever the case of its letters`,
        )
      for await (const rows of db.objects(`SELECT * FROM ${parquetFile(given.file)}`))
        for (const row of rows) take(plain(row))
    })
  } catch (error) {
    if (error instanceof BadInput) throw error
    refuse(given, `is not Parquet as it must be: ${messageOf(error)}`)
  }
}

const each =
  (keysIn: (given: UserFile) => AsyncIterable<unknown>): Reader =>
  async (given, take) => {
    for await (const key of keysIn(given)) take(key)
  }

const readers: Record<KeyFormat, Reader> = {
  ...{ csv: each(rows), jsonl: each(lines), json: each(elements) },
  parquet: columns,
}

/** All keys, or those that were drawn from more than can be held. */
export interface Keys<Key = unknown> {
  keys: readonly Key[]
  /** How many there are in all. */
  of: number
  /** How one is drawn from these; undefined where these are all. */
  draw: Draw | undefined
}

/**
 * Reads twice where there are more than can be held: how many there are says which are drawn.
 * @param read gives all keys to `take`, one after the other, the same ones whenever it is called
 */
export async function drawnOf<Key>(
  read: (take: (key: Key) => void) => Promise<void>,
  draw: Draw,
  seed: number,
): Promise<Keys<Key>> {
  const first: Key[] = []
  let of = 0
  await read((key) => {
    if (of++ < mostKeys) first.push(key)
  })
  const drawn = drawnFrom(draw, of, seed)
  if (!drawn) return { keys: first, of, draw: undefined }
  // Its keys need not be held together with those that are drawn.
  first.length = 0
  const keys: Key[] = []
  let at = 0
  await read((key) => {
    while (drawn.positions[keys.length] === at) keys.push(key)
    at++
  })
  return { keys, of, draw: drawn.draw }
}

/**
 * @param format absent: what the name says
 * @throws {BadInput} naming the file, the place and what was expected
 */
export async function readKeyFile(
  file: string,
  format: KeyFormat | undefined,
  draw: Draw,
  seed: number,
): Promise<Keys> {
  const hint = 'Correct the file, or what the workload says of its keys'
  const given = { file, most: Number.POSITIVE_INFINITY, hint }
  const read = readers[formatOf(file, format)]
  const found = await drawnOf((take) => read(given, take), draw, seed)
  return found.of > 0 ? found : refuse(given, 'holds no key; expected one at the least')
}
