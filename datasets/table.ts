/** A user's table made ready for both targets, once for each content, and what was understood of it. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { fingerprintOf, sha256, sha256File } from '../build/fingerprint.ts'
import { inCache, root } from '../build/paths.ts'
import type { Progress } from '../build/step.ts'
import { quotedName } from '../workload/identifier.ts'
import { codingOf } from './coding.ts'
import { writePrepared } from './csv.ts'
import { datasetSchema } from './description.ts'
import { type DuckDb, withDuckDb } from './duckdb.ts'
import { filesOf, type Prepared, preparedIn } from './prepared.ts'
import { filesOfSource, readSource } from './source.ts'
import { type Asked, nameOf, textsOf, type Understood, understand } from './understood.ts'

export interface GivenTable extends Asked {
  /** A file, or a pattern. */
  data: string
}

/** Codes, and all files that both sides are made from. */
async function write(db: DuckDb, { coded }: Understood, prepared: Prepared): Promise<void> {
  const dictionaries: Record<string, string> = {}
  const expressions: string[] = []
  for (const [index, each] of coded.entries()) {
    const { column, ranked, sql } = each
    const name = quotedName(column.name)
    if (ranked === undefined) expressions.push(`${sql} AS ${name}`)
    else {
      const coding = await codingOf(db, String(index), textsOf(each), ranked)
      dictionaries[column.name] = coding.dictionary
      expressions.push(`${coding.code(sql)} AS ${name}`)
    }
  }
  await writePrepared(db, prepared, `SELECT ${expressions.join(', ')} FROM source`, dictionaries)
}

/** Reads the table and says what it is; nothing is written. @throws {BadInput} */
export const describeTable = (given: GivenTable): Promise<Understood> =>
  withDuckDb(async (db) => {
    const { columns } = await readSource(db, given.data)
    return understand(db, nameOf(given.data), columns, given)
  })

const stampSchema = z.object({ madeFrom: z.string(), dataset: datasetSchema })

/** What was made ready before, from the same content and in the same way. */
async function before(stamp: string, madeFrom: string): Promise<Prepared | undefined> {
  try {
    const known = stampSchema.parse(JSON.parse(await readFile(stamp, 'utf8')))
    const prepared = preparedIn(path.dirname(stamp), known.dataset)
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
    const contents = await Promise.all(files.map(sha256File))
    const code = await fingerprintOf(root, path.join(root, 'datasets'))
    const madeFrom = sha256(JSON.stringify([contents, { ...given, data: files }, code]))
    const known = await before(stamp, madeFrom)
    if (known) return known
    progress('reading')
    const { columns } = await readSource(db, given.data)
    const understood = await understand(db, name, columns, given)
    const prepared = preparedIn(folder, understood.dataset)
    await mkdir(folder, { recursive: true })
    progress(`writing ${understood.rows.toLocaleString('en')} rows`)
    await write(db, understood, prepared)
    await writeFile(stamp, JSON.stringify({ madeFrom, dataset: understood.dataset }))
    return prepared
  })
}
