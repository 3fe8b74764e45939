/** What an HTTP side sends for a key, worked out before the load and by k6 and Node alike. */
import type { AnyKey, BodyForm, HttpSide, Method, Variables } from './workload.ts'

/** Of one key: the path behind the address and the body; absent: none. */
export interface Sent {
  path?: string
  body?: string | ArrayBuffer
}

const contentType: Record<BodyForm, string> = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  form: 'application/x-www-form-urlencoded',
  bytes: 'application/octet-stream',
}

/** Whether it can be the value of a header: a line break would begin another one (RFC 9110, 5.5). */
export const isHeaderValue = (text: string) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)

/** Of a number that was made of nothing the text would pass for a value. */
export const isNoValue = (value: unknown) => value === undefined || Number.isNaN(value)

/** JSON has no such numbers, and nothing to put where a list has no value: null in their place would be another question. */
function onlyNumbers(this: unknown, name: string, value: unknown): unknown {
  const isLost =
    typeof value === 'number' ? !Number.isFinite(value) : value === undefined && Array.isArray(this)
  if (isLost) throw new TypeError(`its body has ${value}${name && ` as ${name}`}, which JSON cannot hold`)
  return value
}

/** A space is a plus in a form, as HTML has it. */
const encoded = (text: unknown) => encodeURIComponent(String(text)).replaceAll('%20', '+')

/** A name without a value is left out of JSON; where all are, none of the names that were read of the key is one of its own. */
function refuseEmpty(given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return
  const [first] = Object.keys(given)
  if (first !== undefined && Object.values(given).every((value) => value === undefined))
    throw new TypeError(`its body has undefined as ${first}, and no other value; expected one`)
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer

/** @throws {TypeError} naming what cannot be sent so */
function written(given: unknown, form: BodyForm): string | ArrayBuffer {
  if (form === 'json') {
    refuseEmpty(given)
    const text = JSON.stringify(given, onlyNumbers)
    if (text !== undefined) return text
  }
  if (form === 'text' && typeof given === 'string') return given
  if (form === 'form' && typeof given === 'object' && given !== null && !Array.isArray(given)) {
    const nothing = Object.entries(given).find(([, value]) => isNoValue(value))
    if (nothing) throw new TypeError(`its body has ${nothing[1]} as ${nothing[0]}; expected a value`)
    return Object.entries(given)
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .join('&')
  }
  if (form === 'bytes') {
    if (given instanceof ArrayBuffer) return given
    if (given instanceof Uint8Array) return bufferOf(given)
  }
  throw new TypeError(
    `its body is ${typeof given}; expected what bodyAs: '${form}' can send: ${expected[form]}`,
  )
}

const expected: Record<BodyForm, string> = {
  json: 'anything that JSON.stringify takes',
  text: 'a text',
  form: 'an object of names and values',
  bytes: 'an ArrayBuffer or a Uint8Array',
}

/** @throws {TypeError} where a path or a body is of a kind that cannot be sent, and whatever the workload's functions throw */
export function sentOf({ path, body, bodyAs = 'json' }: HttpSide<AnyKey>, key: AnyKey): Sent {
  const to: unknown = typeof path === 'function' ? path(key) : path
  if (to !== undefined && typeof to !== 'string')
    throw new TypeError(`its path is ${JSON.stringify(to)}; expected a text`)
  return {
    ...(to !== undefined && { path: to }),
    ...(body && { body: written(body(key), bodyAs) }),
  }
}

export const methodOf = ({ method, body }: HttpSide<AnyKey>): Method => method ?? (body ? 'POST' : 'GET')

/**
 * Headers of each request; those of the workload go before that of the body's form.
 * @throws {Error} naming a variable that is not set
 */
export function headersOf(
  { headers = {}, body, bodyAs = 'json' }: HttpSide<AnyKey>,
  variables: Variables,
): Record<string, string> {
  const own = Object.entries(headers).map(([name, given]): [string, string] => {
    if (typeof given === 'string') return [name, given]
    const value = variables[given.variable]
    if (!value) throw new Error(`${given.variable}: is not set; expected the value of the header ${name}`)
    return [name, (given.prefix ?? '') + value]
  })
  const hasType = own.some(([name]) => name.toLowerCase() === 'content-type')
  return Object.fromEntries(body && !hasType ? [['Content-Type', contentType[bodyAs]], ...own] : own)
}

/** Status codes that count as answers. */
export const statusesOf = ({ statuses = [200] }: HttpSide<AnyKey>): readonly number[] => statuses

/**
 * A path put behind an address: with one slash between them; a query of the address stays, before that of the path.
 * Absent or empty: the address itself, as k6's half has it (extension-sql/request).
 */
export function joined(address: string, path: string | undefined): string {
  if (!path) return address
  const [before = '', query] = halves(address)
  const [own = '', more = ''] = halves(path)
  return `${before.replace(/\/+$/, '')}/${own.replace(/^\/+/, '')}${query && more ? `${query}&${more.slice(1)}` : query || more}`
}

/** What stands before the question mark, and the rest with it. */
function halves(text: string): [string, string] {
  const at = text.indexOf('?')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}
