/** What each part of the API is for. */
const TAGS: Readonly<Record<string, string>> = {
  Console:
    'What a joined console asks, with its client id and secret: its migration plan, changes of login IDs, ended sessions, and what it reports.',
  'Event streams':
    'Events of accounts for consoles: OpenID Shared Signals with push (RFC 8935) and polling (RFC 8936).',
  Consoles: 'The joined consoles and how they are registered.',
  Plans:
    'How a console moves from its legacy login to the unified one: link time, announcement, cut-over, rollback, closing.',
  Progress: 'How many people have moved, who has not, the forecast, and the rehearsal of a cut-over.',
  Notices: 'Mails that tell people of a move: progress, test, and whom they did not reach.',
  Accounts: 'Finding a person, everything about them, and what the support desk does for them.',
  'Login IDs': 'Login IDs that people have to look at: a lost mailbox, a console with another address.',
  Logout: 'Who was told of ended sessions and when.',
  Events: 'Who was told of events of accounts and when.',
  Audit: 'The audit log: who did what to whom, when, from where.',
  Settings: 'What a company changes without a deploy: brand, texts, sender, rules, limits, retention.',
  Keys: 'The keys that sign tokens: which there are, and their rotation.',
  Imports: 'People of consoles by file: handed in, checked, imported in the background.',
  Mail: 'The queue of mails: what waits, what became of each, trying at once, giving up.',
  Directories: 'Customers’ directories, which keep people of a console by SCIM 2.0, and their tokens.',
  SCIM: 'People of a console kept by a customer’s directory: SCIM 2.0 (RFC 7643, RFC 7644).',
  Operators: 'Staff who run the unified login, and the tokens of their programs.',
};

/** The tags that a document uses, in the order of their table, each with its words where there are any. */
export function tagsOf(used: ReadonlySet<string>): { name: string; description: string }[] {
  return [...used]
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map((name) => ({ name, description: TAGS[name] ?? '' }));
}

function placeOf(name: string): number {
  const at = Object.keys(TAGS).indexOf(name);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}
