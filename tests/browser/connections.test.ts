/** report.html of new connections, as a browser shows it. */
import { expect, test } from 'vitest'
import { run } from '../../report/connections/fixture.ts'
import { connectionsHtml } from '../../report/connections/html.ts'
import { everyPage, marksSeen } from './every-page.ts'

const shown = everyPage('connections', async () => connectionsHtml(run))

test('charts have marks that are seen', () =>
  shown({}, async (page) => {
    const seen = await marksSeen(page)
    expect(seen).toHaveLength(1)
    expect(seen.filter(([, marks]) => marks === 0)).toEqual([])
  }))
