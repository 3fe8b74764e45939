/** A user's table made ready for both targets, once for each content, and what was understood of it. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { BadInput } from '../build/failure.ts'
import { fingerprintOf, sha256, sha256File } from '../build/fingerprint.ts'
import { inCache, root } from '../build/paths.ts'
import { writeWhole } from '../build/place.ts'
import type { Progress } from '../build/step.ts'
import type { Dataset } from '../workload/dataset.ts'
import { quotedName } from '../workload/identifier.ts'
import { codingOf } from './coding.ts'
import { writePrepared } from './csv.ts'
import { datasetSchema } from './description.ts'
import { type DuckDb, withDuckDb } from './duckdb.ts'
import { flightSources } from './flight-sources.ts'
import { recognized, understandKnown } from './known.ts'
import { filesOf, type Prepared, preparedIn } from './prepared.ts'
import { filesOfSource, openSource, readSource } from './source.ts'
import { type Asked, nameOf, textsOf, type Understood, understand } from './understood.ts'

export interface GivenTable extends Omit<Asked, 'target' | 'key'>, Partial<Pick<Asked, 'target' | 'key'>> {
  /** A file, or a pattern. */
  data: string
}

/** Codes, and all files that both sides are made from. */
async function write(db: DuckDb, { coded }: Understood, prepared: Prepared): Promise<void> {
  const dictionaries: Record<string, string> = {}
  const expressions: string[] = []
  for (const [index, each] of coded.entries()) {
    const { column, ranked, missing, sql } = each
    const name = quotedName(column.name)
    if (ranked === undefined) expressions.push(`${sql} AS ${name}`)
    else {
      const coding = await codingOf(db, String(index), textsOf(each), ranked)
      dictionaries[column.name] = coding.dictionary
      const code = coding.code(sql)
      expressions.push(`${missing === undefined ? code : `coalesce(${code}, ${missing})`} AS ${name}`)
    }
  }
  await writePrepared(db, prepared, `SELECT ${expressions.join(', ')} FROM source`, dictionaries)
}

/** What the table is: as the user says, or where nothing is said a known source. @throws {BadInput} */
async function understoodOf(db: DuckDb, given: GivenTable): Promise<Understood> {
  const opened = await openSource(db, given.data)
  const { target, key, hyperparameters } = given
  if (target !== undefined && key !== undefined)
    return understand(db, nameOf(given.data), await readSource(db, opened), { ...given, target, key })
  const known = recognized(flightSources, opened.names)
  if (known) {
    const dataset = { ...known.dataset, hyperparameters }
    return understandKnown(db, opened, { ...known, dataset })
  }
  throw new BadInput(
    `${given.data} is no source that is known by the names of its columns (${flightSources.map(({ title }) => title).join('; ')})`,
    'Say by --target which column is predicted, and by --key what it is asked for by',
  )
}

/** Reads the table and says what it is; nothing is written. @throws {BadInput} */
export const describeTable = (given: GivenTable): Promise<Understood> =>
  withDuckDb((db) => understoodOf(db, given))

/** In words, with the rows that are left out. */
function aboutOf({ rows, title, leftOut = [] }: Understood, { data }: GivenTable): string {
  const count = (many: number) => many.toLocaleString('en')
  const without = leftOut.map((each) => `${count(each.rows)} ${each.why}`).join(', ')
  return `${count(rows)} of ${path.basename(data)}${title ? ` (${title})` : ''}${without ? `; left out: ${without}` : ''}`
}

const ownIn = (folder: string, dataset: Dataset, about: string): Prepared => ({
  ...preparedIn(folder, dataset),
  ...{ about, isOwn: true },
})

const stampSchema = z.object({ madeFrom: z.string(), dataset: datasetSchema, about: z.string() })

/** What was made ready before, from the same content and in the same way. */
async function before(stamp: string, madeFrom: string): Promise<Prepared | undefined> {
  try {
    const known = stampSchema.parse(JSON.parse(await readFile(stamp, 'utf8')))
    const prepared = ownIn(path.dirname(stamp), known.dataset, known.about)
    if (known.madeFrom !== madeFrom) return undefined
    return filesOf(prepared).every((file) => existsSync(file)) ? prepared : undefined
  } catch {
    return undefined
  }
}

/** @throws {BadInput} naming what in the table cannot be used */
export async function prepareTable(given: GivenTable, progress: Progress): Promise<Prepared> {
  const name = nameOf(given.data)
  const folder = inCache('datasets', `table-${name}`)
  const stamp = path.join(folder, 'made-from.json')
  return withDuckDb(async (db) => {
    const files = await filesOfSource(db, given.data)
    const contents: string[] = []
    // One after the other: of a pattern's files there may be more than a process may have open.
    for (const file of files) contents.push(await sha256File(file))
    const code = await fingerprintOf(root, path.join(root, 'datasets'))
    const madeFrom = sha256(JSON.stringify([contents, { ...given, data: files }, code]))
    const known = await before(stamp, madeFrom)
    if (known) return known
    progress('reading')
    const understood = await understoodOf(db, given)
    const about = aboutOf(understood, given)
    const prepared = ownIn(folder, understood.dataset, about)
    await mkdir(folder, { recursive: true })
    // Whoever is interrupted from here on leaves files of which nothing is known.
    await rm(stamp, { force: true })
    progress(`writing ${understood.rows.toLocaleString('en')} rows`)
    await write(db, understood, prepared)
    await writeWhole(stamp, JSON.stringify({ madeFrom, dataset: understood.dataset, about }))
    return prepared
  })
}
