/**
 * What is asked, and of whom: plain data with a few small functions. k6 and Node read the same file, so it imports nothing of
 * either, and nothing from here but these types and the three functions that only lend them to a literal.
 */

/** Something in a value that is not as it must be. */
export interface Misfit {
  /** Names and positions, from the whole to the part. */
  path: PropertyKey[]
  value: unknown
  /** As a sentence goes on: "expected a whole number". */
  expected: string
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** What a side says to a question: a number, several, a text or a truth value, as {@link Workload.answer} declares. */
export type Answer = number | readonly number[] | string | boolean

/** A query's parameter, as `sql.d.ts` describes it; `undefined` is NULL. */
export type Parameter =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Date
  | Uint8Array
  | readonly Parameter[]
  | { readonly [name: string]: unknown }

/** How a query is sent, in pgbench's words. */
export const queryModes = ['simple', 'extended', 'prepared'] as const
export type QueryMode = (typeof queryModes)[number]

/**
 * predict: answers the question, and is compared. null: answers without doing anything, which shows what the client costs.
 * part: goes a part of the way to the answer.
 */
export const roles = ['predict', 'null', 'part'] as const
export type Role = (typeof roles)[number]

interface AnySide {
  /** Of your choice, unique: letters, digits, `-`, `_`; stands in reports, tags and thresholds.json. */
  name: string
  /** Name of the environment variable that holds its address. Never the address: files are shared, secrets are not. */
  address: string
  /** Absent: predict. */
  role?: Role
  /** Of a null operation or a part: the name of the side that it belongs to. */
  of?: string
  /** Of a part: what is done up to there, in the words of the report. */
  until?: string
  /** Only where the targets are those that this project starts itself. */
  embedded?: boolean
}

/** Several keys asked at once, in one statement on the side's connection. */
export interface SqlBatch<Key = Json> {
  /** As {@link SqlSide.query}. */
  query: string | { file: string }
  /** `$1` first. Called before the load, once for each place in the keys: with as many as are asked at once, from there on. */
  parameters: (keys: readonly Key[]) => readonly Parameter[]
  /**
   * The answers from the rows, as many as keys and in their order; called for each request. Absent: each row is the answer to
   * one key, read as the side reads that of a single key.
   */
  values?: (rows: readonly Readonly<Record<string, unknown>>[]) => unknown
}

/** A statement on a connection of its own. */
export interface SqlSide<Key = Json> extends AnySide {
  protocol: 'sql'
  /** The text, or a file beside the workload: `{ file: './predict.sql' }`. Parameters are `$1`, `$2`, … */
  query: string | { file: string }
  /** `$1` first; as many for each key. Called once for each key before the load. */
  parameters: (key: Key) => readonly Parameter[]
  /** Absent: what the run says, which is prepared where nothing is said. */
  mode?: QueryMode
  /** Settings of the session, as SET takes them. */
  settings?: Readonly<Record<string, string>>
  /**
   * The answer from the rows; called for each request. Absent: the one value of the one row, which costs the client least.
   * Anything but an answer of the declared kind counts as a wrong answer.
   */
  value?: (rows: readonly Readonly<Record<string, unknown>>[]) => unknown
  /** How several keys are asked at once; absent: they cannot be. */
  batch?: SqlBatch<Key>
}

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof methods)[number]

/** How a body is written: `json` by JSON.stringify, `form` as a query string, the two others as they are. */
export const bodyForms = ['json', 'text', 'form', 'bytes'] as const
export type BodyForm = (typeof bodyForms)[number]

export const answerForms = ['json', 'text', 'bytes'] as const
export type AnswerForm = (typeof answerForms)[number]

/** Several keys asked at once, in one request on the side's connection. What it does not say is as the side has it. */
export interface HttpBatch<Key = Json> {
  method?: Method
  /** Absent: the side's, which must then be the same for all keys. Called as `body`. */
  path?: string | ((keys: readonly Key[]) => string)
  /** Called before the load, once for each place in the keys: with as many as are asked at once, from there on. */
  body?: (keys: readonly Key[]) => unknown
  bodyAs?: BodyForm
  answerAs?: AnswerForm
  /** The answers from the body, as many as keys and in their order; called for each request. Absent: the body itself. */
  values?: (body: never) => unknown
}

/** A request on a connection that is kept. */
export interface HttpSide<Key = Json> extends AnySide {
  protocol: 'http'
  /** Absent: POST where there is a body, else GET. */
  method?: Method
  /** Put behind the address; absent: nothing. Called once for each key before the load. */
  path?: string | ((key: Key) => string)
  /** A secret one comes from an environment variable: `{ variable: 'API_TOKEN' }`, perhaps with a `prefix`. */
  headers?: Readonly<Record<string, string | { variable: string; prefix?: string }>>
  /** What is sent; called once for each key before the load. */
  body?: (key: Key) => unknown
  /** Absent: json. */
  bodyAs?: BodyForm
  /** How the answer's body is given to `value`; absent: json. */
  answerAs?: AnswerForm
  /** The answer from the body; called for each request. Absent: the body itself. */
  value?: (body: never) => unknown
  /** Status codes that count as answers; absent: 200. */
  statuses?: readonly number[]
  /** How several keys are asked at once; absent: they cannot be. */
  batch?: HttpBatch<Key>
  /** An answer's header that names the worker that gave it: shows how evenly workers share the load. */
  worker?: string
  /** A path behind the address where the service tells of itself: `{ versions: { … }, workers, threads }`. */
  about?: string
}

export type Side<Key = Json> = SqlSide<Key> | HttpSide<Key>

export const keyFormats = ['csv', 'jsonl', 'json', 'parquet'] as const
export type KeyFormat = (typeof keyFormats)[number]

/** A file beside the workload, or a query that is asked once of a side before anything else. Each row, or element, is a key. */
export type Keys =
  | string
  | { file: string; format?: KeyFormat }
  | { sql: string | { file: string }; of: string }

/** Evenly; one after the other; or by Zipf's law, the first key the most often: `{ zipf: 1.1 }`. */
export type Draw = 'even' | 'in order' | { zipf: number }

export const answerKinds = ['number', 'numbers', 'text', 'truth'] as const
export type AnswerKind = (typeof answerKinds)[number]

/**
 * When two answers to the same key are the same: `equal`; within a tolerance, relative to the larger of the two; as a function says;
 * or `false` where they cannot be compared.
 */
export type Compare = 'equal' | { tolerance: number } | ((a: never, b: never) => boolean) | false

/** Figures of somebody else's, shown beside those of a run. */
export interface Published {
  /** Where they stand. */
  source: string
  /** Number of clients that they are of. */
  clients: number
  /** By the side's name. */
  sides: Readonly<Record<string, { tps?: number; meanMs?: number }>>
  /** Answers a second by number of clients and side, where more than one number was published. */
  curve?: {
    clients: number
    tps: Readonly<Record<string, number>>
    /** What lay between clients and database; absent: nothing. */
    between?: string
  }[]
  /** Of the first side against the last. */
  gap?: { tps?: number; mean?: number; trainingMemory?: number }
  /** Requests a second of the first and of the last side, each on a host of its own, from the fewest clients to the most. */
  acrossHosts?: readonly (readonly [first: number, last: number])[]
}

export interface Workload<Key = Json> {
  /** Letters, digits, `-`, `_`: names the folder of its bundles. */
  name: string
  keys: Keys
  /** What in the keys does not fit, the first few: where, the value and what was expected. Absent: nothing is looked at. */
  misfits?: (keys: readonly unknown[]) => Misfit[]
  /** Absent: even. */
  draw?: Draw
  /** Absent: number. */
  answer?: AnswerKind
  /** Absent: for numbers a tolerance of 1e-5, equal for all else. */
  compare?: Compare
  /** What takes turns; the last is what the others are compared with. */
  sides: readonly Side<Key>[]
  /** What is asked a little beside them: parts of the way, other ways to the answer. Null operations need not be declared. */
  beside?: readonly Side<Key>[]
  /** The expected gaps, a file beside the workload; absent: thresholds.json beside it, where there is one. */
  thresholds?: string
  published?: Published
}

/** Environment variables, for what a workload leaves open. */
export type Variables = Readonly<Record<string, string | undefined>>

/** A workload, or what makes one from environment variables. */
export type Given<Key = Json> = Workload<Key> | ((variables: Variables) => Workload<Key>)

// biome-ignore lint/suspicious/noExplicitAny: a workload's keys are what its own functions take
export type AnyKey = any

/** Says what a workload is, for editors and `tsc`; the value is the literal itself. */
export const workload = <Key = AnyKey>(given: Given<Key>): Given<Key> => given
export const sql = <Key = AnyKey>(side: Omit<SqlSide<Key>, 'protocol'>): SqlSide<Key> => ({
  ...side,
  protocol: 'sql',
})
export const http = <Key = AnyKey>(side: Omit<HttpSide<Key>, 'protocol'>): HttpSide<Key> => ({
  ...side,
  protocol: 'http',
})
