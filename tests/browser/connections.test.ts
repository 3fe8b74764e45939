/** report.html of new connections, as a browser shows it. */
import { run } from '../../report/connections/fixture.ts'
import { connectionsHtml } from '../../report/connections/html.ts'
import { chartsAreSeen, everyPage } from './every-page.ts'

const shown = everyPage('connections', async () => connectionsHtml(run))

chartsAreSeen(shown, 1)
