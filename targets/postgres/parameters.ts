/** Parameters as the driver of k6 writes them (extension-sql/README.md), so that Node asks what k6 asks. */
import { randomUUID } from 'node:crypto'
import { isAnyArrayBuffer, isDate, isTypedArray, isUint8Array } from 'node:util/types'
import { type Client, type Connection, Query } from 'pg'
import { timeOf } from './timestamp.ts'

/** A type as far as it decides how a list is written. */
export interface Kind {
  isJSON: boolean
  /** Absent: it is no array. */
  element?: Kind | undefined
  /** Between the elements; a blank: there are no braces either (int2vector, oidvector). */
  delimiter: string
}

/** An array, or a typed one; but bytes are a value. */
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (isTypedArray(value) && !isUint8Array(value))

/** In a text, where a bigint stands. */
const mark = randomUUID()
const marked = new RegExp(`"${mark}(-?\\d+)"`, 'g')

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return `${mark}${each}`
    if (isAnyArrayBuffer(each)) return [...new Uint8Array(each)]
    return isTypedArray(each) ? Array.from<unknown>(each) : each
  })
  return text.replace(marked, '$1')
}

const hexOf = (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}`

/** @param of the parameter's type: only lists ask for it */
export function written(value: unknown, of: Kind): string | null {
  if (value === null || value === undefined) return null
  if (isList(value)) return of.isJSON ? jsonOf(value) : writtenList(value, of)
  if (isDate(value)) return timeOf(value)
  if (isUint8Array(value)) return hexOf(value)
  if (isAnyArrayBuffer(value)) return hexOf(new Uint8Array(value))
  return typeof value === 'object' ? jsonOf(value) : String(value)
}

const unknownKind: Kind = { isJSON: false, delimiter: ',' }

function writtenList(list: ArrayLike<unknown>, of: Kind): string {
  const { element = unknownKind, delimiter } = of
  const items = Array.from(list, (item) => {
    // A list in a list is a dimension of it, but where the elements are arrays themselves (of a domain, say). A vector has none.
    if (isList(item) && !element.element) return writtenList(item, delimiter === ' ' ? unknownKind : of)
    const text = written(item, element)
    if (text === null) return 'NULL'
    return delimiter === ' ' ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`
  })
  return delimiter === ' ' ? items.join(' ') : `{${items.join(delimiter)}}`
}

/** Asks a server for the types of a text's parameters: node-postgres asks for those of the columns alone. */
export const parameterTypes = (client: Client, text: string) =>
  new Promise<readonly number[]>((resolve, reject) => {
    let types: readonly number[] = []
    let from: Connection | undefined
    const told = ({ dataTypeIDs }: { dataTypeIDs: readonly number[] }) => {
      types = dataTypeIDs
    }
    const query = new Query(text, (error) => {
      from?.off('parameterDescription', told)
      if (error) reject(error)
      else resolve(types)
    })
    query.submit = (connection) => {
      from = connection.once('parameterDescription', told)
      connection.parse({ name: '', text, types: [] }, true)
      connection.describe({ type: 'S', name: '' }, true)
      connection.sync()
    }
    client.query(query)
  })
