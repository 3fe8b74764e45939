// The prediction as a user of xk6-sql with lib/pq asks for it: a text with parameters, one query an iteration, and nothing of
// ours. Its figure is k6's own count of iterations, after a warm-up that opens the connections.
import sql from 'k6/x/sql'
import driver from 'k6/x/sql/driver/postgres'

const query = __ENV.QUERY
const clients = Number(__ENV.CLIENTS)
const seconds = Number(__ENV.BLOCK_SECONDS)
const keys = JSON.parse(open(__ENV.KEYS_FILE))
const db = sql.open(driver, __ENV.POSTGRES_URL)

export const options = {
  scenarios: {
    warmup: { executor: 'constant-vus', vus: clients, duration: '2s', gracefulStop: '1s' },
    measure: {
      executor: 'constant-vus',
      vus: clients,
      duration: `${seconds}s`,
      startTime: '3s',
      gracefulStop: '1s',
    },
  },
  systemTags: ['scenario'],
  // Figures of a scenario exist only where a threshold names them.
  thresholds: { 'iterations{scenario:measure}': ['count>0'] },
}

export default function () {
  const key = keys[Math.floor(Math.random() * keys.length)]
  const rows = db.query(query, key[0], key[1], key[2], key[3])
  if (rows.length !== 1) throw new Error(`${rows.length} rows`)
}

export function handleSummary({ metrics }) {
  const tps = metrics['iterations{scenario:measure}'].values.count / seconds
  return { [__ENV.SUMMARY_FILE]: JSON.stringify({ tps }) }
}
