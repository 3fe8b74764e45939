import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { freePort, onPort, refuseTaken } from './port.ts'

let holder: Server | undefined
afterEach(() => new Promise<void>((done) => (holder ? holder.close(() => done()) : done())))

test.each([
  '127.0.0.1',
  '0.0.0.0',
  '::',
])('a port that a silent program holds on %s is told by its flag', async (host) => {
  holder = createServer(() => {})
  await new Promise<void>((listening) => holder?.listen(0, host, listening))
  const { port } = holder.address() as { port: number }
  const refused = refuseTaken({ '--postgres-port': undefined, '--python-port': port })
  await expect(refused).rejects.toThrow(BadInput)
  await expect(refuseTaken({ '--python-port': port })).rejects.toThrow(
    `--python-port ${port}: the port cannot be used, another program listens on it`,
  )
})

test('one port cannot be had twice', async () => {
  holder = undefined
  const port = await freePort()
  await expect(refuseTaken({ '--postgres-port': port, '--python-port': port })).rejects.toThrow(
    '--postgres-port has the same port',
  )
  await expect(refuseTaken({ '--postgres-port': port })).resolves.toBeUndefined()
})

/** Somebody else's, on the port that was free just before. */
async function held(port: number): Promise<void> {
  holder?.close()
  holder = createServer(() => {})
  await new Promise<void>((listening) => holder?.listen(port, '127.0.0.1', listening))
}

test('where somebody takes a free port before it is listened on, another is tried', async () => {
  const tried: number[] = []
  const got = await onPort(undefined, async (port) => {
    tried.push(port)
    if (tried.length > 2) return `on ${port}`
    await held(port)
    throw new Error('address already in use')
  })
  expect(got).toBe(`on ${tried[2]}`)
  expect(new Set(tried).size).toBe(3)
})

test('not for ever, not for another reason, and not in the place of a port that was asked for', async () => {
  holder = undefined
  let tries = 0
  const failing = async (port: number, isHeld: boolean) => {
    tries++
    if (isHeld) await held(port)
    throw new Error(`attempt ${tries}`)
  }
  await expect(onPort(undefined, (port) => failing(port, true))).rejects.toThrow('attempt 5')
  tries = 0
  await expect(onPort(undefined, (port) => failing(port, false))).rejects.toThrow('attempt 1')
  tries = 0
  const asked = await freePort()
  await expect(onPort(asked, (port) => failing(port, true))).rejects.toThrow('attempt 1')
})
