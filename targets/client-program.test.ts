import { expect, test } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import { runClient } from './client-program.ts'

const asked = (script: string) => runClient('sh', ['-c', script], {})

test('what a client has said is handed on', async () => {
  expect(await asked('echo tps = 7; echo slow >&2')).toBe('tps = 7')
})

test.each([
  ['echo connection lost >&2; exit 2', /^sh ended with exit code 2:\nconnection lost$/],
  ['echo asking; kill -KILL $$', /^sh was ended by SIGKILL:\nasking$/],
])('a client that fails could not measure: %s', async (script, expected) => {
  const error = await asked(script).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(CouldNotMeasure)
  expect(error.message).toMatch(expected)
})
