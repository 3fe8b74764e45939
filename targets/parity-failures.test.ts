import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import { http } from '../workload/workload.ts'
import { httpAddress } from './address/http.ts'
import { answersOf } from './parity.ts'

const side = http({
  name: 'service',
  address: 'SERVICE_URL',
  body: (key) => key,
  value: (answer: unknown) => (Array.isArray(answer) && answer.length === 1 ? answer[0] : undefined),
})

/** What the parity check says of a service. */
async function said(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = httpAddress(`http://u:canary@127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const asked = { answer: 'number' as const, texts: {}, variables: {} }
    const failed = await answersOf({ side, address }, [[1, 2013, 1, 1]], asked).catch(
      (error: unknown) => error,
    )
    expect(failed).toBeInstanceOf(CouldNotMeasure)
    return (failed as CouldNotMeasure).text
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const answering =
  (status: number, body: string, headers = {}): RequestListener =>
  (_, answer) =>
    void answer.writeHead(status, headers).end(body)

test.each<[string, RequestListener, string[]]>([
  [
    'a redirection is followed no more than by k6',
    answering(302, '', { location: '/login?token=canary' }),
    ['HTTP 302, a redirection to', 'No redirection is followed, by either half'],
  ],
  ['a status', answering(503, 'overloaded'), ['HTTP 503 overloaded', 'out of workers']],
  ['no JSON', answering(200, '<html>'), ['expected JSON, got <html>', 'its answer must be JSON']],
  [
    'another answer',
    answering(200, '[1,2]'),
    ['expected a finite number, got undefined from [1,2]', 'Ask the same by hand'],
  ],
  [
    'an answer of another form',
    answering(200, '{"a":1}'),
    ['expected a finite number, got undefined from {"a":1}'],
  ],
  [
    'no answer',
    (question) => void question.socket.destroy(),
    ['broke before the answer was complete', 'see its log'],
  ],
])('%s is named with the next step', async (_, listener, expected) => {
  const text = await said(listener)
  for (const part of ['service at http://***@127.0.0.1:', 'does not answer as it should: ', ...expected])
    expect(text).toContain(part)
  expect(text).not.toContain('canary')
})
