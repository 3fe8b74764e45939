/** report.html as a browser shows it. */
import { expect, test } from 'vitest'
import { fullSampleRun } from '../../report/fixture.ts'
import { htmlReport } from '../../report/html/page.ts'
import { runForm } from '../../report/run.ts'
import { sentence } from '../../report/terminal.ts'
import { chartsAreSeen, everyPage } from './every-page.ts'

const json = JSON.stringify(fullSampleRun())
// As `gate` makes it: from the file, not from what lies in memory.
const run = runForm.parse(JSON.parse(json))
const shown = everyPage('report', async () => htmlReport(run))

test('the verdict is that of run.json, on the first screen', () =>
  shown({}, async (page) => {
    const verdict = page.locator('.verdict')
    expect(await verdict.textContent()).toContain(sentence(run))
    const box = await verdict.boundingBox()
    expect(box && box.y + box.height).toBeLessThan(800)
    expect(await page.locator('.verdict .pass').count()).toBe(run.verdict.outcome === 'pass' ? 1 : 0)
  }))

chartsAreSeen(shown, 7)
