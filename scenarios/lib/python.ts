/** One client of the service: keep-alive POSTs of the key as a JSON array. */
import http, { type RefinedResponse } from 'k6/http'
import { Counter } from 'k6/metrics'
import { type Ask, WrongAnswer } from './ask.ts'
import { keys } from './keys.ts'
import { url } from './settings.ts'

const address = () => {
  const given = url('PYTHON_URL', ['http://', 'https://'])
  return /^https?:\/\/[^/]+$/.test(given) ? `${given}/` : given
}

/** Checked in the init context, so that a wrong variable ends the test before it starts. */
export const checkPythonSettings = (): void => void address()

const params = { headers: { 'Content-Type': 'application/json' } }

/** Connections opened to the service; far fewer than requests as long as keep-alive holds. */
const connections = new Counter('python_connections')

export function connectPython(): Ask {
  const to = address()
  // Written once: what is measured is the service, not JSON.stringify in the client.
  const bodies = keys.map((key) => JSON.stringify(key))
  let last: RefinedResponse<'text'> | undefined
  const ask: Ask = (position) => {
    const answer = http.post(to, bodies[position] as string, params) as RefinedResponse<'text'>
    last = answer
    if (answer.timings.connecting > 0) connections.add(1)
    if (answer.status !== 200) throw new Error(answer.error || `HTTP ${answer.status}: ${answer.body}`)
    return onlyNumber(answer.body)
  }
  // The worker that answered: with keep-alive a connection stays with the one that accepted it.
  ask.label = () => last?.headers['X-Worker']
  ask.close = () => {}
  ask.isPrepared = () => true
  return ask
}

function onlyNumber(body: string): number {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {}
  if (Array.isArray(answer) && answer.length === 1 && Number.isFinite(answer[0])) return answer[0]
  throw new WrongAnswer(`expected a JSON array of one number, got ${body.slice(0, 200)}`)
}
