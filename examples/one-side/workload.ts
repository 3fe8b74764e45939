/** Does one database stand 1 and 5 clients? There is nothing to compare it with, so there are no gaps. */
import { sql, workload } from 'inference-gap'

export default workload<number>({
  name: 'one-side',
  keys: 'accounts.json',
  answer: 'truth',
  sides: [
    sql({
      name: 'database',
      address: 'DATABASE_URL',
      query: 'SELECT spent, most FROM credit_example.accounts WHERE id = $1',
      parameters: (account) => [account],
      // More than one value comes back: what the answer is, this says.
      value: ([account]) => Number(account?.spent) < Number(account?.most),
    }),
  ],
})
