/** One client of the database: a connection of its own, and the prediction as one statement on it. */
import sql from 'k6/x/sql'
import pgx from 'k6/x/sql/driver/pgx'
import { patience } from '../../build/patience.ts'
import { type Ask, WrongAnswer } from './ask.ts'
import { keyParameters } from './keys.ts'
import { certificates, pool, type QueryMode, queryMode, url } from './settings.ts'

/** The published benchmark's query: the features of the key's first row, predicted where they are. */
export const predictQuery = `SELECT pgml.predict('flights', ARRAY[year, quarter, month, distance, dayofweek, dayofmonth,
  flight_number_operating_airline, originairportid, destairportid, tail_number]) AS prediction
  FROM flights WHERE originairportid = $1 AND year = $2 AND month = $3 AND dayofmonth = $4 LIMIT 1`

/** The null operation: the same parameters, an answer of the same form, and neither a row to find nor a model to ask. */
export const constantQuery =
  'SELECT 1::real AS prediction FROM (VALUES ($1::int, $2::int, $3::int, $4::int)) AS key LIMIT 1'

export interface PostgresClient {
  /** Name of the environment variable that holds the address. */
  variable?: string
  mode?: QueryMode
  query?: string
  /** The extension's way of predicting, where it is not to be the server's own choice. */
  predictor?: string
}

const address = (variable: string) => url(variable, ['postgres://', 'postgresql://'])

/** Checked in the init context, so that a wrong variable ends the test before it starts. */
export const checkPostgresSettings = (variable = 'POSTGRES_URL'): void =>
  void [address(variable), queryMode(), pool()]

/** Opens the connection; it is made, and the statement prepared, by the first question. */
export function connectPostgres({
  variable = 'POSTGRES_URL',
  mode = queryMode(),
  query = predictQuery,
  predictor,
}: PostgresClient = {}): Ask {
  const to = address(variable)
  const shared = pool()
  const settings = [
    `query_mode=${mode}`,
    // Scenarios have no connections but these and the service's.
    'wait=grouped',
    `query_timeout=${patience}`,
    ...(/[?&]connect_timeout=/.test(to) ? [] : [`connect_timeout=${patience}`]),
    ...(predictor ? [`pgml.predictor=${predictor}`] : []),
    ...(shared > 0 ? [`pool=${shared}`] : []),
    // Where the address does not say itself how the server's certificate is checked, it is not checked.
    ...(certificates() && /[?&]sslmode=(require|verify)/.test(to) && !/[?&]sslrootcert=/.test(to)
      ? [`sslrootcert=${encodeURIComponent(certificates())}`]
      : []),
  ]
  // One connection a client, as pgbench has it: k6 gives each virtual user a pool of its own. With POOL our driver lends
  // them out of one that all users share.
  const database = sql.open(pgx, `${to}${to.includes('?') ? '&' : '?'}${settings.join('&')}`, {
    max_open_conns: 1,
    max_idle_conns: 1,
  })
  const { queryValueOf } = database
  // An import's property is looked up by name each time.
  const parameters = keyParameters
  const ask: Ask = (position) => {
    const prediction = queryValueOf(query, parameters, position)
    // As Number.isFinite says, which costs a call out of the script.
    if (typeof prediction === 'number' && prediction - prediction === 0) return prediction
    throw new WrongAnswer(`expected one row with a finite number, got ${JSON.stringify(prediction)}`)
  }
  ask.close = () => void database.close()
  ask.replaced = () => database.replaced() ?? 0
  ask.isPrepared = () => {
    const seen = database.query(
      "SELECT count(*)::int AS statements FROM pg_prepared_statements WHERE statement LIKE 'SELECT pgml.predict(%'",
    )
    return (seen[0] as { statements: number }).statements === 1
  }
  return ask
}
