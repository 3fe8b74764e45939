import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'

vi.mock('../build/patience.ts', () => ({ patience: 0.5 }))

const { keysOfDatabase } = await import('./keys.ts')
const { postgresAddress } = await import('./address/postgres.ts')

let server: Server | undefined
const sockets = new Set<Socket>()
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await new Promise((done) => server?.close(done))
})

/** "You are in", and "ready for a query", as Postgres says it. */
const letIn = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

/** What is said of a server that says so much to whoever comes, and nothing more. */
async function saidOfSilence(greeting: Buffer): Promise<string> {
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => socket.write(greeting))
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const asked = keysOfDatabase(
    postgresAddress(`postgres://u@127.0.0.1:${port}/db?sslmode=disable`),
    { query: 'SELECT 1 AS id', texts: {}, settings: {} },
    { draw: 'even', seed: 1 },
    new AbortController().signal,
  )
  return asked.then(
    () => 'keys',
    (error) => error.message,
  )
}

test('a pooler that lets anybody in and has no server is not waited for without end', async () => {
  expect(await saidOfSilence(letIn)).toMatch(/^Postgres at .* did not answer within 0\.5 s$/)
})
