import { loginIdChangedMail } from '#domain/login-id/changed-mail.ts';
import { LOGIN_ID_CHANGED_MAIL } from '#domain/login-id/confirm.ts';
import { loginIdUndoneMail } from '#domain/login-id/undone-mails.ts';
import { LOGIN_ID_RESTORED_MAIL, LOGIN_ID_WITHDRAWN_MAIL } from '#domain/login-id/undo.ts';
import { NOTICE_MAIL, NOTICE_TEST_MAIL, noticeMail, noticeTestMail } from '#domain/notices/mail.ts';
import { SET_UP_MAIL, setUpMail } from '#domain/person/set-up-mail.ts';
import { PASSWORD_SET_MAIL, passwordSetMail } from '#domain/sign-in/password-set-mail.ts';
import { codeMail } from '#domain/verification/code-mail.ts';
import { CODE_MAIL } from '#domain/verification/requests.ts';
import type { Db } from '#support/db/database.ts';
import type { MailTemplate } from '#support/mail/mail.ts';
import type { Brand } from '#support/primitives/brand.ts';

/** Every mail that the login server sends, by the name that its messages carry. */
export function mailTemplates(deps: {
  db: Db;
  codeKey: Buffer;
  undoKey: Buffer;
  /** A setting: read anew with each mail. */
  readonly brand: Brand;
  /** Where links lead. */
  pagesUrl: string;
}): Readonly<Record<string, MailTemplate>> {
  return {
    [CODE_MAIL]: codeMail(deps),
    [PASSWORD_SET_MAIL]: passwordSetMail(deps),
    [LOGIN_ID_CHANGED_MAIL]: loginIdChangedMail(deps),
    [LOGIN_ID_RESTORED_MAIL]: loginIdUndoneMail(deps, 'restored'),
    [LOGIN_ID_WITHDRAWN_MAIL]: loginIdUndoneMail(deps, 'withdrawn'),
    [NOTICE_MAIL]: noticeMail(deps),
    [SET_UP_MAIL]: setUpMail(deps),
    [NOTICE_TEST_MAIL]: noticeTestMail(deps),
  };
}
