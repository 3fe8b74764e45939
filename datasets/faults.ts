/** What is wrong with a file, where the program that reads it does not say so in words that help. */

import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BadInput, messageOf } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { literal } from '../workload/identifier.ts'
import { type DuckDb, fileLiteral } from './duckdb.ts'
import { faultOfZstd } from './zstd.ts'

const looksAt = 2 ** 16

const broken = (file: string, what: string) =>
  new BadInput(`${shown(file)} is broken: ${what}`, 'Fetch or write it anew')

/** All of a compressed file is looked at: cut short, it would pass for a table of fewer rows. @returns how it begins */
async function beginningOfGzip(file: string): Promise<Buffer> {
  let beginning: Buffer | undefined
  try {
    // What goes wrong while it is read is thrown where the parts are taken.
    const parts = pipeline(createReadStream(file), createGunzip(), () => {})
    for await (const part of parts as AsyncIterable<Buffer>) beginning ??= part
  } catch (error) {
    throw broken(file, messageOf(error))
  }
  return beginning ?? Buffer.alloc(0)
}

async function beginningOf(file: string): Promise<Buffer> {
  if (/\.gz$/i.test(file)) return beginningOfGzip(file)
  const opened = await open(file)
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(looksAt), 0, looksAt)
    return buffer.subarray(0, bytesRead)
  } finally {
    await opened.close()
  }
}

const newline = 10

/** Of the lines that are there as a whole. */
function refuseOtherEncoding(file: string, beginning: Buffer): void {
  let [line, from] = [1, 0]
  for (let end = beginning.indexOf(newline); end >= 0; end = beginning.indexOf(newline, from)) {
    if (!isUtf8(beginning.subarray(from, end)))
      throw new BadInput(
        `${shown(file)}, line ${line.toLocaleString('en')}: is no UTF-8`,
        'Write it anew as UTF-8',
      )
    line++
    from = end + 1
  }
}

async function refuseCut(file: string): Promise<void> {
  const fault = await faultOfZstd(file)
  if (fault !== undefined) throw broken(file, fault)
}

/** @throws {BadInput} where it is cut short, or no text though it should be one */
export async function refuseBroken(file: string, isText: boolean): Promise<void> {
  // Of what is compressed in this way the text is not to be seen here.
  if (/\.zst$/i.test(file)) return refuseCut(file)
  const beginning = await beginningOf(file)
  if (!isText) return
  if (beginning.length === 0) throw new BadInput(`${shown(file)} is empty`, 'Name a file with rows')
  if (!beginning.includes(0)) return refuseOtherEncoding(file, beginning)
  const isUtf16 = ['fffe', 'feff'].includes(beginning.subarray(0, 2).toString('hex'))
  throw new BadInput(
    `${shown(file)} is ${isUtf16 ? 'text in UTF-16; expected UTF-8' : 'no text'}`,
    isUtf16
      ? 'Write it anew as UTF-8'
      : 'Name a file of text, or call it by what it is: .parquet, or with .gz or .zst at its end',
  )
}

/** By DuckDB's names of what is wrong with a line. */
const words: Record<string, string> = {
  'MISSING COLUMNS': 'has fewer values than there are columns',
  'TOO MANY COLUMNS': 'has more values than there are columns',
  'UNQUOTED VALUE': 'has a quote that is not closed, or something behind one that is',
  'INVALID ENCODING': 'is no UTF-8',
  'LINE SIZE OVER MAXIMUM': 'is longer than 2 MB: perhaps a quote is not closed',
}

/** The first line that is no row, in words; undefined where all are. @param names of the columns */
export async function badLine(
  db: DuckDb,
  files: readonly string[],
  names: readonly string[],
  dialect: string,
): Promise<string | undefined> {
  const columns = names.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ')
  for (const file of files) {
    await db.rows(
      // Of rows that are only counted the values would not be looked at.
      `SELECT max(hash(line)) FROM read_csv(${fileLiteral(file)}, header = true, auto_detect = false, hive_partitioning = false, columns = {${columns}}, ${dialect},
         store_rejects = true, rejects_limit = 1) AS line`,
    )
    const [found] = await db.rows('SELECT line::DOUBLE, error_type::VARCHAR FROM reject_errors LIMIT 1')
    if (found) {
      const [line, kind] = found as [number, string]
      return `${shown(file)}, line ${line.toLocaleString('en')}: ${words[kind] ?? kind.toLowerCase()}`
    }
  }
  return undefined
}
