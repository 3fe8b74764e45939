/**
 * The keys of a workload, from whatever holds them, as a list that JSON can hold: k6 reads no other.
 *
 * No type is guessed from text: a CSV's values are text, which the workload's functions turn into what they need. Parquet's and a
 * database's have types of their own: whole numbers beyond 2^53 and decimals stay text where a number would lose digits.
 */
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { BadInput, messageOf } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { jsonOf, readBytes, textOf, type UserFile } from '../build/user-file.ts'
import { type KeyFormat, keyFormats } from '../workload/workload.ts'

/** Bytes: k6 holds keys in memory, as text and as what is sent for each. */
const most = 1e9

/** Endings of names, where they are not the format's own. */
const endings: Record<string, KeyFormat> = { ndjson: 'jsonl', pq: 'parquet', tsv: 'csv' }

/** @throws {BadInput} where neither the format nor the file's name says what it holds */
export function formatOf(file: string, format?: KeyFormat): KeyFormat {
  const ending = path.extname(file).slice(1).toLowerCase()
  const found = format ?? endings[ending] ?? keyFormats.find((each) => each === ending)
  if (found) return found
  throw new BadInput(
    `${shown(file)}: what its keys are written in cannot be told from its name`,
    `Say so in the workload: keys: { file: '…', format: '${keyFormats.join("' | '")}' }`,
  )
}

/** Something that JSON holds, losing nothing. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
  return value === undefined ? null : value
}

type Reader = (bytes: Buffer, given: UserFile) => unknown[] | Promise<unknown[]>

const refuse = ({ file, hint }: UserFile, what: string): never => {
  throw new BadInput(`${shown(file)} ${what}`, hint)
}

/** A key a line. */
function lines(bytes: Buffer, given: UserFile): unknown[] {
  return textOf(bytes, given)
    .split(/\r?\n/)
    .flatMap((line, index) => {
      if (line.trim() === '') return []
      try {
        return [JSON.parse(line) as unknown]
      } catch (error) {
        return refuse(given, `has no JSON in line ${index + 1}: ${messageOf(error).slice(0, 200)}`)
      }
    })
}

/** A key a row, by the names in the first one; all values are text. */
function rows(bytes: Buffer, given: UserFile): unknown[] {
  const text = textOf(bytes, given)
  const options = {
    columns: (names: string[]) => {
      const twice = names.find((name, index) => names.indexOf(name) < index)
      if (twice !== undefined)
        return refuse(given, `has the column '${twice}' twice; expected each name once`)
      if (names.some((name) => name.trim() === ''))
        return refuse(
          given,
          'has a column without a name; expected the names of its columns in the first row',
        )
      return names
    },
    delimiter: given.file.toLowerCase().endsWith('.tsv') ? '\t' : ',',
    skip_empty_lines: true,
  }
  try {
    return parse(text, options) as unknown[]
  } catch (error) {
    if (error instanceof BadInput) throw error
    return refuse(given, `is not CSV as it must be: ${messageOf(error)}`)
  }
}

const readers: Record<KeyFormat, Reader> = {
  csv: rows,
  jsonl: lines,
  json: (bytes, given) => {
    const list = jsonOf(textOf(bytes, given), given)
    return Array.isArray(list) ? list : refuse(given, 'holds no array; expected a JSON array of keys')
  },
  parquet: async (bytes, given) => {
    try {
      const file = new Uint8Array(bytes).buffer
      return (await parquetReadObjects({ file, compressors })).map(plain)
    } catch (error) {
      return refuse(given, `is not Parquet as it must be: ${messageOf(error)}`)
    }
  },
}

/**
 * @param format absent: what the name says
 * @throws {BadInput} naming the file, the place and what was expected
 */
export async function readKeyFile(file: string, format?: KeyFormat): Promise<unknown[]> {
  const given = { file, most, hint: 'Correct the file, or what the workload says of its keys' }
  const read = readers[formatOf(file, format)]
  const keys = await read(await readBytes(given), given)
  return keys.length > 0 ? keys : refuse(given, 'holds no key; expected one at the least')
}

/** Rows that a database gave, as keys. */
export const keysOfRows = (found: readonly unknown[]): unknown[] => found.map(plain)
