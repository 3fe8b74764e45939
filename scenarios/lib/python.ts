/** One client of the service: keep-alive POSTs of the key as a JSON array, or as MessagePack. */
import post from 'k6/x/post'
import { patience } from '../../build/patience.ts'
import { type Ask, WrongAnswer } from './ask.ts'
import { keyAt, keyCount } from './keys.ts'
import { onlyFloat, packed } from './messagepack.ts'
import { certificates, serializer, url } from './settings.ts'

/** With a part of the way behind its path, before its query. */
function address(variable: string, part = ''): string {
  const given = url(variable, ['http://', 'https://'])
  const [, before = '', query = ''] = /^([^?]*)(.*)$/.exec(given) ?? []
  return `${before}${/^https?:\/\/[^/]+$/.test(before) ? '/' : ''}${part}${query}`
}

/** Checked in the init context, so that a wrong variable ends the test before it starts. */
export const checkPythonSettings = (variable = 'PYTHON_URL'): void => void [address(variable), serializer()]

interface Form {
  contentType: string
  answer: 'json' | 'binary'
  body: (key: number[]) => string | ArrayBuffer
  /** The prediction; undefined where the answer is anything but an array of one number. */
  prediction: (answer: unknown) => unknown
}

const json: Form = {
  contentType: 'application/json',
  answer: 'json',
  body: (key) => JSON.stringify(key),
  prediction: (answer) => (Array.isArray(answer) && answer.length === 1 ? answer[0] : undefined),
}

const messagePack: Form = {
  contentType: 'application/msgpack',
  answer: 'binary',
  body: packed,
  prediction: (answer) => onlyFloat(answer as ArrayBuffer),
}

/** All keys' bodies, written once a virtual user: what is measured is the service, not JSON.stringify in the client. */
let written: { form?: Form; bodies: (string | ArrayBuffer)[] } = { bodies: [] }

/**
 * @param variable name of the environment variable that holds the address
 * @param part of the way to a prediction, a path below that address; none: the prediction
 */
export function connectPython(variable = 'PYTHON_URL', part = ''): Ask {
  const form = serializer() === 'msgpack' ? messagePack : json
  if (form !== written.form)
    written = { form, bodies: Array.from({ length: keyCount }, (_, at) => form.body(keyAt(at))) }
  const { bodies } = written
  const service = post.open(address(variable, part), {
    headers: { 'Content-Type': form.contentType },
    answer: form.answer,
    timeout: `${patience}s`,
    ...(certificates() && { ca: certificates() }),
    // As the database's: scenarios have no other connections.
    wait: 'grouped',
    // The worker that answered: with keep-alive a connection stays with the one that accepted it.
    label: 'X-Worker',
  })
  const { post: send } = service
  const { prediction: read } = form
  const ask: Ask = (position) => {
    let answer: unknown
    try {
      answer = send(bodies[position] as string)
    } catch (error) {
      throw error instanceof SyntaxError
        ? new WrongAnswer(`expected JSON: ${error.message}`, 'not JSON')
        : error
    }
    const prediction = read(answer)
    // As Number.isFinite says, which costs a call out of the script.
    if (typeof prediction === 'number' && prediction - prediction === 0) return prediction
    throw new WrongAnswer(`expected an array of one number, got ${shown(answer)}`)
  }
  ask.label = service.label
  ask.close = service.close
  ask.replaced = service.replaced
  ask.isPrepared = () => true
  return ask
}

const shown = (answer: unknown) =>
  answer instanceof ArrayBuffer ? `${answer.byteLength} bytes` : JSON.stringify(answer).slice(0, 200)
