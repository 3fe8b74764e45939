/** A dataset in the feature store: a list of JSON feature arrays per key, the first row first. */
import { createHash } from 'node:crypto'
import type { RedisClientType } from 'redis'
import { columnOf, type Dataset } from '../workload/dataset.ts'
import { literal, quotedName } from '../workload/identifier.ts'
import { numberedRows, placeOf } from './csv.ts'
import { withDuckDb } from './duckdb.ts'
import type { DatasetKey, Prepared } from './prepared.ts'

// biome-ignore lint/suspicious/noExplicitAny: the client's type parameters (modules, scripts) do not matter here
export type Redis = RedisClientType<any, any, any, any, any>

/** A text with the sign between two parts of a name is told apart from two parts. */
const partOf = (value: number | string) =>
  typeof value === 'string' ? value.replaceAll('%', '%25').replaceAll(':', '%3A') : String(value)

/** Where the store keeps the rows of a key. */
export const redisKey = ({ name }: Pick<Dataset, 'name'>, key: DatasetKey) =>
  [name, ...key.map(partOf)].join(':')

/**
 * Name of the list and a row as the store holds it, for each row: lists in order of first appearance, each in the file's order.
 * Sorted and joined instead of collected into lists, because that is what can be done out of core.
 */
function rowsQuery(prepared: Prepared): string {
  const { dataset } = prepared
  const place = placeOf(dataset)
  const parts = dataset.key.map((name) =>
    columnOf(dataset, name).type === 'text'
      ? `replace(replace(${quotedName(name)}, '%', '%25'), ':', '%3A')`
      : quotedName(name),
  )
  const values = dataset.features.map((name) => `coalesce(${quotedName(name)}, 'null')`)
  return `WITH all_rows AS MATERIALIZED (
      SELECT concat_ws(':', ${[literal(dataset.name), ...parts].join(', ')}) AS list,
        '[' || concat_ws(',', ${values.join(', ')}) || ']' AS features, ${place} AS place
      FROM ${numberedRows(prepared, () => 'VARCHAR')}),
    firsts AS (SELECT list, min(place) AS first FROM all_rows GROUP BY list)
    SELECT list, features FROM all_rows JOIN firsts USING (list) ORDER BY first, place`
}

/** Rows that follow each other in one list. */
async function* listsOf(rows: AsyncIterable<unknown[][]>): AsyncGenerator<[string, string[]]> {
  let open: [string, string[]] | undefined
  for await (const some of rows)
    for (const [name, features] of some as [string, string][]) {
      if (open?.[0] === name) open[1].push(features)
      else {
        if (open) yield open
        open = [name, [features]]
      }
    }
  if (open) yield open
}

/** Empties the store's database and fills it. @returns SHA-256 of what was put in, comparable with {@link digestOfRedis} */
export async function loadIntoRedis(redis: Redis, prepared: Prepared): Promise<string> {
  await redis.flushDb()
  const hash = createHash('sha256')
  let waiting: Promise<unknown>[] = []
  await withDuckDb(async (db) => {
    for await (const [name, list] of listsOf(db.stream(rowsQuery(prepared)))) {
      hash.update(`${name}\n${list.join('\n')}\n`)
      const pushed = redis.rPush(name, list)
      // It may fail while more rows are read, when nobody awaits it yet: that would end the whole process.
      pushed.catch(() => {})
      waiting.push(pushed)
      if (waiting.length >= 100) {
        await Promise.all(waiting)
        waiting = []
      }
    }
  })
  await Promise.all(waiting)
  return hash.digest('hex')
}

/** SHA-256 of the lists of the given keys, and how many keys the store holds in all. */
export async function digestOfRedis(
  redis: Redis,
  dataset: Dataset,
  keys: AsyncIterable<DatasetKey[]>,
): Promise<{ digest: string; keys: number }> {
  const hash = createHash('sha256')
  for await (const some of keys)
    for (let start = 0; start < some.length; start += 100) {
      const names = some.slice(start, start + 100).map((key) => redisKey(dataset, key))
      const found = await Promise.all(names.map((name) => redis.lRange(name, 0, -1)))
      names.forEach((name, index) => {
        hash.update(`${name}\n${(found[index] ?? []).join('\n')}\n`)
      })
    }
  return { digest: hash.digest('hex'), keys: Number(await redis.dbSize()) }
}
