/**
 * What the rows will take on the disk and in memory, before they are loaded. Told from rows here and there in the CSV, by how
 * Postgres lays out pages and the store its lists; a test holds it against what they really took.
 */
import { open, stat, statfs } from 'node:fs/promises'
import { freemem } from 'node:os'
import { Failure } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { type ColumnType, type Dataset, keyColumnsOf } from '../workload/dataset.ts'
import { keyCount } from './drawn-keys.ts'
import { heldSorted, withDuckDb } from './duckdb.ts'
import type { Prepared } from './prepared.ts'

/** Places of the CSV that are looked at, and bytes at each. */
const [places, bytesEach] = [64, 8192]

/** The values of a line, of which only some are in quotes. */
const valuesOf = (line: string) =>
  [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,"]*))(?=,|$)/g)].map(
    ([, text, plain]) => text?.replaceAll('""', '"') ?? plain ?? '',
  )

/** Whole lines from all over the CSV, by column. */
async function sampleOf({ csv, dataset }: Prepared): Promise<string[][]> {
  const { size } = await stat(csv)
  const file = await open(csv)
  try {
    const rows: string[][] = []
    const step = Math.max(bytesEach, size / places)
    for (let from = 0; from < size; from += step) {
      const bytes = Buffer.alloc(Math.min(bytesEach, size - Math.floor(from)))
      await file.read(bytes, 0, bytes.length, Math.floor(from))
      // The first line is the header, or a rest; the last one is a rest, or nothing. Rows of several lines are passed over.
      const found = bytes.toString().split('\n').slice(1, -1).map(valuesOf)
      rows.push(...found.filter((row) => row.length === dataset.columns.length))
    }
    return rows
  } finally {
    await file.close()
  }
}

/** The rows to be loaded, as far as their room follows from it. */
export interface Extent {
  dataset: Dataset
  rows: number
  /** Distinct ones. */
  keys: number
  sample: string[][]
  /** Of a table of the user's own. */
  isOwn?: true
}

/** @param rows in the CSV */
export async function extentOf(prepared: Prepared, rows: number): Promise<Extent> {
  const { dataset, isOwn } = prepared
  const sample = await sampleOf(prepared)
  const keys = await withDuckDb((db) => keyCount(db, prepared))
  return { dataset, rows, keys, sample, ...(isOwn && { isOwn }) }
}

/** A part of the rows, of keys as all are. */
export const partOf = (extent: Extent, rows: number): Extent => {
  const share = Math.min(1, rows / extent.rows)
  return { ...extent, rows: extent.rows * share, keys: Math.max(1, extent.keys * share) }
}

const mean = (sample: string[][], of: (row: string[]) => number) =>
  sample.reduce((sum, row) => sum + of(row), 0) / Math.max(1, sample.length)

export const aligned = (bytes: number, by = 8) => Math.ceil(bytes / by) * by

const widths: Record<Exclude<ColumnType, 'text'>, number> = {
  smallint: 2,
  integer: 4,
  bigint: 8,
  real: 4,
  'double precision': 8,
}

/** Of a tuple's values, each where its type may begin; a missing one takes none. */
export function widthOf(types: ColumnType[], values: string[], from: number): number {
  let bytes = from
  types.forEach((type, index) => {
    const value = values[index] ?? ''
    if (type === 'text') {
      const length = Buffer.byteLength(value)
      bytes = length < 127 ? bytes + 1 + length : aligned(bytes, 4) + 4 + length
    } else if (value !== '') bytes = aligned(bytes, widths[type]) + widths[type]
  })
  return aligned(bytes)
}

const page = 8192
/** What points to a tuple in its page. */
const pointer = 4
/** Of a page of a table, and of one of an index. */
const [tableSpace, indexSpace] = [page - 24, page - 24 - 16]

function tableBytes({ dataset: { columns }, rows, sample }: Extent): number {
  const types = columns.map(({ type }) => type)
  const tuple = mean(sample, (row) => {
    const bitmap = row.includes('') ? Math.ceil(row.length / 8) : 0
    return widthOf(types, row, aligned(23 + bitmap))
  })
  return Math.ceil(rows / Math.floor(tableSpace / (tuple + pointer))) * page
}

/** Of an entry of the index with one row. */
function entryBytes({ dataset, sample }: Extent): number {
  const columns = keyColumnsOf(dataset)
  const places = columns.map((column) => dataset.columns.indexOf(column))
  const types = columns.map(({ type }) => type)
  return mean(sample, (row) =>
    widthOf(
      types,
      places.map((place) => row[place] ?? ''),
      8,
    ),
  )
}

/** Rows that share a key share an entry, as far as a tenth of a page goes; where a key may be a fraction they do not. */
function indexBytes(extent: Extent): number {
  const { dataset, rows, keys } = extent
  const entry = entryBytes(extent)
  const each = rows / keys
  const isShared = each > 1 && keyColumnsOf(dataset).every(({ type }) => !/real|double/.test(type))
  const most = Math.floor((page / 10 - pointer - entry) / 6)
  const full = Math.floor(each / most)
  const rest = each - full * most
  const perKey = isShared
    ? full * (aligned(entry + 6 * most) + pointer) + (rest > 0 ? aligned(entry + 6 * rest) + pointer : 0)
    : each * (entry + pointer)
  const leaves = Math.ceil((keys * perKey) / (indexSpace * 0.9 - entry - pointer))
  // Pages above, which are filled to 70 %, and the one that describes the index.
  return (leaves + Math.ceil((leaves * (entry + 8 + pointer)) / (indexSpace * 0.7)) + 2) * page
}

/** What sorting for the index may hold in memory (postgresql.conf: maintenance_work_mem). */
const sortedInMemory = 128 * 2 ** 20
/** Making a table, its statistics and what we remember of it are logged; its rows are not. */
const logBytes = 32 * 2 ** 20

export interface Disk {
  table: number
  index: number
  /** What is put aside while the index is made. */
  temporary: number
  log: number
  /** Of replicas. */
  copies: number
}

/** Bytes on the disk, at the moment when they are the most. @param replicas they are told by the log, rows and all */
export function postgresBytes(extent: Extent, replicas = 0): Disk {
  const [table, index] = [tableBytes(extent), indexBytes(extent)]
  const sorted = extent.rows * (entryBytes(extent) + 8)
  return {
    ...{ table, index },
    temporary: sorted > sortedInMemory ? sorted : 0,
    log: logBytes + (replicas > 0 ? table + index : 0),
    copies: replicas * (table + index),
  }
}

/**
 * Of a list besides its rows and its name: objects, and its place in the table of names. Valkey 9 takes 50 to 65, and for each 8 kB of
 * a longer list 100 more; Redis takes somewhat more of the former.
 */
const listBytes = 70
const [longList, eachOfLong] = [8192, 100]

/** Mean bytes of a list's rows, each with what stands around it, and of its name. */
function listParts({ dataset, sample }: Extent, around: (json: number) => number) {
  const placeOf = (name: string) => dataset.columns.findIndex((column) => column.name === name)
  const features = dataset.features.map(placeOf)
  const key = dataset.key.map(placeOf)
  return {
    row: mean(sample, (values) => {
      const json = features.reduce((sum, place) => sum + (values[place]?.length || 'null'.length) + 1, 1)
      return json + around(json)
    }),
    name: mean(sample, (values) =>
      key.reduce(
        (sum, place) => sum + 1 + Buffer.byteLength(values[place] ?? ''),
        Buffer.byteLength(dataset.name),
      ),
    ),
  }
}

/** Bytes in the store's memory. */
export function storeBytes(extent: Extent): number {
  const { rows, keys } = extent
  // What says its length, forwards and backwards.
  const { row, name } = listParts(extent, (json) => (json < 64 ? 1 : 2) + (json < 126 ? 1 : 2))
  const list = (rows * row) / keys
  const parts = list > longList ? Math.ceil(list / longList) * eachOfLong : 0
  return keys * (list + name + listBytes + parts)
}

/** Of a text in RESP besides itself: `$12\r\n` before it, `\r\n` behind. */
const framed = (length: number) => 5 + String(Math.round(length)).length

/** Of a row that is sorted, besides its text: where that is, and each column of the key. What is put aside is compressed a little. */
const [sortedRow, sortedColumn] = [16, 9]

/** Bytes on the disk for the store's lists: the file of commands, and what is put aside while its rows are sorted. */
export function listsBytes(extent: Extent): { commands: number; temporary: number } {
  const { dataset, rows, keys } = extent
  const { row, name } = listParts(extent, framed)
  const command = 3 + String(Math.round(rows / keys) + 2).length + 'RPUSH'.length + framed(5)
  const sorted = rows * (row + name + sortedRow + sortedColumn * dataset.key.length)
  return {
    commands: rows * row + keys * (command + name + framed(name)),
    temporary: Math.max(0, sorted - heldSorted),
  }
}

const inWords = (bytes: number, round: (value: number) => number) =>
  bytes >= 1e9 ? `${(round(bytes / 1e8) / 10).toFixed(1)} GB` : `${round(bytes / 1e6)} MB`
/** Rounded apart: what will not do is not said to be as much as is needed. */
const neededInWords = (bytes: number) => inWords(bytes, Math.ceil)
const freeInWords = (bytes: number) => inWords(bytes, Math.floor)

/** So many rows as would do, with two digits. */
function fewer(rows: number, needed: number, there: number): number {
  const fit = rows * (there / needed) * 0.9
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(fit, 1))) - 1)
  return Math.max(1, Math.floor(fit / unit) * unit)
}

/** What a command line says for so many rows, which are to be 4 at the least. */
const flagOf = ({ isOwn }: Extent, rows: number) =>
  isOwn ? `--data with ${rows} rows at the most` : `--rows ${Math.max(4, rows)}`

async function freeDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** @throws {Failure} where the disk will not do */
export async function refuseSmallDisk(
  extent: Extent,
  folder: string,
  { replicas = 0, free = freeDisk }: { replicas?: number; free?: typeof freeDisk } = {},
): Promise<void> {
  const needed = Object.values(postgresBytes(extent, replicas)).reduce((sum, bytes) => sum + bytes, 0)
  const there = await free(folder)
  if (needed <= there) return
  throw new Failure(
    `${extent.rows.toLocaleString('en')} rows take about ${neededInWords(needed)} on the disk of ${shown(folder)}, and ${freeInWords(there)} are free`,
    `Make room, or load fewer rows: ${flagOf(extent, fewer(extent.rows, needed, there))}`,
  )
}

/** Of the same disk are folders whose numbers are the same. */
const diskOf = async (folder: string) => (await stat(folder)).dev

/**
 * What sorting the rows for the store takes, which is less than {@link storeBytes} but not in memory.
 * @param places where the commands go, and what is put aside
 * @throws {Failure} where a disk will not do
 */
export async function refuseSmallSort(
  extent: Extent,
  places: { commands: string; temporary: string },
  { free = freeDisk, disk = diskOf }: { free?: typeof freeDisk; disk?: typeof diskOf } = {},
): Promise<void> {
  const { commands, temporary } = listsBytes(extent)
  const isOne = (await disk(places.commands)) === (await disk(places.temporary))
  const parts = isOne
    ? [{ folder: places.commands, needed: commands + temporary }]
    : [
        { folder: places.commands, needed: commands },
        { folder: places.temporary, needed: temporary },
      ]
  for (const { folder, needed } of parts) {
    const there = await free(folder)
    if (needed <= there) continue
    const part = fewer(extent.rows, needed, there)
    throw new Failure(
      `${Math.round(extent.rows).toLocaleString('en')} rows take about ${neededInWords(needed)} on the disk of ${shown(folder)} while they are sorted for the feature store, and ${freeInWords(there)} are free`,
      `Make room, load fewer rows into it, --store-rows ${part}, or fewer into both, ${flagOf(extent, part)}`,
    )
  }
}

/**
 * Bytes that programs may still take: of the machine, and no more than the group of processes that we are in may have at all. How
 * much of that it has is not asked: files that the system keeps in memory count there, and would be given back.
 */
const freeMemory = () => Math.min(freemem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY)

/** @throws {Failure} where the memory will not do */
export function refuseSmallMemory(extent: Extent, there = freeMemory()): void {
  const needed = storeBytes(extent)
  if (needed <= there) return
  const part = fewer(extent.rows, needed, there)
  throw new Failure(
    `${Math.round(extent.rows).toLocaleString('en')} rows take about ${neededInWords(needed)} of memory in the feature store, and ${freeInWords(there)} are free`,
    `Load fewer rows into it, --store-rows ${part}, or fewer into both, ${flagOf(extent, part)}`,
  )
}
