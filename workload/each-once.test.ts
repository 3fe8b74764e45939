import { expect, test } from 'vitest'
import { z } from 'zod'
import { eachOnce } from './each-once.ts'

const told = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => [path, message]) ?? []

test('each entry but the first of a name is told of, by its own path', () => {
  const parts = z.array(z.object({ name: z.string() })).check(eachOnce('twice', ({ name }) => name, 'name'))
  expect(told(parts, [{ name: 'a' }, { name: 'b' }])).toEqual([])
  expect(told(parts, [{ name: 'a' }, { name: 'b' }, { name: 'a' }, { name: 'a' }])).toEqual([
    [[2, 'name'], 'twice'],
    [[3, 'name'], 'twice'],
  ])
})

test('an absent name may be one', () => {
  const bounds = z
    .array(z.object({ clients: z.int().optional() }))
    .check(eachOnce('twice', ({ clients = 1 }) => clients, 'clients'))
  expect(told(bounds, [{}, { clients: 1 }])).toEqual([[[1, 'clients'], 'twice']])
  expect(told(bounds, [{}, { clients: 2 }])).toEqual([])
})

test('an entry may be a name itself', () => {
  const names = z.array(z.string()).check(eachOnce('twice', (name) => name))
  expect(told(names, ['a', 'b', 'a'])).toEqual([[[2], 'twice']])
})
