import { SETTING_GROUPS } from '../../apps/login/src/domain/settings/table.ts';
import { PAGE_RIGHTS } from '../../apps/login/src/domain/operators/rights.ts';
import type { Database } from '../../apps/login/src/support/db/database.ts';

/** An operator page, and addresses of it with the data of the large world. */
export type PageSample = { page: string; addresses: readonly string[] };

/** What is asked of a page beyond its address: filters, searches, later pages. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  '/operator/accounts': [
    '',
    '?q=person77',
    '?q=kaisha4711',
    '?q=user-31415',
    `?q=${encodeURIComponent('長谷川 翔')}`,
    `?q=${encodeURIComponent('佐藤')}`,
    '?state=suspended',
    '?q=nobody-has-this',
  ],
  '/operator/audit': [
    '',
    '?action=plan.changed',
    '?action=account.sign-in-refused',
    '?result=refused',
    '?console=console-01',
    '?from=2026-01-01&to=2026-03-31',
  ],
  '/operator/migration/:clientId/people': [
    '',
    '?state=not-moved',
    '?state=moved',
    '?state=unreachable',
    '?seen=never',
    '?seen=90',
    `?company=${encodeURIComponent('見本商事4711')}`,
    '?q=person4711',
    '?q=kaisha47',
    `?q=${encodeURIComponent('長谷川 翔')}`,
    `?q=${encodeURIComponent('佐藤')}&state=not-moved`,
    '?q=nobody-has-this',
  ],
  '/operator/notices': ['', '?console=console-01', '?state=ended'],
  '/operator/notices/:id/people': [
    '',
    '?state=unreached',
    '?state=accepted',
    '?state=bounced',
    '?q=person4711',
  ],
  '/operator/notices/words': ['', '?console=console-17'],
  '/operator/mail': [
    '',
    '?fate=refused',
    '?template=notice',
    '?address=person4711@kaisha4711.example.co.jp',
    '?address=person47',
  ],
  '/operator/deliveries/logouts': [
    '',
    '?console=console-02',
    '?state=waiting',
    '?console=console-01&state=delivered',
  ],
  '/operator/deliveries/events': ['', '?console=console-02', '?state=failed'],
  '/operator/imports': ['', '?console=console-01'],
  '/operator/consoles/:clientId/end-secret': ['?secret=none'],
};

/** Files are streams, and pages that end something are measured by their forms alone. */
const NOT_PAGES = /\.(csv|jsonl)$|\/preview$/;

/** Every page of the table of rights that is read, with addresses from the data. Throws where a page has a parameter that nothing is known for. */
export async function pageSamples({ pool }: Database): Promise<PageSample[]> {
  const first = async (statement: string): Promise<string[]> =>
    (await pool.query<{ one: string }>(statement)).rows.map(({ one }) => one);
  const accounts = await first(`select id as one from account order by md5(id) limit 10`);
  const audit = await first(`select max(id)::text as one from audit_event`);
  const notices = await first(`select id as one from notice order by id limit 1`);
  const unreached = await first(
    `select account_id as one from notice_recipient where notice_id = 'ntc_1' and state = 'refused' order by account_id limit 5`,
  );
  const messages = await first(`select id as one from message order by md5(id) limit 5`);
  const imports = await first(`select id as one from import_run order by id limit 3`);
  const logouts = await first(`select id as one from logout_delivery order by md5(id) limit 3`);
  const events = await first(`select id as one from event_delivery order by md5(id) limit 3`);
  const tokens = await first(`select id as one from operator_token order by id limit 3`);
  const directories = await first(`select id as one from directory order by id limit 3`);
  const directoryTokens = await first(`select id as one from directory_token order by id limit 3`);
  const known: Readonly<Record<string, readonly string[]>> = {
    ':clientId': ['console-01', 'console-02', 'console-17'],
    ':account': accounts,
    '/operator/audit/:id': audit,
    ':group': SETTING_GROUPS,
    '/operator/notices/:id': notices,
    '/operator/notices/:id/people/:account': unreached,
    ':kind': ['announcement', 'reminder'],
    '/operator/imports/:id': imports,
    '/operator/tokens/:id': tokens,
    '/operator/directories/:id': directories,
    '/operator/directory-tokens/:id': directoryTokens,
    '/operator/deliveries/logouts/:id': logouts,
    '/operator/deliveries/events/:id': events,
    '/operator/mail/:id': messages,
  };
  return Object.keys(PAGE_RIGHTS)
    .filter((call) => call.startsWith('GET ') && !NOT_PAGES.test(call))
    .map((call) => call.slice('GET '.length))
    .map((page) => ({
      page,
      addresses: filledIn(page, known).flatMap((address) =>
        (QUERIES[page] ?? ['']).map((query) => address + query),
      ),
    }));
}

/** The page's address for each value of its parameters, those by the name of their page first. */
function filledIn(page: string, known: Readonly<Record<string, readonly string[]>>): string[] {
  const parameters = page.match(/:\w+/g) ?? [];
  return parameters.reduce<string[]>(
    (addresses, parameter) => {
      const upTo = page.slice(0, page.indexOf(parameter) + parameter.length);
      const values = known[upTo] ?? known[parameter];
      if (!values) throw new Error(`Nothing is known for ${parameter} of ${page}.`);
      return addresses.flatMap((address) =>
        values.map((value) => address.replace(parameter, encodeURIComponent(value))),
      );
    },
    [page],
  );
}
