/** The feature store filled from the sorted lists, and looked at: it holds what they hold. */
import { Failure } from '../../build/failure.ts'
import type { Progress } from '../../build/step.ts'
import { forgetLists, type Lists } from '../../datasets/lists.ts'
import { pace } from '../../datasets/pace.ts'
import type { Prepared } from '../../datasets/prepared.ts'
import { digestOfRedis, loadIntoRedis, packFirstRows } from '../../datasets/redis.ts'
import { type FeatureStore, withRedis } from './feature-store.ts'

/** @param from where the lists were made, which are forgotten where the store holds others @throws {Failure} where it does */
export async function fillStore(
  { url }: Pick<FeatureStore, 'url'>,
  lists: Lists,
  from: Prepared,
  progress: Progress,
): Promise<void> {
  await loadIntoRedis(url, lists, progress)
  const tell = pace(progress, 'comparing with the CSV', lists.rows)
  const held = await withRedis(url, (redis) =>
    digestOfRedis(redis, (count) => tell(count / lists.digest.count)),
  )
  if (held.digest.sum === lists.digest.sum && held.digest.count === lists.digest.count) return
  await forgetLists(from)
  throw new Failure(
    `The feature store holds other rows than the CSV that it was loaded from: ${held.rows} in ${held.digest.count} lists, not ${lists.rows} in ${lists.digest.count}`,
    'Start again: they are sorted anew',
  )
}

/** For the fast service, from the lists, which were looked at. */
export async function packRows(
  { url, packed }: Pick<FeatureStore, 'url' | 'packed'>,
  { digest }: Lists,
  progress: Progress,
): Promise<void> {
  const tell = pace(progress, 'packing', digest.count)
  await withRedis(url, (redis) =>
    packFirstRows(redis, packed.database, (count) => tell(count / digest.count)),
  )
}
