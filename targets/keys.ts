/** The keys of a workload that a database is asked for, once and before anything else. */
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { queryText } from '../build/workload.ts'
import type { AnyKey, SqlSide } from '../workload/workload.ts'
import type { PostgresAddress } from './address/postgres.ts'
import { withClient } from './postgres/client.ts'
import { setSession } from './postgres/session.ts'
import { Values } from './postgres/values.ts'

/** Seconds: keys of a large table may take a while, and nothing is measured meanwhile. */
const limit = 300

/** In a session of the side that is asked. @throws {CouldNotMeasure} with what the database says */
export async function rowsOf(
  address: PostgresAddress,
  query: string | { file: string },
  texts: Readonly<Record<string, string>>,
  settings: SqlSide<AnyKey>['settings'],
  signal: AbortSignal,
): Promise<unknown[]> {
  try {
    return await withClient(
      address,
      async (client) => {
        await setSession(client, settings)
        return (await new Values(client).rows({ text: queryText(query, texts) })).rows
      },
      { limit, signal },
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
