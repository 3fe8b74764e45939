import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { everyKey } from '../workload/changes.ts'
import { http } from '../workload/workload.ts'
import { httpAddress } from './address/http.ts'
import type { Asked } from './asker.ts'
import { bothStates, type Changes, type State, startChangeServer } from './changes.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** Two services of one model, which is 10 times the key, and in state 1 one more, but for keys above 2; the second takes a while to follow. */
async function two(lag: number) {
  const orders: [string, State, number][] = []
  const sides = await Promise.all(
    ['a', 'b'].map(async (name, index) => {
      let state: State = 0
      const server = createServer(async (request, response) => {
        let body = ''
        for await (const part of request) body += part
        const key = Number(body)
        response.end(JSON.stringify(10 * key + (key > 2 ? 0 : state)))
      })
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const change = {
        how: 'by hand',
        to: async (wanted: State, key: number) => {
          orders.push([name, wanted, key])
          setTimeout(() => {
            state = wanted
          }, index * lag)
        },
      }
      const side = http<number>({ name, address: `${name.toUpperCase()}_URL`, body: (key) => key })
      return { side, address: httpAddress(url), change }
    }),
  )
  const changes: Changes = {
    by: Object.fromEntries(sides.map(({ side, change }) => [side.address, change])),
    addresses: {},
    undo: async () => {},
  }
  return { sides, changes, orders }
}

const asked: Asked = { answer: 'number', texts: {}, variables: {} }

test('all sides are brought into both states, waited for, and left in the first', async () => {
  const { sides, changes, orders } = await two(150)
  const found = await bothStates(changes, sides, [1, 2, 3], 'equal', asked)
  expect(found).toEqual({
    keys: [1, 2],
    places: [0, 1],
    answers: [
      [10, 20],
      [11, 21],
    ],
  })
  expect(orders).toEqual([
    ['a', 1, everyKey],
    ['b', 1, everyKey],
    ['a', 0, everyKey],
    ['b', 0, everyKey],
  ])
})

test('who is told to change something does so before it answers, and says why it could not', async () => {
  const { changes, orders } = await two(0)
  const server = await startChangeServer(changes, [2, 5])
  const order = (body: unknown, url = server.url) =>
    fetch(url, { method: 'POST', body: JSON.stringify(body) })
  try {
    expect((await order({ address: 'B_URL', key: 1, state: 1 })).status).toBe(200)
    expect((await order({ address: 'A_URL', key: everyKey, state: 0 })).status).toBe(200)
    expect(orders).toEqual([
      ['b', 1, 5],
      ['a', 0, everyKey],
    ])
    const refused = await order({ address: 'C_URL', key: 4, state: 1 })
    expect([refused.status, await refused.text()]).toEqual([500, 'nothing is known to change at C_URL'])
    // Others of the machine do not know where.
    expect((await order({ address: 'B_URL', key: 4, state: 0 }, new URL('/', server.url).href)).status).toBe(
      404,
    )
    expect(orders).toHaveLength(2)
  } finally {
    await server.stop()
  }
})
