import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Compare, http } from '../workload/workload.ts'
import { httpAddress } from './address/http.ts'
import type { Asked } from './asker.ts'
import { atKey, checkParity, differences, refusedBy } from './parity.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A side that has an answer for each key, which is its place. */
async function answering(name: string, answers: unknown[]) {
  const server = createServer(async (question, answer) => {
    const body = Buffer.concat(await question.toArray()).toString()
    // A connection that was closed before its question was read whole asks for nothing.
    if (body === '') return void question.destroy()
    answer.end(JSON.stringify([answers[JSON.parse(body) as number]]))
  })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const side = http({
    ...{ name, address: 'SERVICE_URL', body: (key: number) => key },
    value: ([value]: unknown[]) => value,
  })
  return { side, address: httpAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`) }
}

async function parityOf(answer: Asked['answer'], compare: Exclude<Compare, false>, ...all: unknown[][]) {
  const sides = await Promise.all(all.map((answers, at) => answering(`side-${at}`, answers)))
  const keys = (all[0] as unknown[]).map((_, at) => at)
  return checkParity(sides as Parameters<typeof checkParity>[0], keys, compare, {
    ...{ answer, texts: {}, variables: {} },
  })
}

test('keys and answers of any length take one line', () => {
  expect(atKey('x'.repeat(300), new Error('no')).message).toBe(`key "${'x'.repeat(199)}: no`)
  const [a, b] = ['y'.repeat(100), 'z'.repeat(100)]
  expect(differences(['k'.repeat(200)], ['a', [a]], ['b', [b]], 'equal')).toEqual([
    `  key "${'k'.repeat(99)}: a "${'y'.repeat(59)}, b "${'z'.repeat(59)}`,
  ])
})

test('where nothing better is known, address and log are the next step', async () => {
  const side = await answering('service', [])
  const told = refusedBy(side as Parameters<typeof refusedBy>[0], new Error('it is odd')).text
  expect(told).toContain('does not answer as it should: it is odd')
  expect(told).toContain('→ Check SERVICE_URL and the log of service')
})

test('other answers have another digest, of whatever kind they are', async () => {
  const digestOf = async (answer: Asked['answer'], answers: unknown[]) =>
    (await parityOf(answer, 'equal', answers)).predictions
  expect(await digestOf('text', ['a', 'b'])).toBe(createHash('sha256').update('["a","b"]').digest('hex'))
  expect(await digestOf('text', ['a', 'c'])).not.toBe(await digestOf('text', ['a', 'b']))
  // Of numbers the bits that both sides keep: 0.1 is another number than its nearest 32-bit float, and the same answer.
  expect(await digestOf('number', [0.1])).toBe(await digestOf('number', [Math.fround(0.1)]))
  expect(await digestOf('number', [0.1])).not.toBe(await digestOf('number', [0.2]))
})

test("a function of one's own is asked of each side and the last, never of the last and itself", async () => {
  const isBelow = ((a: number, b: number) => a < b) as Exclude<Compare, false>
  expect(await parityOf('number', isBelow, [1, 2], [2, 3])).toMatchObject({ keys: 2 })
  await expect(parityOf('number', isBelow, [2], [2])).rejects.toThrow('to 1 of 1 keys')
})

test('what is no number is no relative difference', async () => {
  const inCapitals = ((a: string, b: string) => a.toUpperCase() === b) as Exclude<Compare, false>
  const parity = await parityOf('text', inCapitals, ['yes', 'no'], ['YES', 'NO'])
  expect(parity.largestRelativeDifference).toBe(0)
})
