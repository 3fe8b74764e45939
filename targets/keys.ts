/** The keys of a workload that a database is asked for, before anything else. */
import { answered } from '../build/answered.ts'
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { queryText } from '../build/workload.ts'
import { drawnOf, type Keys, plain } from '../datasets/keys.ts'
import type { AnyKey, Draw, SqlSide } from '../workload/workload.ts'
import type { PostgresAddress } from './address/postgres.ts'
import { withClient } from './postgres/client.ts'
import { setSession } from './postgres/session.ts'
import { Values, type Written } from './postgres/values.ts'

/** Seconds: keys of a large table may take a while, and nothing is measured meanwhile. */
const limit = 300

/** A query of keys, and the settings of the side that is asked. */
export interface KeyQuery {
  query: string | { file: string }
  texts: Readonly<Record<string, string>>
  settings: SqlSide<AnyKey>['settings']
}

/**
 * All of them, or as many as are held, drawn by the seed. The rows pass by one after the other; only those are held. Where there are more,
 * they pass by twice, in one transaction that reads the same rows both times.
 * @throws {CouldNotMeasure} with what the database says
 */
export async function keysOfDatabase(
  address: PostgresAddress,
  { query, texts, settings }: KeyQuery,
  { draw, seed }: { draw: Draw; seed: number },
  signal: AbortSignal,
): Promise<Keys> {
  try {
    return await withClient(
      address,
      async (client) => {
        const who = `Postgres at ${address}`
        // A pooler may let anybody in, and then wait for a server that is not there.
        await answered(
          who,
          async () => {
            await setSession(client, settings)
            await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
          },
          { signal },
        )
        const values = new Values(client)
        const text = queryText(query, texts)
        let read = (_: Written): unknown => undefined
        const drawn = await drawnOf<Written>(
          async (take) => {
            const reading = () => values.each(text, take)
            read = await answered(who, reading, { seconds: limit, signal })
          },
          draw,
          seed,
        )
        return { ...drawn, keys: drawn.keys.map((row) => plain(read(row))) }
      },
      { signal },
    )
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CouldNotMeasure) throw error
    throw new CouldNotMeasure(
      `The query of keys fails at ${address}: ${messageOf(error)}`,
      'Correct `keys` in the workload; psql runs the same query',
    )
  }
}
