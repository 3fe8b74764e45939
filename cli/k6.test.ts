import { afterEach, expect, test, vi } from 'vitest'
import { k6Command } from './k6.ts'

afterEach(() => vi.unstubAllEnvs())

test.each([
  ['nothing', {}, 'off'],
  ['an output', { K6_OUT: 'json=samples.json' }, 'on'],
  ['the dashboard', { K6_WEB_DASHBOARD: 'true' }, 'on'],
  ['no dashboard', { K6_WEB_DASHBOARD: 'false' }, 'off'],
  ['the port of one', { K6_WEB_DASHBOARD_PORT: '5665' }, 'off'],
])('where the user asks k6 for %s its samples are made accordingly', async (_, variables, samples) => {
  for (const name of ['K6_OUT', 'K6_WEB_DASHBOARD']) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  expect((await k6Command([], 'script.js')).env.SAMPLES).toBe(samples)
})
