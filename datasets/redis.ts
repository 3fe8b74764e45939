/** The flights in the feature store: a list of JSON feature arrays per key, first flight first. */
import { createHash } from 'node:crypto'
import type { RedisClientType } from 'redis'
import type { Key } from '../workload/flights.ts'
import { keyOf, redisKey, redisRow } from './flights.ts'
import { preparedRows } from './prepared.ts'

// biome-ignore lint/suspicious/noExplicitAny: the client's type parameters (modules, scripts) do not matter here
export type Redis = RedisClientType<any, any, any, any, any>

/** What Redis holds for the prepared rows: each key's list, keys in order of first appearance. */
async function lists(): Promise<Map<string, string[]>> {
  const byKey = new Map<string, string[]>()
  for await (const row of preparedRows()) {
    const name = redisKey(keyOf(row))
    const list = byKey.get(name)
    if (list) list.push(redisRow(row))
    else byKey.set(name, [redisRow(row)])
  }
  return byKey
}

/** Empties the store's database and fills it. @returns SHA-256 of what was put in, comparable with {@link digestOfRedis} */
export async function loadIntoRedis(redis: Redis): Promise<string> {
  await redis.flushDb()
  const hash = createHash('sha256')
  let waiting: Promise<unknown>[] = []
  for (const [name, list] of await lists()) {
    hash.update(`${name}\n${list.join('\n')}\n`)
    waiting.push(redis.rPush(name, list))
    if (waiting.length >= 100) {
      await Promise.all(waiting)
      waiting = []
    }
  }
  await Promise.all(waiting)
  return hash.digest('hex')
}

/** SHA-256 of the lists of the given keys, and how many keys the store holds in all. */
export async function digestOfRedis(redis: Redis, keys: Key[]): Promise<{ digest: string; keys: number }> {
  const hash = createHash('sha256')
  for (let start = 0; start < keys.length; start += 100) {
    const names = keys.slice(start, start + 100).map(redisKey)
    const found = await Promise.all(names.map((name) => redis.lRange(name, 0, -1)))
    names.forEach((name, index) => {
      hash.update(`${name}\n${(found[index] ?? []).join('\n')}\n`)
    })
  }
  return { digest: hash.digest('hex'), keys: Number(await redis.dbSize()) }
}
