import type { CheckedOptions } from '../checked-options.ts';
import type { ToldEvent } from './told-event.ts';

/** Does in the console what an event says. Throws when a store or a handler of the console does; it is safe to be called again for the same event. */
export async function deliverEvent(options: CheckedOptions, told: ToldEvent): Promise<void> {
  const { accountEvents, log, loginIds, sessions } = options;
  switch (told.kind) {
    case 'login-id-changed': {
      if (loginIds === undefined) return;
      const { consoleUserId, emailAddress, version } = told;
      const outcome = await loginIds.apply({ consoleUserId, emailAddress, version });
      log.info({ consoleUserId, version, outcome }, 'account event: login ID');
      return;
    }
    case 'verification':
    case 'stream-updated':
      log.info({ ...told }, 'account event: of the stream itself');
      return;
    case 'unknown':
      log.info({ type: told.type }, 'account event: not known here');
      return;
    case 'suspended':
    case 'closed':
    case 'sessions-revoked':
      await sessions.endBySub(told.sub, { startedBefore: told.startedBefore });
      await accountEvents?.handlers?.[told.kind]?.(told);
      return;
    case 'reinstated':
    case 'password-changed':
      await accountEvents?.handlers?.[told.kind]?.(told);
  }
}
