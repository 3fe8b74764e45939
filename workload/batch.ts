/**
 * Several keys asked at once. Such a side is one like any other: what its functions take for a key is a list of keys, and what
 * it says is a list of answers. The size is data.
 */
import type { AnyKey, HttpSide, Side, SqlSide } from './workload.ts'

/** A side, and how many keys each of its questions asks for at once; absent: one, and not as a list. */
export type Question<Of extends Side<AnyKey> = Side<AnyKey>> = Of & { size?: number }

/** What a side must say so that it can be asked for several keys at once. */
export const batchForm = {
  sql: "batch: { query: 'SELECT … unnest($1::int[]) …', parameters: (keys) => [keys.map((key) => …)] }",
  http: "batch: { path: '/batch', body: (keys) => keys, values: (answer) => answer.scores }",
} as const

/** The side cannot be asked for several keys at once. */
export class NoBatch extends Error {
  override name = 'NoBatch'
  readonly side: string
  /** What it must say. */
  readonly form: string

  constructor({ name, protocol }: Side<AnyKey>) {
    const form = batchForm[protocol]
    super(`${name} has no batch, so it cannot be asked for several keys at once; expected ${form}`)
    this.side = name
    this.form = form
  }
}

/** The value of a row that has but one; else the row, which is no answer. */
function only(row: Readonly<Record<string, unknown>>): unknown {
  const [value, ...others] = Object.values(row)
  return others.length === 0 ? value : row
}

function sqlBatch(side: SqlSide<AnyKey>): SqlSide<AnyKey> | undefined {
  const { batch, value, ...rest } = side
  if (!batch) return undefined
  const { query, parameters, values } = batch
  const read = value ? (row: Readonly<Record<string, unknown>>) => value([row]) : only
  return { ...rest, query, parameters, value: values ?? ((rows) => rows.map(read)) }
}

function httpBatch(side: HttpSide<AnyKey>): HttpSide<AnyKey> | undefined {
  const { batch, value, body, ...rest } = side
  if (!batch) return undefined
  const { values, ...own } = batch
  return { ...rest, ...own, ...(values && { value: values }) }
}

/** The side, asked for so many keys at once. @throws {NoBatch} */
export function batchOf(side: Side<AnyKey>, size: number): Question {
  const batch = side.protocol === 'sql' ? sqlBatch(side) : httpBatch(side)
  if (!batch) throw new NoBatch(side)
  return { ...batch, name: questionName(side.name, size), size }
}

/** Of a side that asks for so many keys at once. */
const questionName = (side: string, size: number) => `${side}-batch${size}`

/** Under which all that is sent for each key is kept. With a sign that no name of a side has, it is no other side's. */
export const setsName = (side: string, size?: number) => (size === undefined ? side : `${side}:batch${size}`)

/**
 * What is asked for at a place in the keys: the key there or, where `size` are asked at once, as many that begin there. After the
 * last key comes the first. So each key is asked for as often as the others, and all questions are known before the load.
 */
export const questionAt = (keys: readonly AnyKey[], at: number, size?: number): AnyKey =>
  size === undefined ? keys[at] : Array.from({ length: size }, (_, next) => keys[(at + next) % keys.length])
