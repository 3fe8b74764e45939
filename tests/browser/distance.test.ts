/** report.html of a comparison at several distances, as a browser shows it. */
import { expect, test } from 'vitest'
import { run } from '../../report/distance/fixture.ts'
import { distanceHtml } from '../../report/distance/html.ts'
import { everyPage, marksSeen } from './every-page.ts'

const shown = everyPage('distance', async () => distanceHtml(run))

test('charts have marks that are seen', () =>
  shown({}, async (page) => {
    const seen = await marksSeen(page)
    expect(seen).toHaveLength(2)
    expect(seen.filter(([, marks]) => marks === 0)).toEqual([])
  }))
