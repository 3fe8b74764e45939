/** The keys of a prepared dataset: all of them, or as many as k6 can hold, drawn by a seed. */
import { drawnFrom } from '../workload/draw.ts'
import { quotedName } from '../workload/identifier.ts'
import type { Draw } from '../workload/workload.ts'
import { type DuckDb, parquetFile } from './duckdb.ts'
import type { Keys } from './keys.ts'
import type { DatasetKey, Prepared } from './prepared.ts'

export type DrawnKeys = Keys<DatasetKey>

const listOf = ({ dataset }: Prepared) => `json_array(${dataset.key.map(quotedName).join(', ')})::VARCHAR`
const parsed = (rows: unknown[][]) => rows.map(([key]) => JSON.parse(String(key)) as DatasetKey)
const inFile = ({ everyKey }: Prepared) => parquetFile(everyKey, 'file_row_number = true')

export async function keyCount(db: DuckDb, prepared: Prepared): Promise<number> {
  const [row] = await db.rows(`SELECT count(*)::DOUBLE FROM ${inFile(prepared)}`)
  return Number(row?.[0])
}

/** The same ones for the same seed on every machine, in order of first appearance. */
export async function drawnKeys(
  db: DuckDb,
  prepared: Prepared,
  draw: Draw,
  seed: number,
): Promise<DrawnKeys> {
  const of = await keyCount(db, prepared)
  const drawn = drawnFrom(draw, of, seed)
  const only =
    drawn && `JOIN (SELECT unnest([${drawn.positions.join()}]) AS wanted) ON wanted = file_row_number`
  const rows = await db.rows(
    `SELECT ${listOf(prepared)} FROM ${inFile(prepared)} ${only ?? ''} ORDER BY file_row_number`,
  )
  return { keys: parsed(rows), of, draw: drawn?.draw }
}
