/** report.html of a new model that goes live, as a browser shows it. */
import { run } from '../../report/changes/fixture.ts'
import { changesHtml } from '../../report/changes/html.ts'
import { chartsAreSeen, everyPage } from './every-page.ts'

const shown = everyPage('takeover', async () => changesHtml(run))

chartsAreSeen(shown, 2)
