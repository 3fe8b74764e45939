/** One client of the service: keep-alive POSTs of the key as a JSON array, or as MessagePack. */
import http, { type RefinedResponse } from 'k6/http'
import { type Ask, WrongAnswer } from './ask.ts'
import { count } from './count.ts'
import { keyAt, keyCount } from './keys.ts'
import { onlyFloat, packed } from './messagepack.ts'
import { serializer, url } from './settings.ts'

const address = (variable: string) => {
  const given = url(variable, ['http://', 'https://'])
  return /^https?:\/\/[^/]+$/.test(given) ? `${given}/` : given
}

/** Checked in the init context, so that a wrong variable ends the test before it starts. */
export const checkPythonSettings = (variable = 'PYTHON_URL'): void => void [address(variable), serializer()]

/** Connections opened to the service; far fewer than requests as long as keep-alive holds. */
export const connections = count('python_connections')

interface Form {
  params: { headers: Record<string, string>; responseType: 'text' | 'binary' }
  body: (key: number[]) => string | ArrayBuffer
  /** The prediction; undefined where the body is anything but an array of one number. */
  prediction: (body: unknown) => number | undefined
}

const json: Form = {
  params: { headers: { 'Content-Type': 'application/json' }, responseType: 'text' },
  body: (key) => JSON.stringify(key),
  prediction: (body) => {
    let answer: unknown
    try {
      answer = JSON.parse(body as string)
    } catch {}
    return Array.isArray(answer) && answer.length === 1 ? answer[0] : undefined
  },
}

const messagePack: Form = {
  params: { headers: { 'Content-Type': 'application/msgpack' }, responseType: 'binary' },
  body: packed,
  prediction: (body) => onlyFloat(body as ArrayBuffer),
}

/** All keys' bodies, written once a virtual user: what is measured is the service, not JSON.stringify in the client. */
let written: { form?: Form; bodies: (string | ArrayBuffer)[] } = { bodies: [] }

/**
 * @param variable name of the environment variable that holds the address
 * @param part of the way to a prediction, a path below that address; none: the prediction
 */
export function connectPython(variable = 'PYTHON_URL', part = ''): Ask {
  const to = address(variable) + part
  const form = serializer() === 'msgpack' ? messagePack : json
  const isTarget = variable === 'PYTHON_URL'
  if (form !== written.form)
    written = { form, bodies: Array.from({ length: keyCount }, (_, at) => form.body(keyAt(at))) }
  const { bodies } = written
  let last: RefinedResponse<'text' | 'binary'> | undefined
  const ask: Ask = (position) => {
    const answer = http.post(to, bodies[position] as string, form.params)
    last = answer
    if (isTarget && answer.timings.connecting > 0) connections.add()
    if (answer.status !== 200) throw new Error(answer.error || `HTTP ${answer.status}: ${shown(answer.body)}`)
    const prediction = form.prediction(answer.body)
    if (Number.isFinite(prediction)) return prediction as number
    throw new WrongAnswer(`expected an array of one number, got ${shown(answer.body)}`)
  }
  // The worker that answered: with keep-alive a connection stays with the one that accepted it.
  ask.label = () => last?.headers['X-Worker']
  ask.close = () => {}
  ask.isPrepared = () => true
  return ask
}

const shown = (body: string | ArrayBuffer | null) =>
  typeof body === 'string' ? body.slice(0, 200) : `${body?.byteLength ?? 0} bytes`
