/** One client of a database: a connection of its own, and the question as one statement on it. */

import sql, { type ParameterSets } from 'k6/x/sql'
import pgx from 'k6/x/sql/driver/pgx'
import { patience } from '../../build/patience.ts'
import { fitting, fittingInWords } from '../../workload/answers.ts'
import { setsName } from '../../workload/batch.ts'
import { hostsIn } from '../../workload/hosts.ts'
import type { ResolvedSql } from '../../workload/resolve.ts'
import { type Ask, type Clock, refusals } from './ask.ts'
import { texts } from './given.ts'
import { nextHost } from './hosts.ts'
import { eachKey } from './keys.ts'
import { certificates, pool, url } from './settings.ts'
import { asked } from './workload.ts'

const address = ({ address }: ResolvedSql) => url(address, ['postgres://', 'postgresql://'])

const queryOf = ({ query }: ResolvedSql): string =>
  typeof query === 'string' ? query : (texts[query.file] ?? '')

/** What is sent for each key, kept once for all virtual users and by all sides that derive from one. */
const parametersOf = ({ base, size, parameters }: ResolvedSql): ParameterSets =>
  sql.parameterSets(setsName(base, size), () => eachKey(base, parameters, size))

/** Checked in the init context, so that a wrong variable, or a key that does not fit, ends the test before it starts. */
export function checkSql(side: ResolvedSql): void {
  address(side)
  pool()
  parametersOf(side)
}

/** Whether an address says something by itself. */
const has = (address: string, name: string) => new RegExp(`[?&]${name}=`).test(address)

/** A virtual user's own. @param to one host of the side's */
function opened(side: ResolvedSql, to: string) {
  const { mode, settings = {} } = side
  const shared = pool()
  const options = Object.entries({
    ...settings,
    query_mode: mode,
    query_timeout: String(patience),
    ...(!has(to, 'connect_timeout') && { connect_timeout: String(patience) }),
    // Where the address does not say itself how the server's certificate is checked, it is not checked.
    ...(certificates() &&
      /[?&]sslmode=(require|verify)/.test(to) &&
      !has(to, 'sslrootcert') && { sslrootcert: certificates() }),
    ...(shared > 0 && { pool: String(shared) }),
  }).map(([name, given]) => `${encodeURIComponent(name)}=${encodeURIComponent(given)}`)
  // One connection a client, as pgbench has it: k6 gives each virtual user a pool of its own. With POOL our driver lends
  // them out of one that all users share.
  return sql.open(pgx, `${to}${to.includes('?') ? '&' : '?'}${options.join('&')}`, {
    max_open_conns: 1,
    max_idle_conns: 1,
  })
}

/** The database's. */
export function clockOfSql(side: ResolvedSql): Clock {
  // All hosts of a side are asked for one clock, the first one's.
  const [first] = hostsIn(address(side))
  const database = opened(side, first?.address ?? address(side))
  return {
    read: () => {
      const [row] = database.query('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now')
      const at = row?.now
      return typeof at === 'number' ? [at, at] : undefined
    },
    everyMs: 0,
    close: () => void database.close(),
  }
}

/** Opens the connection; it is made, and the statement prepared, by the first question. */
export function connectSql(side: ResolvedSql): Ask {
  const { role, value, size } = side
  const query = queryOf(side)
  const { address: to, host } = nextHost(address(side))
  const database = opened(side, to)
  const { queryValueOf, queryOf: rowsOf } = database
  // An import's property is looked up by name each time.
  const parameters = parametersOf(side)
  const fits = fitting(asked.answer, size)
  const { wrong, threw } = refusals(role, {
    expected: `expected ${value ? '' : 'one row with '}${fittingInWords(asked.answer, size)}`,
    from: 'from the rows',
  })
  let ask: Ask
  if (value)
    ask = ((position) => {
      const rows = rowsOf(query, parameters, position)
      let answer: unknown
      try {
        answer = value(rows)
      } catch (error) {
        return threw(error, rows)
      }
      return fits(answer) ? answer : wrong(answer, rows)
    }) as Ask
  else if (asked.answer === 'number')
    ask = ((position) => {
      const answer = queryValueOf(query, parameters, position)
      // As `isAnswer` says, which costs a call out of the script.
      return typeof answer === 'number' && answer - answer === 0 ? answer : wrong(answer)
    }) as Ask
  else
    ask = ((position) => {
      const answer = queryValueOf(query, parameters, position)
      return fits(answer) ? answer : wrong(answer)
    }) as Ask
  ask.host = host
  ask.close = () => void database.close()
  ask.replaced = () => database.replaced() ?? 0
  ask.isPrepared = () => {
    const seen = database.query(
      'SELECT count(*)::int AS statements FROM pg_prepared_statements WHERE statement = $1',
      query,
    )
    return (seen[0] as { statements: number }).statements === 1
  }
  return ask
}
