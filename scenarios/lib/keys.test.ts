import { expect, test } from 'vitest'
import { type Draw, http, type Misfit, workload } from '../../workload/workload.ts'
import { inScenario } from '../in-node/scenario.ts'

interface Customer {
  id: string
}
const customers = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

async function keysOf(
  { draw, misfits }: { draw?: Draw; misfits?: (keys: readonly unknown[]) => Misfit[] } = {},
  keys: unknown = customers,
  drawn?: Draw,
) {
  const own = workload<Customer>({
    name: 'churn',
    keys: './keys.json',
    sides: [http({ name: 'service', address: 'SERVICE_URL' })],
    ...(draw && { draw }),
    ...(misfits && { misfits }),
  })
  await inScenario({}, { 'keys.json': JSON.stringify(keys) }, 0, {
    workload: own,
    ...(drawn && { draw: drawn }),
  })
  return import('./keys.ts')
}

test('a key is whatever the file has', async () => {
  const { eachKey, keyCount } = await keysOf()
  expect(keyCount).toBe(3)
  expect(eachKey('service', ({ id }: Customer) => id)).toEqual(['a', 'b', 'c'])
})

test('whose function failed, for which key, and how', async () => {
  const { eachKey } = await keysOf({}, [{ id: 'a' }, {}, { id: 'c' }])
  expect(() => eachKey('service', ({ id }: Customer) => id.toUpperCase())).toThrow(
    "service: key 2 of keys.json, {}: Cannot read properties of undefined (reading 'toUpperCase')",
  )
  const long = await keysOf({}, ['x'.repeat(1000)])
  const refuse = () => {
    throw 'a text'
  }
  expect(() => long.eachKey('database', refuse)).toThrow(
    `database: key 1 of keys.json, "${'x'.repeat(99)}: a text`,
  )
})

test.each([
  [{}, '(the whole file) = {}: expected an array of keys'],
  [[], '(the whole file) = []: expected an array of keys, at least one'],
])('%j is no list of keys', async (keys, expected) => {
  await expect(keysOf({}, keys)).rejects.toThrow(`KEYS_FILE: keys.json does not fit:\n  - ${expected}`)
})

test("the workload's own look at its keys", async () => {
  const misfits = (keys: readonly unknown[]): Misfit[] =>
    keys.flatMap((key, position) =>
      (key as Customer).id === 'b'
        ? [{ path: [position, 'id'], value: 'b', expected: 'expected another' }]
        : [],
    )
  await expect(keysOf({ misfits })).rejects.toThrow('  - [1].id = "b": expected another')
  expect((await keysOf({ misfits }, [{ id: 'a' }])).keyCount).toBe(1)
})

test('keys are drawn as the workload says', async () => {
  const inOrder = await keysOf({ draw: 'in order' })
  const next = inOrder.draw(1, 1, 1)
  const [first, second] = [Array.from({ length: 3 }, next), Array.from({ length: 3 }, next)]
  expect([...first].sort()).toEqual([0, 1, 2])
  expect(second).toEqual(first)
  const steep = await keysOf({ draw: { zipf: 10 } })
  const firsts = Array.from({ length: 1000 }, steep.draw(1, 1, 1)).filter((each) => each === 0)
  // The second comes 1,024 times as rarely.
  expect(firsts.length).toBeGreaterThan(980)
})

test('keys that have been drawn before are drawn from as that says', async () => {
  const { draw } = await keysOf({ draw: { zipf: 10 } }, customers, 'even')
  const firsts = Array.from({ length: 1000 }, draw(1, 1, 1)).filter((each) => each === 0)
  expect(firsts.length).toBeLessThan(500)
})
