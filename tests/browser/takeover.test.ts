/** report.html of a new model that goes live, as a browser shows it. */
import { expect, test } from 'vitest'
import { run } from '../../report/changes/fixture.ts'
import { changesHtml } from '../../report/changes/html.ts'
import { everyPage, marksSeen } from './every-page.ts'

const shown = everyPage('takeover', async () => changesHtml(run))

test('charts have marks that are seen', () =>
  shown({}, async (page) => {
    const seen = await marksSeen(page)
    expect(seen).toHaveLength(2)
    expect(seen.filter(([, marks]) => marks === 0)).toEqual([])
  }))
