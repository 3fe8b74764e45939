import { expect, test } from 'vitest'
import { saidOf } from './standard-output.ts'

/** As Node hands them over: the number is errno's, negated (Linux). */
const error = (code: string, errno: number) => Object.assign(new Error(`write ${code}`), { code, errno })

test('who closes the output, as head does, is told nothing; a full disk is', () => {
  expect(saidOf(error('EPIPE', -32))).toBe('')
  expect(saidOf(error('ENOSPC', -28))).toContain('could not be written: no space left on device')
})
