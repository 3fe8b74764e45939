/** Every fault of the table. `npm test` looks at those that are marked; `npm run test:faults` at all, and writes docs/faults.md. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groups } from './groups.ts'
import { namesOf, record, rowsOnPage, writePage } from './page.ts'

const isAll = process.env.FAULTS === 'all'

for (const group of groups) {
  const wanted = group.rows.filter(({ often }) => isAll || often)
  if (wanted.length === 0) continue
  describe(group.title, () => {
    if (group.before) beforeAll(group.before)
    if (group.after) afterAll(group.after)
    for (const row of wanted)
      test(row.what, async () => {
        record(row, await row.see())
        // One that is interrupted keeps what it has seen.
        if (isAll) await writePage(groups)
      })
  })
}

beforeAll(async () => {
  if (isAll) await writePage(groups)
})

test.skipIf(isAll)('the page has each row', async () => {
  expect([...(await rowsOnPage()).keys()]).toEqual(namesOf(groups))
})
