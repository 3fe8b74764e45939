import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BadInput } from '../../build/failure.ts'
import { root } from '../../build/paths.ts'
import { schemas } from '../../report/schema.ts'
import { fleetOfOnePrice, partsFor, readFleet } from './fleet.ts'

const good = {
  currency: 'USD',
  sides: {
    database: { parts: [{ name: 'database', price: 0.34 }] },
    service: {
      parts: [
        { name: 'service', price: 0.34 },
        { name: 'feature store', price: 0.166, each: 4 },
        { name: 'balancer', price: 0, count: 1 },
      ],
    },
  },
}
const sides = ['database', 'service']

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fleet '))
})
afterAll(() => rm(folder, { recursive: true }))

/** What is said of a file; `accepted` where it is read as it stands. */
async function told(text: string | Uint8Array, known = sides): Promise<string> {
  const file = path.join(folder, 'fleet.json')
  await writeFile(file, text)
  try {
    const plain = Buffer.from(text).toString().replace('\ufeff', '')
    expect(await readFleet(file, known)).toEqual(JSON.parse(plain))
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(BadInput)
    return (error as BadInput).text
  }
}

type Changed = typeof good & Record<string, unknown>
function changed(change: (fleet: Changed) => void): Changed {
  const fleet = structuredClone(good) as Changed
  change(fleet)
  return fleet
}

test('a file that fits is accepted, with the mark that some editors put before it and without', async () => {
  expect(await told(JSON.stringify(good))).toBe('accepted')
  expect(await told(`\ufeff${JSON.stringify(good)}`)).toBe('accepted')
  expect(await told('{"sides":{}}')).toBe('accepted')
  expect(await told(JSON.stringify({ ...good, $schema: './fleet.schema.json' }))).toBe('accepted')
})

const store = (fleet: Changed) => fleet.sides.service.parts[1] as object
const refused: [string, (fleet: Changed) => void][] = [
  ['more = 1: no such key', (fleet) => Object.assign(fleet, { more: 1 })],
  ['sides is missing: ', (fleet) => Reflect.deleteProperty(fleet, 'sides')],
  ['currency = "$": expected the code of a currency', (fleet) => Object.assign(fleet, { currency: '$' })],
  [
    'sides.database.parts = []: expected at least one part',
    (fleet) => Object.assign(fleet.sides.database, { parts: [] }),
  ],
  ['sides.database.parts is missing: ', (fleet) => Object.assign(fleet.sides, { database: {} })],
  [
    'sides.service.parts[1].price = -1: expected a price an hour of at least 0',
    (fleet) => Object.assign(store(fleet), { price: -1 }),
  ],
  [
    'sides.service.parts[1].price = "0.3": expected a price an hour, as 0.34',
    (fleet) => Object.assign(store(fleet), { price: '0.3' }),
  ],
  [
    'sides.service.parts[1].price is missing: expected a price',
    (fleet) => Reflect.deleteProperty(store(fleet), 'price'),
  ],
  [
    'sides.service.parts[1].name = " ": expected a name',
    (fleet) => Object.assign(store(fleet), { name: ' ' }),
  ],
  [
    'sides.service.parts[1].each = 0: expected a whole number of at least 1',
    (fleet) => Object.assign(store(fleet), { each: 0 }),
  ],
  [
    'sides.service.parts[1].each = 1.5: expected a whole number of at least 1',
    (fleet) => Object.assign(store(fleet), { each: 1.5 }),
  ],
  [
    'sides.service.parts[2].count = 0: expected a whole number',
    (fleet) => Object.assign(fleet.sides.service.parts[2] as object, { count: 0 }),
  ],
  ['sides.service.parts[1].cost = 3: no such key', (fleet) => Object.assign(store(fleet), { cost: 3 })],
]

/** What no JSON Schema can say, or what depends on the workload. */
const refusedHereAlone: typeof refused = [
  [
    'sides.other = {"parts":[]}: no such key',
    (fleet) => Object.assign(fleet.sides, { other: { parts: [] } }),
  ],
  [
    'sides.service.parts[1].count = 1: expected either each or count',
    (fleet) => Object.assign(store(fleet), { count: 1 }),
  ],
  [
    'sides.service.parts[1].name = "service": expected a name that no other part',
    (fleet) => Object.assign(store(fleet), { name: 'service' }),
  ],
]

test.each([...refused, ...refusedHereAlone])('%s', async (expected, change) => {
  const said = await told(JSON.stringify(changed(change)))
  expect(said).toContain(expected)
  expect(said).toContain('fleet.json')
  expect(said).toContain("The workload's sides are database, service")
  expect(said).toContain('docs/capacity.md')
})

// What is bought is whole: four hosts share a store, so that a fifth needs a second one.
test.each([
  [{}, 5, 5],
  [{ each: 4 }, 4, 1],
  [{ each: 4 }, 5, 2],
  [{ count: 2 }, 100, 2],
])('of a part with %j %d hosts need %d', (part, hosts, expected) =>
  expect(partsFor({ name: 'store', price: 1, ...part }, hosts)).toBe(expected))

test('one price for all is a file in which each side is one part, a host', async () => {
  const fleet = fleetOfOnePrice(0.34, sides)
  expect(await told(JSON.stringify(fleet))).toBe('accepted')
  const host = { parts: [{ name: 'host', price: 0.34 }] }
  expect(fleet).toEqual({ sides: { database: host, service: host } })
})

test('a side that the workload has not is told beside those it has', async () => {
  const said = await told(JSON.stringify({ sides: { databse: good.sides.database } }), ['database'])
  expect(said).toContain('sides.databse = ')
  expect(said).toContain("The workload's side is database")
})

test.each<[string, string | Uint8Array]>([
  ['is empty', ''],
  ['is not JSON as it must be: line 1', '{"sides": }'],
  ['"sides" stands twice', '{"sides":{},"sides":{}}'],
  ['is UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
  ['(the whole file) = []', '[]'],
])('a file that %s', async (expected, text) => {
  expect(await told(text)).toContain(expected)
})

test('a file that is not there, and a folder', async () => {
  await expect(readFleet('/no/such/fleet.json', sides)).rejects.toThrow('/no/such/fleet.json cannot be read')
  await expect(readFleet(folder, sides)).rejects.toThrow('is a folder')
})

/** What editors check: the published schema, by a validator of JSON Schema that is not ours. */
describe('the published schema', () => {
  const published = () => readFile(path.join(root, 'schema', 'fleet.schema.json'), 'utf8')
  const accepts = async () => new Ajv2020({ strict: false }).compile(JSON.parse(await published()))

  test('is what the form would be written as', async () => {
    expect(await published()).toBe(schemas()['fleet.schema.json'])
  })

  test('takes what we take', async () => {
    expect((await accepts())(good)).toBe(true)
  })

  test.each(refused)('refuses what we do: %s', async (_, change) => {
    expect((await accepts())(changed(change))).toBe(false)
  })
})
