/** Several keys asked at once from Node. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { batchOf } from '../workload/batch.ts'
import { http } from '../workload/workload.ts'
import { httpAddress } from './address/http.ts'
import type { Asked } from './asker.ts'
import { type AskedSide, answersOf } from './parity.ts'

let server: Server | undefined
afterEach(async () => {
  await new Promise((done) => (server ? server.close(done) : done(undefined)))
  server = undefined
})

/** A side that is asked for two keys at once. @param answer to the path and the body */
async function several(answer: (path: string | undefined, body: string) => string): Promise<AskedSide> {
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    response.end(answer(request.url, String(body)))
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  return {
    side: batchOf(
      http<number>({
        ...{ name: 'service', address: 'SERVICE_URL', path: 'one', body: (key) => key },
        batch: {
          path: 'many',
          body: (keys) => keys,
          values: (answer: { scores: unknown }) => answer.scores,
        },
      }),
      2,
    ),
    address: httpAddress(`http://127.0.0.1:${(server?.address() as AddressInfo).port}/`),
  }
}

const asked: Asked = { answer: 'number', texts: {}, variables: {} }

test('several keys asked at once are answered one by one, in their order', async () => {
  const seen: string[] = []
  const side = await several((path, body) => {
    seen.push(`${path} ${body}`)
    return JSON.stringify({ scores: (JSON.parse(body) as number[]).map((key) => key / 2) })
  })
  const questions = [
    [1, 2],
    [3, 4],
  ]
  expect(await answersOf(side, questions, asked)).toEqual([0.5, 1, 1.5, 2])
  expect(seen.sort()).toEqual(['/many [1,2]', '/many [3,4]'])
})

test.each([
  '{"scores":[1]}',
  '{"scores":[1,2,3]}',
  '{"scores":[1,"2"]}',
  '{"scores":1.5}',
  '{}',
])('%s is no answer to two keys', async (answer) => {
  const side = await several(() => answer)
  await expect(answersOf(side, [[1, 2]], asked)).rejects.toThrow('expected a list of 2, each a finite number')
})
