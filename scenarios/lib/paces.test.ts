import { afterEach, expect, test, vi } from 'vitest'

async function read(PACES?: string) {
  vi.resetModules()
  vi.stubGlobal('__ENV', PACES === undefined ? {} : { PACES })
  return (await import('./paces.ts')).paces()
}
afterEach(() => vi.unstubAllGlobals())

test('changes come once where nothing is said', async () => {
  expect(await read()).toEqual([{ once: 0.4 }])
  expect(await read('[{"perSecond": 0}, {"perSecond": 12.5}]')).toEqual([
    { perSecond: 0 },
    { perSecond: 12.5 },
  ])
})

test.each([
  '[',
  '{}',
  '[]',
  '[1]',
  '[null]',
  '[{"once": 1}]',
  '[{"perSecond": -1}]',
  '[{"once": 0, "perSecond": 1}]',
])('PACES %s is refused', async (given) => {
  await expect(read(given)).rejects.toThrow(`PACES: '${given}'; expected a JSON list of paces`)
})
