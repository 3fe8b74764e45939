/**
 * Why something failed: what each kind of failure is called, and what to do about it. What k6 asks is named in Go, by the same names
 * (extension-sql/failure); what Node asks is named here.
 */
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { messageOf } from './failure.ts'

/** A beginning of a kind, and the next step. The longest that fits counts: `HTTP 502` before `HTTP 5`. */
const nextSteps: Readonly<Record<string, string>> = {
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  'SQLSTATE 08P01':
    'The query takes another number of parameters than `parameters` of the side returns: make them as many',
  'SQLSTATE 08': 'Look into the log of Postgres, and of what stands before it',
  'SQLSTATE 22':
    'A value does not fit to what the query takes: convert it in `parameters` of the side, or say its type in the query, as $1::int',
  'SQLSTATE 25006': 'The server is a standby or read-only; give one that the queries may use',
  'SQLSTATE 26':
    'A pooler before Postgres hands out connections without their prepared statements: --query-mode extended',
  'SQLSTATE 28': 'Check user, password and pg_hba.conf',
  'SQLSTATE 3D000': 'Check the name of the database in the address',
  'SQLSTATE 42501': 'Give the user of the address the right to read the table and to call the function',
  'SQLSTATE 42601': 'Correct the query of the side where the message says',
  'SQLSTATE 42703': 'A column is missing there: check the query, and the database of the address',
  'SQLSTATE 42704':
    'A type or a setting of that name is missing there: check the query, and `settings` of the side',
  'SQLSTATE 42804': 'Say the types of the parameters in the query, as $1::int',
  'SQLSTATE 42883':
    'A function, or an operator between such types, is missing there: create the extension in this database, check search_path, or say the types of the parameters, as $1::int',
  'SQLSTATE 42P18': 'Say the type of the parameter in the query, as $1::int',
  'SQLSTATE 42P01': 'A table is missing there: check the database of the address, and search_path',
  'SQLSTATE 53100': 'The disk of the server is full; make room',
  'SQLSTATE 53200': 'The server has no memory left: fewer --clients, or a smaller work_mem',
  'SQLSTATE 53300':
    'Raise max_connections (or the limit of the role or database), or share connections: --pool 10',
  'SQLSTATE 57014': 'The server cancelled the query: raise statement_timeout, or see who cancels',
  'SQLSTATE 57P01':
    'Somebody ended the connection or restarted Postgres while it was measured; see its log, then run again',
  'SQLSTATE 57P02': 'A process of Postgres crashed; see its log',
  'SQLSTATE 57P03': 'Postgres was starting or recovering; wait until it takes connections',
  SQLSTATE: 'Ask the same by psql; the message is the server’s own',

  'HTTP 101': 'The service asks for another protocol; give the address that answers the requests',
  'HTTP 3':
    'No redirection is followed, by either half: give the address that answers itself, with its scheme and its last slash',
  'HTTP 400': 'The service does not take what is sent; check `body`, `bodyAs` and `headers` of the side',
  'HTTP 401':
    'Give user and password in the address: https://user:password@host/, or a header of the side: headers: { Authorization: { variable: … } }',
  'HTTP 403': 'The service refuses this client; check what it asks of those who may',
  'HTTP 404': 'Nothing answers at this path; check the address, and `path` of the side',
  'HTTP 405':
    'The service takes no such method at this path; check the address, and what the workload adds to it',
  'HTTP 413': 'The service takes only smaller bodies; raise its limit',
  'HTTP 415':
    'The service takes another content type; see how the workload writes bodies, or --serializer of the flights',
  'HTTP 422':
    'The service does not take the body; check `body` of the side, ask it by hand, and compare the keys',
  'HTTP 429': 'The service limits the rate; raise its limit for this client',
  'HTTP 4': 'The service refuses the request; ask it by hand, and see its log',
  'HTTP 502': 'What stands before the service did not reach it; see both logs',
  'HTTP 503': 'The service, or what stands before it, is out of workers; see its log',
  'HTTP 504': 'The service was too slow for what stands before it; see both logs',
  'HTTP 5': 'The service failed; its log has the reason',
  'malformed HTTP': 'What listens there speaks no HTTP; check scheme and port',
  'answer too large': 'An answer may have 16 MB; check `path` of the side: it must be what predicts',

  EMFILE: 'This process may have too few files open: ulimit -n 65536 before the command',
  ENFILE: 'This machine has too many files open: raise fs.file-max',
  EADDRNOTAVAIL:
    'No local port is free: connections are not kept, or net.ipv4.ip_local_port_range is too small',
  ECONNREFUSED:
    'Nothing listens there, or its queue is full: start it, check host and port, raise its backlog',
  ECONNRESET: 'The other end threw the connection away: see its log for a crash, a time-out or a limit',
  EPIPE: 'The other end closed the connection while it was sent to; see its log',
  EHOSTUNREACH: 'No way leads to that host; check the address and the firewall',
  ENETUNREACH: 'No way leads to that network; check the address',
  ETIMEDOUT: 'The host did not answer; check the address and the firewall',
  ENOENT: 'There is no such socket; check the folder that the address names',
  EACCES: 'This user may not open that socket',
  'connection closed':
    'The other end closed the connection before it answered: see its log for a crash or a limit',
  'time-out': 'It took too long to answer: see its log, and what its machine does meanwhile',
  'no such host': 'Check the host in the address',
  'name look-up': 'The name server did not answer; check it, or give an IP address',

  'TLS unknown authority':
    'Give the certificate of the authority that signed: --ca FILE (CA_FILE for a plain k6 run)',
  'TLS certificate of another host': 'Give the host by the name that stands in its certificate',
  'TLS certificate expired': 'Renew the certificate of the server, and check the clock here',
  'TLS certificate': 'Look at the certificate of the server: openssl s_client -connect host:port',
  'TLS not spoken': 'The server speaks no TLS on that port: http:// instead of https://, or another port',
  TLS: 'The two found no way to speak TLS: see the log of the server, and openssl s_client -connect host:port',

  'wrong answer':
    'Ask the same by hand: the answer must be what the workload declares by `answer`, after `value` of the side',
  'not JSON':
    'Ask the service by hand: its answer must be JSON where the workload does not say another form by answerAs',
  'not sent': 'The target is slower than the rate: a lower --rate, or more --clients',
}

/** What to do about a failure of that kind; undefined where nothing is known. */
export function nextStepOf(kind: string): string | undefined {
  const [longest] = Object.keys(nextSteps)
    .filter((beginning) => kind.startsWith(beginning))
    .sort((a, b) => b.length - a.length)
  return longest === undefined ? undefined : nextSteps[longest]
}

/** Node's own codes, where a kind is called otherwise. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const ofNode: readonly [RegExp, string][] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)_.*)$/,
    'TLS unknown authority',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'TLS certificate of another host'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'TLS certificate expired'],
  [/^CERT_|_CERT_|^(ERROR_IN_CERT|HOSTNAME_MISMATCH)/, 'TLS certificate refused'],
  [
    /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL))$/,
    'TLS not spoken',
  ],
  [/^(ERR_SSL|ERR_TLS|EPROTO)/, 'TLS alert'],
  [/^ENOTFOUND$/, 'no such host'],
  [/^EAI_/, 'name look-up'],
  [/^(HPE_HEADER_OVERFLOW|UND_ERR_RES_EXCEEDED_MAX_SIZE|UND_ERR_HEADERS_OVERFLOW)$/, 'answer too large'],
  [/^HPE_/, 'malformed HTTP'],
  [/^(UND_ERR_.*TIMEOUT|ABORT_ERR)$/, 'time-out'],
  [/^UND_ERR_(SOCKET|CLOSED|DESTROYED)$/, 'connection closed'],
]

/** The system's own names, those of libuv included. */
const errnoNames = new Set([
  ...Object.keys(constants.errno),
  ...[...getSystemErrorMap().values()].map(([name]) => name),
])

/**
 * The code that a Postgres gave its error. Names of the system, as `E2BIG`, have the same form. The protocol of Postgres
 * always sends a severity as well, and nothing else does: https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown }
  return typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(String(code)) ? String(code) : undefined
}

/** Everything that led to an error, the error itself first. */
function* causesOf(error: unknown): Generator<unknown> {
  for (let each = error; each !== undefined && each !== null; each = (each as Error).cause) {
    yield each
    if (each instanceof AggregateError) for (const one of each.errors) yield* causesOf(one)
  }
}

/** The kind of what Node threw, by the codes that it and its causes have; `other` where none tells. */
export function kindOf(error: unknown): string {
  for (const each of causesOf(error)) {
    if (each instanceof SyntaxError) return 'not JSON'
    if (each instanceof DOMException && each.name === 'TimeoutError') return 'time-out'
    const { code, kind } = each as { code?: unknown; kind?: unknown }
    if (typeof kind === 'string') return kind
    const sqlState = sqlStateOf(each)
    if (sqlState !== undefined) return `SQLSTATE ${sqlState}`
    if (typeof code !== 'string') continue
    const found = ofNode.find(([pattern]) => pattern.test(code))
    if (found) return found[1]
    if (errnoNames.has(code)) return code
  }
  return 'other'
}

/** What to do about whatever was thrown, by its kind; else `otherwise`. */
export const nextStepFor = (error: unknown, otherwise: string): string =>
  nextStepOf(kindOf(error)) ?? otherwise

/** Kinds of what is thrown where whoever was asked is gone, and nothing is known of the question. */
const lost = /^(ECONNREFUSED|ECONNRESET|EPIPE|connection closed|SQLSTATE (57P0[123]|08(?!P01)))/
/** node-postgres has no code for it. */
const lostInWords = /^(Connection terminated|Client has encountered a connection error)/

/** Whether a connection could not be had any more, or was ended in the midst of it: by its server's own word, or without one. */
export const isConnectionLost = (error: unknown): boolean =>
  lost.test(kindOf(error)) || lostInWords.test(messageOf(error))
