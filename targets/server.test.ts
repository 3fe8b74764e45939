import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import { type ServerOptions, startOnPort, startServer } from './server.ts'

let folder: string | undefined
const holders: Server[] = []
afterEach(async () => {
  for (const holder of holders.splice(0)) await new Promise((done) => holder.close(done))
  if (folder) await rm(folder, { recursive: true })
  folder = undefined
})

/** Somebody else, who had it first. */
async function taken(port = 0): Promise<number> {
  const holder = createServer((socket) => socket.destroy())
  holders.push(holder)
  await new Promise<void>((resolve, reject) =>
    holder.once('error', reject).listen(port, '127.0.0.1', resolve),
  )
  return (holder.address() as { port: number }).port
}

/** A server that says what Node says where it cannot listen. */
async function optionsAt(
  port: number,
  script = `server.listen(${port}, '127.0.0.1', say)`,
): Promise<ServerOptions> {
  folder ??= await mkdtemp(path.join(tmpdir(), 'server '))
  const program = `const say = () => console.error('listening')
    const server = require('node:net').createServer()
    ${script}`
  const log = path.join(folder, 'log')
  return {
    name: 'the small one',
    command: [process.execPath, '-e', program],
    log,
    stopSignal: 'SIGTERM',
    ready: async () => (await readFile(log, 'utf8')).includes('listening'),
  }
}

test('a free port that somebody else takes before the server has it gives way to another', async () => {
  const tried: number[] = []
  const server = await startOnPort(undefined, async (port) => {
    tried.push(port)
    if (tried.length < 3) await taken(port)
    return optionsAt(port)
  })
  await server.stop()
  expect(new Set(tried).size).toBe(3)
  expect(server.port).toBe(tried.at(-1))
})

test('it does not go on for ever', async () => {
  let tried = 0
  const started = startOnPort(undefined, async (port) => {
    tried++
    await taken(port)
    return optionsAt(port)
  })
  const error = await started.catch((error) => error)
  expect(error).toBeInstanceOf(CouldNotMeasure)
  expect(error.text).toContain('the small one found no port: 5 that were free were taken')
  expect(tried).toBe(5)
})

test('a port that was named is tried once, and told', async () => {
  const port = await taken()
  let tried = 0
  const started = startOnPort(port, (given) => {
    tried++
    return optionsAt(given)
  })
  const error = await started.catch((error) => error)
  expect(error).toBeInstanceOf(CouldNotMeasure)
  expect(error.message).toContain(
    `the small one cannot have port ${port}: another program took it just before`,
  )
  expect(error.hint).toContain('name another port')
  expect(tried).toBe(1)
})

test('what else ends a server is not tried again', async () => {
  let tried = 0
  const started = startOnPort(undefined, (port) => {
    tried++
    return optionsAt(port, "throw new Error('no model')")
  })
  await expect(started).rejects.toThrow(/the small one ended while starting:[\s\S]*no model/)
  expect(tried).toBe(1)
})

test('a server that does not answer is told of in its time, though the clock is set back meanwhile', async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'server '))
  const { now } = Date
  let looks = 0
  try {
    const started = startServer({
      name: 'the silent one',
      command: ['sleep', '60'],
      log: path.join(folder, 'log'),
      stopSignal: 'SIGTERM',
      start: 0.5,
      ready: async () => {
        if (++looks === 2) vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000)
        return false
      },
    })
    await expect(started).rejects.toThrow('the silent one did not answer within 0.5 s')
  } finally {
    vi.restoreAllMocks()
  }
})
