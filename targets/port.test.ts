import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { freePort, refuseTaken } from './port.ts'

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
