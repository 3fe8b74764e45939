/** A dataset's comparison on the targets that come with the project: inside Postgres, and behind Flask. */
import type { Dataset } from './dataset.ts'
import { misfitsOfDatasetKeys } from './dataset-keys.ts'
import { floats, onlyFloat, packed, packedLists } from './messagepack.ts'
import { constantQuery, predictBatchQuery, predictQuery } from './queries.ts'
import { type AnyKey, http, sql, type Variables, type Workload } from './workload.ts'

/** How the service can be told to read and write bodies; orjson is another writer of the same JSON. */
export const serializers = ['json', 'orjson', 'msgpack'] as const

/** Values of the key's columns. */
type Key = readonly (number | string)[]

/** Of an answer that is an array of one number; undefined for anything else. */
const onlyNumber = (answer: unknown) => (Array.isArray(answer) && answer.length === 1 ? answer[0] : undefined)

/** All of a workload but what is someone's own: where its keys lie, what is expected of it. */
export function embedded(
  dataset: Dataset,
  { SERIALIZER }: Variables,
): Omit<Workload<AnyKey>, 'keys' | 'thresholds' | 'published'> {
  if (SERIALIZER && !serializers.some((each) => each === SERIALIZER))
    throw new Error(`SERIALIZER: '${SERIALIZER}'; expected one of ${serializers.join(', ')}`)
  const query = { address: 'POSTGRES_URL', parameters: (key: Key) => key }
  const batchQuery = {
    query: predictBatchQuery(dataset),
    parameters: (keys: readonly Key[]) => dataset.key.map((_, column) => keys.map((key) => key[column])),
    values: (rows: readonly Readonly<Record<string, unknown>>[]) => rows[0]?.predictions,
  }
  const [written, batch] =
    SERIALIZER === 'msgpack'
      ? [
          {
            headers: { 'Content-Type': 'application/msgpack' },
            body: (key: Key) => packed(key as readonly number[]),
            bodyAs: 'bytes' as const,
            answerAs: 'bytes' as const,
            value: onlyFloat,
          },
          {
            path: 'batch',
            body: (keys: readonly Key[]) => packedLists(keys as readonly number[][]),
            values: floats,
          },
        ]
      : [
          { body: (key: Key) => key, value: onlyNumber },
          { path: 'batch', body: (keys: readonly Key[]) => keys },
        ]
  const request = {
    address: 'PYTHON_URL',
    // The worker that answered: with keep-alive a connection stays with the one that accepted it.
    worker: 'X-Worker',
    about: 'healthz',
    ...written,
  }
  return {
    name: dataset.name,
    misfits: misfitsOfDatasetKeys(dataset),
    answer: 'number',
    compare: dataset.task === 'classification' ? 'equal' : { tolerance: 1e-5 },
    sides: [
      sql({ ...query, name: 'postgres', query: predictQuery(dataset), batch: batchQuery }),
      http({ ...request, name: 'python', batch }),
    ],
    beside: [
      sql({
        ...query,
        name: 'postgres-constant',
        query: constantQuery(dataset),
        role: 'part',
        of: 'postgres',
        until: 'server without a row',
      }),
      // The extension's other way to predict walks the trees itself instead of calling libxgboost.
      sql({
        ...query,
        name: 'postgres-fast',
        query: predictQuery(dataset),
        settings: { 'pgml.predictor': 'fast' },
        of: 'postgres',
        until: 'row',
        embedded: true,
      }),
      // By way of a pooler, where one was asked for.
      sql({
        ...{ ...query, name: 'postgres-pgbouncer', address: 'PGBOUNCER_URL', query: predictQuery(dataset) },
        ...{ of: 'postgres', embedded: true },
      }),
      // The service as it would be made today for speed: the same questions and answers, always in JSON.
      http({
        name: 'python-fast',
        address: 'PYTHON_FAST_URL',
        body: (key: Key) => key,
        value: onlyNumber,
        worker: request.worker,
        about: request.about,
        of: 'python',
        embedded: true,
      }),
      http({
        ...request,
        name: 'python-framework',
        path: 'framework',
        role: 'part',
        of: 'python',
        until: 'HTTP and framework',
        embedded: true,
      }),
      http({
        ...request,
        name: 'python-store',
        path: 'store',
        role: 'part',
        of: 'python',
        until: 'feature store',
        embedded: true,
      }),
    ],
  }
}
