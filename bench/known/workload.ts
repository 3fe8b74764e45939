/** A service and a database whose latency is known; `service:2` and `database:2` are others of the same kind. */
import { http, sql, workload } from 'inference-gap'

export default workload<number>({
  name: 'known-latency',
  keys: 'keys.json',
  compare: false,
  sides: [
    http({
      ...{ name: 'service', address: 'SERVICE_URL', body: (key) => [key] },
      value: ([value]: [number]) => value,
    }),
    sql({
      ...{ name: 'database', address: 'DATABASE_URL' },
      ...{ query: 'SELECT $1::int4 AS prediction', parameters: (key) => [key] },
    }),
  ],
})
