/** Servers that do not answer as they should: who it was, and within which time, is said. */

import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { CouldNotMeasure, messageOf } from '../../build/failure.ts'
import { patience } from '../../build/patience.ts'
import { postgresAddress } from '../address/postgres.ts'
import { withClient } from './client.ts'

let server: Server
afterEach(() => new Promise((done) => server.close(done)))

async function silent(): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const asking = (text: string, signal?: AbortSignal) =>
  withClient(postgresAddress(text), (client) => client.query('SELECT 1'), { signal }).catch((error) => error)

test('a silent server is not waited for without end, and is named without its password', {
  timeout: 30_000,
}, async () => {
  const port = await silent()
  const said = messageOf(await asking(`postgres://u:c4nary@127.0.0.1:${port}/db`))
  expect(said).toBe(
    `Postgres at postgres://u:***@127.0.0.1:${port}/db?sslmode=prefer gave no answer within ${patience} s`,
  )
})

test('a shorter limit of the address is the one that is told', async () => {
  const port = await silent()
  const said = messageOf(await asking(`postgres://u@127.0.0.1:${port}/db?connect_timeout=2`))
  expect(said).toMatch(/gave no answer within 2 s$/)
})

test('whoever ends it need not wait for a silent server', async () => {
  const port = await silent()
  const end = new AbortController()
  setTimeout(() => end.abort(new Error('ended')), 100)
  expect(messageOf(await asking(`postgres://u@127.0.0.1:${port}/db`, end.signal))).toBe('ended')
})

test('a name with several addresses says why none of them answers', async () => {
  const port = await silent()
  await new Promise((done) => server.close(done))
  expect(messageOf(await asking(`postgres://u@localhost:${port}/db`))).toContain('ECONNREFUSED')
  await silent()
})

// What a Postgres sends before it goes: ErrorResponse, severity, SQLSTATE and message, as its protocol has them.
const farewell = (code: string, message: string) => {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
const authenticated = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

test.each<[string, Buffer, string]>([
  ['its word', farewell('57P01', 'unexpected postmaster exit'), 'unexpected postmaster exit'],
  ['no word', Buffer.alloc(0), 'Connection terminated unexpectedly'],
])('a server that goes with %s while it is asked could not be measured, and is named', async (_, last, why) => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(authenticated)
      socket.once('data', () => socket.end(last))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const error = await asking(`postgres://u:c4nary@127.0.0.1:${port}/db?sslmode=disable`)
  expect(error).toBeInstanceOf(CouldNotMeasure)
  expect(messageOf(error)).toBe(
    `Postgres at postgres://u:***@127.0.0.1:${port}/db?sslmode=disable ended the connection in the midst of it: ${why}`,
  )
})
