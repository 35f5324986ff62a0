import { createApiKey } from '#domain/api-keys/api-keys.ts';
import { addAddress, createGroup, findGroup } from '#domain/addresses/groups.ts';
import { checkFiles } from '#domain/csv-sending/check.ts';
import { receiveCsv } from '#domain/csv-sending/receive.ts';
import { wantOfCsv } from '#domain/csv-sending/want.ts';
import { EMPTY_DRAFT, saveDraft } from '#domain/drafts/drafts.ts';
import { acceptMessages } from '#domain/messages/accept-messages.ts';
import { addOptOut } from '#domain/opt-outs/opt-outs.ts';
import type { Person } from '#domain/people/people.ts';
import { saveTemplate } from '#domain/templates/templates.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import type { World } from './world.ts';

/** Something of a company that a path or a form names. */
export type Sample = Readonly<Record<string, string>>;

let made = 0;

/** Each makes a new thing of this person's company, and what a path and a form call it. */
export const SAMPLES = {
  async message({ db, clock }: World, { companyId }: Pick<Person, 'companyId'>) {
    const [one] = await acceptMessages(
      db,
      { companyId, lane: 1 },
      [{ to: '090-1234-5001', text: '見本' }],
      clock.now(),
    );
    return { id: one?.ok ? one.message.id : '' };
  },
  async campaign({ db, clock }, { companyId }) {
    const id = newId('cmp', clock.now());
    const campaign = { id, company_id: companyId, created_by: null, name: '見本', body: '見本' };
    await db
      .insertInto('campaign')
      .values({
        ...campaign,
        kind: 'composed',
        state: 'scheduled',
        send_at: after(clock.now(), DAY),
        created_at: clock.now(),
      })
      .execute();
    return { id, act: 'pause' };
  },
  async draft({ db, clock }, person) {
    const id = newId('drf', clock.now());
    const content = { ...EMPTY_DRAFT, recipients: '090-1234-5001', body: '見本のお知らせです。' };
    await saveDraft(db, { personId: person.id, companyId: person.companyId }, { id, content }, clock.now());
    const { revision } = await db
      .selectFrom('draft')
      .select('revision')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return { draft: id, revision: String(revision) };
  },
  async file(world, person) {
    return { id: await receivedFile(world, person) };
  },
  async checkedFile(world, person) {
    const { db, clock } = world;
    const id = await receivedFile(world, person);
    const wanted = { name: '', numberColumn: 1, body: '見本', when: 'now', date: '', time: '' } as const;
    const result = await wantOfCsv(db, person.companyId, { id, wanted }, clock.now());
    if (!result?.ok) throw new Error('the sample file is refused');
    for (;;) {
      await checkFiles(db, { clock: clock.now, isStopping: () => false });
      const row = await db
        .selectFrom('csv_sending')
        .select(['state', 'revision'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (row.state === 'checked') return { id, revision: String(row.revision) };
    }
  },
  async template({ db, clock }, person) {
    const by = { personId: person.id, companyId: person.companyId };
    const saved = await saveTemplate(db, by, { id: null, name: `見本 ${++made}`, body: '見本' }, clock.now());
    if (!saved.ok) throw new Error(saved.reason);
    const { id } = await db
      .selectFrom('template')
      .select('id')
      .where('company_id', '=', person.companyId)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    return { id };
  },
  async group({ db, clock }, { companyId }) {
    const group = await createGroup(db, companyId, `見本 ${++made}`, clock.now());
    if (!group.ok) throw new Error(group.reason);
    const found = await findGroup(db, companyId, group.id);
    if (found === null) throw new Error('the sample group is gone');
    await addAddress(db, found, { number: '090-1234-5001', fields: {} }, clock.now());
    const { id: entry } = await db
      .selectFrom('address')
      .select('id')
      .where('group_id', '=', group.id)
      .executeTakeFirstOrThrow();
    return { id: group.id, entry };
  },
  async optOut({ db, clock }, person) {
    const number = `080${String(10_000_000 + ++made)}`;
    const by = { personId: person.id, companyId: person.companyId };
    await addOptOut(db, by, { number, reason: '' }, clock.now());
    return { number: `+81${number.slice(1)}` };
  },
  async apiKey({ db, clock }, person) {
    const created = await createApiKey(db, { personId: person.id, name: `見本 ${++made}` }, clock.now());
    if (!created.ok) throw new Error(created.reason);
    return { id: created.key.id };
  },
  async webhook(world, { companyId }) {
    const { db, clock } = world;
    const at = clock.now();
    const id = newId('whe', at);
    const { id: messageId = '' } = await SAMPLES.message(world, { companyId });
    const endpoint = { id, company_id: companyId, url: `https://example.co.jp/${++made}`, secret: 'sample' };
    await db
      .insertInto('webhook_endpoint')
      .values({ ...endpoint, previous_secret: null, created_by: null, created_at: at })
      .execute();
    const delivery = newId('whd', at);
    const about = { endpoint_id: id, message_id: messageId, kind: 'message.delivered', payload: '{}' };
    await db
      .insertInto('webhook_delivery')
      .values({ id: delivery, ...about, state: 'failed', tries: 10, next_try_at: at, created_at: at })
      .execute();
    return { id, delivery };
  },
  async member(world, { company }) {
    return { id: (await world.addPerson({ company, role: 'viewer' })).id };
  },
} as const satisfies Readonly<Record<string, (world: World, person: Of) => Promise<Sample>>>;
export type SampleName = keyof typeof SAMPLES;
type Of = Person;

async function receivedFile({ db, clock }: World, person: Person): Promise<string> {
  async function* bytes() {
    yield Buffer.from('名前,電話番号\r\n見本,090-1234-5001\r\n見本,03-1234-5678\r\n');
  }
  const of = { companyId: person.companyId, personId: person.id, fileName: 'sample.csv' };
  const received = await receiveCsv(db, of, bytes(), clock.now());
  if (!received.ok) throw new Error(received.reason);
  return received.id;
}
