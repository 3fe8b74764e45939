import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Draw, http, type Misfit, workload } from '../../workload/workload.ts'
import { inScenario } from '../in-node/scenario.ts'
import { rootFrom } from './root.ts'

interface Customer {
  id: string
}
const customers = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

async function keysOf(
  { draw, misfits }: { draw?: Draw; misfits?: (keys: readonly unknown[]) => Misfit[] } = {},
  keys: unknown = customers,
  drawn?: Draw,
  env: Record<string, string> = {},
) {
  const own = workload<Customer>({
    name: 'churn',
    keys: './keys.json',
    sides: [http({ name: 'service', address: 'SERVICE_URL' })],
    ...(draw && { draw }),
    ...(misfits && { misfits }),
  })
  await inScenario(env, { 'keys.json': JSON.stringify(keys), 'mine.json': '[7, 8]', 'broken.json': '[' }, 0, {
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

// A user's own keys in the place of the workload's.
test('KEYS_FILE names another file, also where it is wrong', async () => {
  const { eachKey } = await keysOf({}, customers, undefined, { KEYS_FILE: 'mine.json' })
  expect(eachKey('service', (key: number) => key)).toEqual([7, 8])
  await expect(keysOf({}, customers, undefined, { KEYS_FILE: 'broken.json' })).rejects.toThrow(
    'KEYS_FILE: broken.json: is not JSON',
  )
})

// Several k6 that share a comparison must ask the same keys, which they tell by the digest; one alone has nobody to tell.
test('the digest of the file is made where several k6 begin together, and there alone', async () => {
  const together = await keysOf({}, customers, undefined, { START_AT: '1900000000' })
  const expected = createHash('sha256').update(JSON.stringify(customers)).digest('hex')
  expect(together.keysDigest).toBe(expected)
  expect((await keysOf()).keysDigest).toBe('')
})

test('where several keys are asked for at once, each has those that follow it, from the end on the first again', async () => {
  const { eachKey } = await keysOf()
  const made = eachKey('service', (keys) => (keys as unknown as Customer[]).map(({ id }) => id).join(''), 2)
  expect(made).toEqual(['ab', 'bc', 'ca'])
  const refuse = (keys: unknown) => {
    if ((keys as Customer[])[0]?.id === 'b') throw new Error('not this one')
  }
  expect(() => eachKey('service', refuse, 2)).toThrow(
    'service: 2 keys from key 2 of keys.json, {"id":"b"}: not this one',
  )
})

// k6 opens files relative to the module that asks: a wrong step up, and a bundle finds neither keys nor thresholds.
test('the checkout is one folder up from a bundle, two from a module of the project', () => {
  expect(rootFrom('file:///checkout/.cache/compare.js')).toBe('../')
  expect(rootFrom('file:///checkout/scenarios/lib/root.ts')).toBe('../../')
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
