import { expect, test } from 'vitest'
import { z } from 'zod'
import { eachOnce } from './each-once.ts'

const told = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => [path, message]) ?? []

test('each entry but the first of a name is told of, by its own path', () => {
  const parts = z.array(z.object({ name: z.string() })).check(eachOnce('name', 'twice'))
  expect(told(parts, [{ name: 'a' }, { name: 'b' }])).toEqual([])
  expect(told(parts, [{ name: 'a' }, { name: 'b' }, { name: 'a' }, { name: 'a' }])).toEqual([
    [[2, 'name'], 'twice'],
    [[3, 'name'], 'twice'],
  ])
})

test('an absent name may be one', () => {
  const bounds = z
    .array(z.object({ clients: z.int().optional() }))
    .check(eachOnce('clients', 'twice', ({ clients = 1 }) => clients))
  expect(told(bounds, [{}, { clients: 1 }])).toEqual([[[1, 'clients'], 'twice']])
  expect(told(bounds, [{}, { clients: 2 }])).toEqual([])
})
