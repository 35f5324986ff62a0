import type { TextFault } from '#domain/messages/text.ts';
import { asSent, textFault } from '#domain/wording/wording.ts';
import { isUniqueViolation, type Db } from '#support/db/database.ts';
import { isId, newId } from '#support/primitives/ids.ts';

/** A text to start a message from. */
export type Template = {
  readonly id: string;
  readonly name: string;
  readonly body: string;
  readonly changedAt: Date;
  readonly changedBy: string | null;
};

export type TemplateFault = 'name-missing' | 'name-too-long' | 'name-taken' | 'too-many' | 'gone' | TextFault;
export type SavedTemplate = { ok: true; id: string } | { ok: false; reason: TemplateFault };

export const LONGEST_NAME = 60;
export const MOST_TEMPLATES = 200;

/** The templates of a company by name. */
export async function listTemplates(db: Db, companyId: string): Promise<readonly Template[]> {
  return templates(db, companyId).orderBy('template.name').orderBy('template.id').execute();
}

/** One template of the company; null for any other id. */
export async function findTemplate(db: Db, companyId: string, id: string): Promise<Template | null> {
  if (!isId('tpl', id)) return null;
  return (await templates(db, companyId).where('template.id', '=', id).executeTakeFirst()) ?? null;
}

/** Makes a template, or changes the one with this id. */
export async function saveTemplate(
  db: Db,
  by: { personId: string; companyId: string },
  typed: { id: string | null; name: string; body: string },
  now: Date,
): Promise<SavedTemplate> {
  const name = typed.name.trim().replace(/\s+/g, ' ');
  const body = asSent(typed.body);
  if (name === '') return { ok: false, reason: 'name-missing' };
  if ([...name].length > LONGEST_NAME) return { ok: false, reason: 'name-too-long' };
  const fault = textFault(body, { longMessages: true });
  if (fault !== null) return { ok: false, reason: fault };
  const values = { name, body, changed_at: now, changed_by: by.personId };
  try {
    if (typed.id !== null) {
      const changed = await db
        .updateTable('template')
        .set(values)
        .where('id', '=', typed.id)
        .where('company_id', '=', by.companyId)
        .executeTakeFirst();
      return changed.numUpdatedRows > 0n ? { ok: true, id: typed.id } : { ok: false, reason: 'gone' };
    }
    const id = newId('tpl', now);
    return await db.transaction().execute(async (trx): Promise<SavedTemplate> => {
      await trx.selectFrom('company').select('id').where('id', '=', by.companyId).forUpdate().execute();
      const { count } = await trx
        .selectFrom('template')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('company_id', '=', by.companyId)
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST_TEMPLATES) return { ok: false, reason: 'too-many' };
      await trx
        .insertInto('template')
        .values({ id, company_id: by.companyId, ...values })
        .execute();
      return { ok: true, id };
    });
  } catch (error) {
    if (isUniqueViolation(error, 'template_name')) return { ok: false, reason: 'name-taken' };
    throw error;
  }
}

/** False when the company has no such template (any more). */
export async function deleteTemplate(db: Db, companyId: string, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('template')
    .where('id', '=', id)
    .where('company_id', '=', companyId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

function templates(db: Db, companyId: string) {
  return db
    .selectFrom('template')
    .leftJoin('person', 'person.id', 'template.changed_by')
    .where('template.company_id', '=', companyId)
    .select([
      'template.id as id',
      'template.name as name',
      'template.body as body',
      'template.changed_at as changedAt',
      'person.name as changedBy',
    ]);
}
