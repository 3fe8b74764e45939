/** The list of bad inputs says what the regression tests found. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { list, listFile } from '../bad-inputs.ts'

test('the list of bad inputs is that of the regression tests', async () => {
  assert.equal(
    await readFile(listFile, 'utf8'),
    await list(),
    'run node --import tsx targets/postgres/pgml/test/bad-inputs.ts',
  )
})
