/** Asks a side from Node as the load will ask it: the same text, the same parameters, the same bytes, read by the same functions. */
import { type Client, DatabaseError } from 'pg'
import { sqlStateOf } from '../build/causes.ts'
import { messageOf } from '../build/failure.ts'
import { patience } from '../build/patience.ts'
import { queryText } from '../build/workload.ts'
import { fitting, fittingInWords, listed } from '../workload/answers.ts'
import type { Question } from '../workload/batch.ts'
import { headersOf, joined, methodOf, type Sent, sentOf, statusesOf } from '../workload/http.ts'
import { shortened } from '../workload/shortened.ts'
import type { Answer, AnswerKind, AnyKey, HttpSide, SqlSide, Variables } from '../workload/workload.ts'
import type { HttpAddress } from './address/http.ts'
import type { PostgresAddress } from './address/postgres.ts'
import { bodyOf, described, type HttpAnswer, HttpClient, WrongAnswer } from './http.ts'
import { withClient } from './postgres/client.ts'
import { setSession } from './postgres/session.ts'
import { type Threads, threadsOf } from './postgres/threads.ts'
import { Values } from './postgres/values.ts'
import { type RealAnswer, realHttpAnswer, realSqlAnswer } from './real-answer.ts'

export interface Reply {
  /** One, or as many as keys were asked at once. */
  answers: readonly Answer[]
  /** Of the request, as Node sees it: milliseconds. */
  ms: number
  /** What was sent, for people. */
  question: string
}

export interface Asker {
  /** @param key a list of keys where the side is asked for several at once */
  ask(key: AnyKey): Promise<Reply>
  /** What comes back, as it comes: nothing of it is read. */
  real(key: AnyKey): Promise<RealAnswer>
  /** What stays from one question to the next: a prepared statement, a connection. */
  kept(): Promise<string>
  /** By how many threads it answers one question; undefined where it has no setting for that. */
  threads(): Promise<Threads | undefined>
}

export interface Asked {
  answer: AnswerKind
  /** Of files that queries stand in. */
  texts: Readonly<Record<string, string>>
  variables: Variables
  signal?: AbortSignal | undefined
  /** Gets, by side, why it was asked once again. */
  askedAgain?: Map<string, string>
}

export type Address = PostgresAddress | HttpAddress

const inShort = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 200)

/** What a text that reads as a number lacks to be one. */
const noteOf = (answer: unknown, kind: AnswerKind) =>
  kind === 'number' && typeof answer === 'string' && answer.trim() !== '' && Number.isFinite(Number(answer))
    ? ', a text: make it a number, in SQL by a cast as score::float8, else by Number(…) in `value`'
    : ''

/** @param raw what the side itself said, where `answer` is what a function of the workload made of it */
function checked(
  answer: unknown,
  kind: AnswerKind,
  raw: () => string,
  size: number | undefined,
): readonly Answer[] {
  if (fitting(kind, size)(answer)) return listed(answer as Answer, size)
  throw new WrongAnswer(
    'wrong answer',
    `expected ${fittingInWords(kind, size)}, got ${inShort(answer)}${raw()}${noteOf(answer, kind)}`,
  )
}

/** What a function of the workload throws is the workload's fault, not the side's. */
function own<T>(what: string, work: () => T, given: () => string = () => ''): T {
  try {
    return work()
  } catch (error) {
    throw new WrongAnswer('wrong answer', `its ${what} throws: ${messageOf(error)}${given()}`)
  }
}

/** What Postgres says of a query, with its code, the place in the text and the parameters. */
function refusedBy(error: unknown, text: string, values: readonly unknown[]): unknown {
  if (!(error instanceof DatabaseError)) return error
  const { message, position } = error
  const sqlState = sqlStateOf(error)
  const before = text.slice(0, Number(position) - 1).split('\n')
  const from = text.slice(Number(position) - 1).split('\n')[0] ?? ''
  const place = position
    ? `, in line ${before.length}, column ${(before.at(-1) ?? '').length + 1} of its query: ${shortened(from, 40)}`
    : ''
  const told = `${sqlState ? `SQLSTATE ${sqlState}: ` : ''}${message}${place}; its parameters are ${inShort(values)}`
  return new Error(told, { cause: error })
}

/** A fault inside the server, no fault of the question. */
const internalError = 'XX000'

/**
 * The first question of a connection is asked once more where the server stumbles over it: PostgresML does over the first
 * prediction after its start. Any other failure stands, and so does the second.
 */
function patientWithFirst(side: string, askedAgain?: Map<string, string>) {
  let isFirst = true
  return async <T>(ask: () => Promise<T>): Promise<T> => {
    const mayFail = isFirst
    isFirst = false
    try {
      return await ask()
    } catch (error) {
      if (!mayFail || !(error instanceof DatabaseError) || error.code !== internalError) throw error
      askedAgain?.set(
        side,
        `its first question failed inside the server and was asked once again (SQLSTATE ${error.code}: ${error.message})`,
      )
      return ask()
    }
  }
}

/** How rows are no answer by themselves. */
function formOf(rows: readonly object[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const form = rows.length === 1 ? `one row of ${columns.length} columns` : `${rows.length || 'no'} rows`
  return ` (${form}; expected one row of one value, or a value: (rows) => … in the side)`
}

function sqlAsker(side: Question<SqlSide<AnyKey>>, client: Client, asked: Asked): Asker {
  const { answer, texts } = asked
  const text = queryText(side.query, texts)
  const valuesOf = (key: AnyKey) => own('parameters', () => [...side.parameters(key)])
  const answered = new Values(client)
  const patiently = patientWithFirst(side.name, asked.askedAgain)
  return {
    real: async (key) => realSqlAnswer(client, text, await answered.parameters(text, valuesOf(key))),
    async ask(key) {
      const values = valuesOf(key)
      const { rows, ms } = await patiently(() =>
        answered.rows({ name: 'inference-gap', text, values }),
      ).catch((error) => {
        throw refusedBy(error, text, values)
      })
      const { value } = side
      const found = value
        ? own(
            'value',
            () => value(rows),
            () => ` from the rows ${inShort(rows)}`,
          )
        : rows.length === 1 && Object.keys(rows[0] ?? {}).length === 1
          ? Object.values(rows[0] ?? {})[0]
          : rows
      return {
        answers: checked(
          found,
          answer,
          () => (value ? ` from the rows ${inShort(rows)}` : found === rows ? formOf(rows) : ''),
          side.size,
        ),
        ms,
        question: JSON.stringify(values),
      }
    },
    async kept() {
      const { rows } = await client.query<{ count: string }>(
        'SELECT count(*) FROM pg_prepared_statements WHERE statement = $1',
        [text],
      )
      return Number(rows[0]?.count) > 0 ? 'statement prepared' : 'statement not prepared'
    },
    threads: () => threadsOf(client),
  }
}

const typeOf = ({ headers }: HttpAnswer) => {
  const type = headers['content-type']
  return type ? ` (${type})` : ''
}

/** What comes from variables is secret, and a service may repeat what it was sent. */
const secretsOf = ({ headers = {} }: HttpSide<AnyKey>, variables: Variables): string[] =>
  Object.values(headers).flatMap((given) =>
    typeof given === 'object' ? (variables[given.variable] ?? []) : [],
  )

function httpAsker(
  side: Question<HttpSide<AnyKey>>,
  to: HttpAddress,
  client: HttpClient,
  asked: Asked,
): Asker {
  const headers = headersOf(side, asked.variables)
  const address = to.hiding(secretsOf(side, asked.variables))
  const method = methodOf(side)
  const decode = {
    json: (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body)) as unknown,
    text: (body: Uint8Array) => new TextDecoder().decode(body) as unknown,
    bytes: (body: Uint8Array) => body.slice().buffer as unknown,
  }[side.answerAs ?? 'json']
  let isKept: boolean | undefined
  const sentFor = (key: AnyKey) => own('path or body', () => sentOf(side, key))
  const questionOf = ({ path, body }: Sent) =>
    [path, typeof body === 'string' ? body : body ? `${body.byteLength} bytes` : ''].filter(Boolean).join(' ')
  const inWords = (one: Sent) => shortened(`${method} ${questionOf(one)}`.trim(), 120)
  const send = async (one: Sent) => {
    const { path, body } = one
    const given = await client.request({
      method,
      headers,
      path: joined(address.origin + address.target, path),
      ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
      signal: asked.signal,
    })
    if (!statusesOf(side).includes(given.status))
      throw new WrongAnswer(`HTTP ${given.status}`, `${described(given, address)}; sent was ${inWords(one)}`)
    return given
  }
  return {
    real: async (key) => realHttpAnswer(await send(sentFor(key))),
    async ask(key) {
      const one = sentFor(key)
      const began = performance.now()
      const given = await send(one)
      const ms = performance.now() - began
      isKept = String(given.headers.connection ?? '').toLowerCase() !== 'close'
      let read: unknown
      try {
        read = decode(given.body)
      } catch {
        throw new WrongAnswer(
          'not JSON',
          `expected JSON, got ${bodyOf(given.body, address)}${typeOf(given)}; sent was ${inWords(one)}`,
        )
      }
      const { value } = side
      const raw = () => ` from ${bodyOf(given.body, address)}`
      const found = value ? own('value', () => (value as (body: unknown) => unknown)(read), raw) : read
      return {
        answers: checked(found, asked.answer, () => (value ? raw() : ''), side.size),
        ms,
        question: questionOf(one),
      }
    },
    kept: async () => (isKept ? 'connection kept' : 'connection closed by the service after each answer'),
    threads: async () => undefined,
  }
}

/** Runs `work` with a connection to the side, or several at once where it speaks HTTP; closed afterwards. */
export async function withAsker<T>(
  side: Question,
  address: Address,
  asked: Asked,
  work: (asker: Asker) => Promise<T>,
  connections = 1,
): Promise<T> {
  if (side.protocol === 'sql')
    return withClient(
      address as PostgresAddress,
      async (client) => {
        await setSession(client, side.settings)
        return work(sqlAsker(side, client, asked))
      },
      { limit: patience, signal: asked.signal },
    )
  const client = new HttpClient(address as HttpAddress, connections)
  try {
    return await work(httpAsker(side, address as HttpAddress, client, asked))
  } finally {
    await client.close()
  }
}
