/** The keys that a command asks for: out of a file, a database or a prepared dataset, and never more than can be held. */
import { BadInput } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { endable } from '../build/signals.ts'
import { beside, type LoadedWorkload, queryText } from '../build/workload.ts'
import { drawnKeys } from '../datasets/drawn-keys.ts'
import { withDuckDb } from '../datasets/duckdb.ts'
import { type Keys, readKeyFile } from '../datasets/keys.ts'
import type { Prepared } from '../datasets/prepared.ts'
import type { PostgresAddress } from '../targets/address/postgres.ts'
import type { Address } from '../targets/asker.ts'
import { keysOfDatabase } from '../targets/keys.ts'
import { misfitsOfKeys } from '../workload/keys.ts'
import { inLines } from '../workload/misfit.ts'
import { misfitsOfQuestions } from '../workload/questions.ts'
import type { AnyKey, Draw, Side } from '../workload/workload.ts'
import { show } from './progress.ts'

/** Of keys where nobody said one. */
export const usualSeed = 1

export const keysOfPrepared = (prepared: Prepared, draw: Draw, seed: number): Promise<Keys> =>
  show.one('Draw the keys', async (tell) => {
    const drawn = await withDuckDb((db) => drawnKeys(db, prepared, draw, seed))
    tell(inWords(drawn, seed))
    return drawn
  })

function inWords({ keys, of, draw }: Keys, seed: number): string {
  const [some, all] = [keys.length, of].map((count) => count.toLocaleString('en'))
  return draw ? `${some} of ${all} by seed ${seed}` : `all ${all}`
}

/** Finds that all that will be asked for fits. */
function looked(asked: Keys, from: string, workload: LoadedWorkload): Keys {
  const { keys } = asked
  const found = endable(() => misfitsOfKeys(keys, workload.misfits))
  if (found.length > 0)
    throw new BadInput(
      `${from} does not fit:\n${inLines(found)}`,
      'Correct the keys, or what the workload says of them',
    )
  const questions = endable(() =>
    misfitsOfQuestions([...workload.sides, ...workload.beside], keys, ({ query }) =>
      queryText(query, workload.texts),
    ),
  )
  if (questions.length > 0)
    throw new BadInput(
      `${shown(workload.file)} makes no question of some keys of ${from}:\n${inLines(questions)}`,
      'Correct the side, or the keys',
    )
  return asked
}

/**
 * @param given a file in the place of the workload's own
 * @returns undefined where a database is asked for them
 */
export async function keysInFile(
  workload: LoadedWorkload,
  given: string | undefined,
  seed: number,
): Promise<Keys | undefined> {
  const { keys, draw } = workload
  if (given !== undefined)
    return looked(await readKeyFile(given, undefined, draw, seed), shown(given), workload)
  if (typeof keys === 'object' && 'sql' in keys) return undefined
  const { file, format } = typeof keys === 'string' ? { file: keys, format: undefined } : keys
  const from = beside(workload, file)
  return looked(await readKeyFile(from, format, draw, seed), shown(from), workload)
}

/** Keys that a database is asked for. */
export async function askedKeys(
  workload: LoadedWorkload,
  addressOf: (side: Pick<Side<AnyKey>, 'name' | 'address'>) => Address,
  seed: number,
  signal: AbortSignal,
): Promise<Keys> {
  const { draw, keys, sides } = workload
  if (typeof keys !== 'object' || !('sql' in keys)) throw new Error('keys of a file have been read before')
  const side = sides.find(({ name }) => name === keys.of)
  if (side?.protocol !== 'sql') throw new Error(`${keys.of} speaks no SQL, which was checked before`)
  return show.one(`Ask ${side.name} for the keys`, async (tell) => {
    const asked = await keysOfDatabase(
      addressOf(side) as PostgresAddress,
      { query: keys.sql, texts: workload.texts, settings: side.settings },
      { draw, seed },
      signal,
    )
    tell(inWords(asked, seed))
    return looked(asked, `what ${side.name} answers to the query of keys`, workload)
  })
}
