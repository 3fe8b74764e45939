import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { startServer } from './server.ts'

test('a server that does not answer is told of in its time, though the clock is set back meanwhile', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'server '))
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
    await rm(folder, { recursive: true })
  }
})
