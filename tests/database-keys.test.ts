/** Keys that a real database is asked for: of as many as there may be, those are held that the seed draws. */
import { rm } from 'node:fs/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inCache, root } from '../build/paths.ts'
import { postgresAddress } from '../targets/address/postgres.ts'
import { keysOfDatabase } from '../targets/keys.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import { drawnFrom, mostKeys } from '../workload/draw.ts'
import type { Draw } from '../workload/workload.ts'

const home = inCache('tests', 'database-keys')
let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ home })
})
afterAll(async () => {
  await server?.stop()
  await rm(home, { recursive: true, force: true })
})

const keysOf = (query: string, draw: Draw = 'even') =>
  keysOfDatabase(
    postgresAddress(server.url),
    { query, texts: {}, settings: {} },
    { draw, seed: 7 },
    new AbortController().signal,
  )

test('all of them, as JSON holds them, where there are few', async () => {
  const query =
    "SELECT i::bigint << 53 AS id, ARRAY[i] AS list, DATE '2026-01-02' AS day FROM generate_series(1, 2) i"
  expect(await keysOf(query)).toEqual({
    keys: [
      { id: '9007199254740992', list: [1], day: '2026-01-02' },
      { id: '18014398509481984', list: [2], day: '2026-01-02' },
    ],
    of: 2,
    draw: undefined,
  })
})

test.each<Draw>([
  'even',
  'in order',
  { zipf: 1 },
])('of more than are held, those that %j draws', async (draw) => {
  const count = mostKeys + 20_001
  const found = await keysOf(`SELECT i AS id FROM generate_series(0, ${count - 1}) i ORDER BY i;`, draw)
  const drawn = drawnFrom(draw, count, 7)
  expect([found.of, found.draw]).toEqual([count, drawn?.draw])
  expect(found.keys).toEqual(drawn?.positions.map((id) => ({ id })))
})

test('none is no error here, and what the database says is told with its address', async () => {
  expect(await keysOf('SELECT 1 AS id WHERE false')).toEqual({ keys: [], of: 0, draw: undefined })
  await expect(keysOf('SELECT nothing')).rejects.toThrow(/query of keys fails at .*column "nothing" does not/)
  await expect(keysOf('CREATE TABLE made (id int)')).rejects.toThrow('read-only transaction')
})

test('a process that could not hold all rows draws from them', async () => {
  const program = `
    const { keysOfDatabase } = await import('./targets/keys.ts')
    const { postgresAddress } = await import('./targets/address/postgres.ts')
    const query = "SELECT i AS id, repeat('x', 100) AS text FROM generate_series(1, 1000000) i"
    const found = await keysOfDatabase(postgresAddress(process.argv[1]), { query, texts: {}, settings: {} },
      { draw: 'even', seed: 1 }, new AbortController().signal)
    console.log(found.of, found.keys.length)`
  // A hundred thousand such rows have room, a million have not.
  const bounds = ['--max-old-space-size=128', '--import', 'tsx', '--input-type=module']
  const { stdout } = await execa('node', [...bounds, '--eval', program, server.url], { cwd: root })
  expect(stdout).toBe(`1000000 ${mostKeys}`)
})
