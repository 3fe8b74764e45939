import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import { hexadecimal } from './hashes.ts'
import type { Lists } from './lists.ts'
import { digestOfRedis, loadIntoRedis, type Redis } from './redis.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'a store '))
})
afterAll(() => rm(folder, { recursive: true }))

let server: Server | undefined
afterEach(() => void server?.close())

/** A store that understands whole commands, as it is told them, and answers each. */
async function store({ answer = ':1', closesAfter = Number.POSITIVE_INFINITY } = {}) {
  const lists = new Map<string, string[]>([['old', ['x']]])
  const told: string[] = []
  const sockets = new Set<Socket>()
  server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    let before = Promise.resolve()
    socket.on('error', () => {})
    socket.on('data', (part) => {
      text += part.toString('latin1')
      for (let command = taken(); command; command = taken()) {
        const [name = '', list = '', ...rows] = command
        told.push(name)
        if (told.length > closesAfter) return socket.destroy()
        if (name === 'FLUSHDB') lists.clear()
        if (name === 'RPUSH') lists.set(list, [...(lists.get(list) ?? []), ...rows])
        const said = `${name === 'RPUSH' ? answer : name === 'AUTH' && list !== 'p:w' ? '-WRONGPASS no' : '+OK'}\r\n`
        // One after the other, not at once, and not in whole lines.
        before = before.then(async () => {
          socket.write(said.slice(0, 2))
          await sleep(1)
          socket.write(said.slice(2))
        })
      }
    })
    function taken(): string[] | undefined {
      const head = /^\*(\d+)\r\n/.exec(text)
      if (!head) return undefined
      let at = head[0].length
      const parts: string[] = []
      for (let part = 0; part < Number(head[1]); part++) {
        const length = /^\$(\d+)\r\n/.exec(text.slice(at))
        if (!length) return undefined
        at += length[0].length
        if (text.length < at + Number(length[1]) + 2) return undefined
        parts.push(text.slice(at, at + Number(length[1])))
        at += Number(length[1]) + 2
      }
      text = text.slice(at)
      return parts
    }
  })
  await new Promise<void>((listening) => (server as Server).listen(0, '127.0.0.1', listening))
  return { lists, told, sockets, url: `redis://:p%3Aw@127.0.0.1:${(server.address() as AddressInfo).port}/0` }
}

const command = (name: string) => `*3\r\n$5\r\nRPUSH\r\n$${name.length}\r\n${name}\r\n$3\r\n[1]\r\n`

/** So many lists of one row, with a mark after each few. */
async function listsOf(count: number, each = 3): Promise<Lists> {
  const commands = path.join(folder, 'store.resp')
  const all = Array.from({ length: count }, (_, index) => command(`list:${index}`))
  await writeFile(commands, all.join(''))
  const marks: Lists['marks'] = [[0, 0, 0]]
  for (let done = each; done < count + each; done += each) {
    const some = Math.min(done, count)
    marks.push([all.slice(0, some).join('').length, some, some])
  }
  return { commands, marks, rows: count, of: count, digest: { count, sum: '' }, everyKey: '' }
}

test('the store is emptied, then holds every list once, sent over several connections', async () => {
  const { lists, told, sockets, url } = await store()
  await loadIntoRedis(url, await listsOf(100), () => {})
  expect(lists.size).toBe(100)
  for (let index = 0; index < 100; index++) expect(lists.get(`list:${index}`)).toEqual(['[1]'])
  expect(sockets.size).toBe(4)
  expect(told.filter((name) => name === 'AUTH')).toHaveLength(4)
  expect(told.filter((name) => name === 'FLUSHDB')).toHaveLength(1)
  expect(told.indexOf('FLUSHDB')).toBeLessThan(told.indexOf('RPUSH'))
})

const failureOf = async (work: Promise<unknown>) => {
  const error = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CouldNotMeasure)
  return (error as CouldNotMeasure).message
}

test('what the store refuses is told in its own words', async () => {
  const { url } = await store({ answer: "-OOM command not allowed when used memory > 'maxmemory'." })
  expect(await failureOf(loadIntoRedis(url, await listsOf(100), () => {}))).toContain(
    'OOM command not allowed',
  )
  const other = await store()
  expect(await failureOf(loadIntoRedis(other.url.replace('w@', 'x@'), await listsOf(1), () => {}))).toContain(
    'WRONGPASS no',
  )
})

test('a store that goes away in the middle, and a file that ends too early, do not count as loaded', async () => {
  const { url } = await store({ closesAfter: 40 })
  expect(await failureOf(loadIntoRedis(url, await listsOf(100), () => {}))).toMatch(/closed|ECONNRESET|EPIPE/)
  const whole = await store()
  const lists = await listsOf(100)
  await writeFile(lists.commands, command('list:0'))
  expect(await failureOf(loadIntoRedis(whole.url, lists, () => {}))).toContain('ends too early')
})

const hash = (name: string, rows: string[]) =>
  createHash('sha1')
    .update(`${[name, ...rows].join('\n')}\n`)
    .digest('hex')
    .slice(0, 16)

test('the digest sums up what the store computes, however it deals its names out', async () => {
  const held = new Map(Array.from({ length: 7 }, (_, index) => [`list:${index}`, [`[${index}]`, '[x]']]))
  const names = [...held.keys()]
  const parts = [names.slice(0, 3), [], names.slice(3)]
  const redis = {
    scan: async (cursor: string) => ({
      cursor: String((Number(cursor) + 1) % parts.length),
      keys: parts[Number(cursor)],
    }),
    eval: async (_: string, { keys }: { keys: string[] }) => [
      keys.length * 2,
      keys.map((name) => hash(name, held.get(name) as string[])).join(''),
    ],
  } as unknown as Redis
  const counts: number[] = []
  const found = await digestOfRedis(redis, (count) => counts.push(count))
  const sum = names.reduce(
    (before, name) => before + BigInt(`0x${hash(name, held.get(name) as string[])}`),
    0n,
  )
  expect(found).toEqual({ rows: 14, digest: { count: 7, sum: hexadecimal(sum) } })
  expect(counts).toEqual([3, 7])
})
