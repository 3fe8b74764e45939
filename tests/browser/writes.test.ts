/** report.html of features that change, as a browser shows it. */
import { expect, test } from 'vitest'
import { features } from '../../report/changes/fixture.ts'
import { changesHtml } from '../../report/changes/html.ts'
import { everyPage, marksSeen } from './every-page.ts'

const shown = everyPage('writes', async () => changesHtml(features))

test('charts have marks that are seen', () =>
  shown({}, async (page) => {
    const seen = await marksSeen(page)
    expect(seen).toHaveLength(2)
    expect(seen.filter(([, marks]) => marks === 0)).toEqual([])
  }))
