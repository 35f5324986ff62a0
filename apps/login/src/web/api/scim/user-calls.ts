import { changeUser, type ChangeRefusal } from '#domain/provisioning/change.ts';
import { createUser } from '#domain/provisioning/create.ts';
import { personOf, type ProvisionedPerson } from '#domain/provisioning/people.ts';
import type { Provider } from '#domain/provisioning/provider.ts';
import { removeUser } from '#domain/provisioning/remove.ts';
import type { SaidOfUser } from '#domain/provisioning/said.ts';
import type { WebContext } from '#web/http/context.ts';
import { patched, readPatch } from './patch.ts';
import type { ScimRefusal } from './refusal.ts';
import { consoleUserIdOf, resourceOf, saidIn, type UserResource } from './user-body.ts';

/** One call about one user, whether it came by itself or in a bulk. */
export type UserCall =
  | { method: 'POST'; body: unknown }
  | { method: 'PUT' | 'PATCH'; id: string; body: unknown; ifMatch?: string | undefined }
  | { method: 'DELETE'; id: string; ifMatch?: string | undefined }
  | { method: 'GET'; id: string; ifNoneMatch?: string | undefined };

export type UserAnswer =
  | { status: 200 | 201; user: UserResource }
  | { status: 204 | 304; user?: undefined }
  | { status: 'refused'; refusal: ScimRefusal };

/** Does what a call asks, and says what became of it. */
export async function answerUserCall(
  context: WebContext,
  provider: Provider,
  call: UserCall,
): Promise<UserAnswer> {
  const now = context.clock();
  const shown = (person: ProvisionedPerson): UserResource => resourceOf(person, context.issuer);
  switch (call.method) {
    case 'GET': {
      const person = await personOf(context.db, provider, consoleUserIdOf(call.id), now);
      if (!person) return refused({ reason: 'user-unknown' });
      const user = shown(person);
      if (call.ifNoneMatch !== undefined && names(call.ifNoneMatch, user.meta.version))
        return { status: 304 };
      return { status: 200, user };
    }
    case 'POST': {
      const read = saidIn(call.body);
      if (!read.ok) return refused(read.refusal);
      const made = await createUser(context, provider, read.said, now);
      if (!made.ok) return refused({ reason: made.reason });
      return { status: 201, user: shown(await present(made.consoleUserId)) };
    }
    case 'PUT': {
      const read = saidIn(call.body);
      if (!read.ok) return refused(read.refusal);
      return change(call, (person) => replaced(person, read.said));
    }
    case 'PATCH': {
      const read = readPatch(call.body);
      if (!read.ok) return refused(read.refusal);
      return change(call, async (person) => {
        const result = await patched(person, read.operations);
        return result.ok ? { said: result.said } : { refused: result.refusal };
      });
    }
    case 'DELETE': {
      const result = await removeUser(
        context,
        provider,
        consoleUserIdOf(call.id),
        (person): ScimRefusal | undefined => stale(person, call.ifMatch),
        now,
      );
      if (result.ok) return { status: 204 };
      return refused(result.reason === 'refused' ? result.refusal : { reason: result.reason });
    }
  }

  async function change(
    { id, ifMatch }: { id: string; ifMatch?: string | undefined },
    decide: (person: ProvisionedPerson) => Wish | Promise<Wish>,
  ): Promise<UserAnswer> {
    const consoleUserId = consoleUserIdOf(id);
    const result = await changeUser<ScimRefusal>(
      context,
      provider,
      consoleUserId,
      (person) => {
        const other = stale(person, ifMatch);
        return other ? { refused: other } : decide(person);
      },
      now,
    );
    if (result.ok) return { status: 200, user: shown(await present(consoleUserId)) };
    return refused(result.reason === 'refused' ? result.refusal : refusalIn(result));
  }

  function stale(person: ProvisionedPerson, ifMatch: string | undefined): ScimRefusal | undefined {
    if (ifMatch === undefined || names(ifMatch, shown(person).meta.version)) return undefined;
    return { reason: 'version-other' };
  }

  async function present(consoleUserId: string): Promise<ProvisionedPerson> {
    const person = await personOf(context.db, provider, consoleUserId, now);
    if (!person) throw new Error('A user who was there a moment ago is gone.');
    return person;
  }
}

type Wish = { said: SaidOfUser } | { refused: ScimRefusal };

/** What is not said in a PUT of an id that cannot change, stays: directories leave it out. */
function replaced(person: ProvisionedPerson, said: SaidOfUser): Wish {
  return { said: { ...said, externalId: said.externalId ?? person.externalId } };
}

function refusalIn(refusal: ChangeRefusal): ScimRefusal {
  return { reason: refusal.reason, ...('retryAt' in refusal ? { retryAt: refusal.retryAt } : {}) };
}

function refused(refusal: ScimRefusal): UserAnswer {
  return { status: 'refused', refusal };
}

/** Whether a header of versions names this one (RFC 9110 §13.1); all of ours are weak. */
function names(header: string, version: string): boolean {
  const plain = (tag: string): string => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').map(plain).includes(plain(version));
}
