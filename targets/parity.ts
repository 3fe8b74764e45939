/** Before any load: the same keys are asked of both targets, and both must predict the same. */
import type { Client } from 'pg'
import { nextStepFor } from '../build/causes.ts'
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { sha256 } from '../build/fingerprint.ts'
import { patience } from '../build/patience.ts'
import type { Key } from '../datasets/flights.ts'
import { random } from '../gap/ratio.ts'
import { onlyFloat, packed } from '../scenarios/lib/messagepack.ts'
import type { HttpAddress } from './address/http.ts'
import type { PostgresAddress } from './address/postgres.ts'
import { bodyOf, described, HttpClient, NoAnswer, WrongAnswer } from './http.ts'
import { withClient } from './postgres/client.ts'
import { predictQuery } from './postgres/training.ts'

/** Most relative difference that still counts as the same prediction. */
export const tolerance = 1e-5

export interface Parity {
  keys: number
  /** Keys whose predictions agree to the last bit. */
  identical: number
  largestRelativeDifference: number
  /** SHA-256 of the predictions that Postgres gave, as 32-bit floats, in the order of the keys. */
  predictions: string
}

/** Relative to the larger of the two; 0 when both are 0. */
export function relativeDifference(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b))
}

/** `count` keys, evenly drawn without repeating while there are enough, else all of them. */
export function sample(keys: Key[], count: number, seed: number): Key[] {
  const next = random(seed)
  const left = [...keys]
  for (let at = 0; at < Math.min(count, left.length); at++) {
    const other = at + Math.floor(next() * (left.length - at))
    ;[left[at], left[other]] = [left[other] as Key, left[at] as Key]
  }
  return left.slice(0, count)
}

async function askPostgres(address: PostgresAddress, keys: Key[], signal?: AbortSignal): Promise<number[]> {
  const work = async (client: Client) => {
    const answers: number[] = []
    for (const key of keys) {
      const { rows } = await client.query<{ prediction: number }>({
        name: 'parity',
        text: predictQuery,
        values: [...key],
      })
      answers.push(rows[0]?.prediction ?? Number.NaN)
    }
    return answers
  }
  return withClient(address, work, { limit: patience, signal })
}

/** How a key is sent to the service: content type, and the body of a key. */
export interface Bodies {
  type: string
  of: (key: Key) => string | Uint8Array<ArrayBuffer>
}

export const bodiesOf = (serializer: string): Bodies =>
  serializer === 'msgpack'
    ? { type: 'application/msgpack', of: (key: Key) => new Uint8Array(packed(key)) }
    : { type: 'application/json', of: (key: Key) => JSON.stringify(key) }

async function askPythonOnce(
  client: HttpClient,
  address: HttpAddress,
  key: Key,
  serializer: string,
  signal?: AbortSignal,
): Promise<number> {
  const bodies = bodiesOf(serializer)
  const answer = await client.request({
    method: 'POST',
    headers: { 'content-type': bodies.type },
    body: bodies.of(key),
    signal,
  })
  // As k6 does: another status, a redirection among them, is no prediction.
  const { status, body } = answer
  const refuse = (kind: string, message: string) =>
    new WrongAnswer(kind, `key ${JSON.stringify(key)}: ${message}`)
  if (status !== 200) throw refuse(`HTTP ${status}`, described(answer, address))
  const isPacked = serializer === 'msgpack'
  const only = isPacked ? (onlyFloat(body.buffer as ArrayBuffer) ?? Number.NaN) : onlyNumber(body)
  if (only === undefined) throw refuse('not JSON', `expected JSON, got ${bodyOf(body, address)}`)
  if (Number.isFinite(only)) return only
  throw refuse(
    'wrong answer',
    `expected an array of one number, got ${isPacked ? `${body.length} bytes` : bodyOf(body, address)}`,
  )
}

/** NaN where it is another JSON than an array of one number, undefined where it is none. */
function onlyNumber(body: Uint8Array): number | undefined {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
  return Array.isArray(json) && json.length === 1 && typeof json[0] === 'number' ? json[0] : Number.NaN
}

/** A few at a time: one after the other would take most of the time before the load begins. */
async function askPython(
  address: HttpAddress,
  keys: Key[],
  serializer: string,
  signal?: AbortSignal,
): Promise<number[]> {
  const atOnce = 16
  const client = new HttpClient(address, atOnce)
  try {
    const answers: number[] = []
    for (let start = 0; start < keys.length; start += atOnce) {
      const some = keys.slice(start, start + atOnce)
      const asking = some.map((key) => askPythonOnce(client, address, key, serializer, signal))
      answers.push(...(await Promise.all(asking)))
    }
    return answers
  } finally {
    await client.close()
  }
}

const asked = async (target: string, work: Promise<number[]>, signal?: AbortSignal) =>
  work.catch((error) => {
    signal?.throwIfAborted()
    if (error instanceof CouldNotMeasure) throw error
    throw new CouldNotMeasure(
      `${target} did not answer: ${error instanceof NoAnswer ? error.reason : messageOf(error)}`,
      nextStepFor(error, 'Check its address and its log'),
    )
  })

/** What a service answers. @throws {CouldNotMeasure} naming what it did instead */
export const predictionsOf = (address: HttpAddress, keys: Key[], serializer = 'json', signal?: AbortSignal) =>
  asked(`the Python service at ${address}`, askPython(address, keys, serializer, signal), signal)

/** @throws {CouldNotMeasure} when a target does not answer, or showing the first keys on which they differ */
export async function checkParity(
  postgresUrl: PostgresAddress,
  pythonUrl: HttpAddress,
  keys: Key[],
  serializer = 'json',
  signal?: AbortSignal,
): Promise<Parity> {
  const postgres = await asked('Postgres', askPostgres(postgresUrl, keys, signal), signal)
  const python = await predictionsOf(pythonUrl, keys, serializer, signal)
  const pairs = keys.map((key, index) => {
    // Postgres sends float4 as its shortest decimal, the service as a double: both mean the same 32-bit float.
    const [a, b] = [Math.fround(postgres[index] as number), Math.fround(python[index] as number)]
    return { key, a, b, difference: relativeDifference(a, b) }
  })
  const different = pairs.filter(({ difference }) => !(difference <= tolerance))
  if (different.length > 0) {
    const lines = different
      .slice(0, 5)
      .map(({ key, a, b }) => `  key ${JSON.stringify(key)}: Postgres ${a}, Python ${b}`)
    throw new CouldNotMeasure(
      `The targets do not predict the same: ${different.length} of ${keys.length} keys differ by more than ${tolerance} (relative)\n${lines.join('\n')}`,
      'A comparison of different models would mean nothing. Train both from the same rows with the same hyperparameters; the embedded ones are trained anew once .cache/postgres and .cache/python-target are deleted',
    )
  }
  return {
    keys: keys.length,
    identical: pairs.filter(({ a, b }) => a === b).length,
    largestRelativeDifference: Math.max(0, ...pairs.map(({ difference }) => difference)),
    predictions: sha256(new Uint8Array(Float32Array.from(postgres).buffer)),
  }
}
