import { activeAccountByKey, noteCodeSent } from '#domain/accounts/accounts.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow, MessageRow } from '#support/db/schema.ts';
import { renderLetter } from '#support/mail/letter.tsx';
import { noteAccountOf, type MailTemplate } from '#support/mail/mail.ts';
import { mailFooter, type Brand } from '#support/primitives/brand.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { defineTexts } from '#support/primitives/locale.ts';
import { CODE_LIFE, codeForReading, issueCode } from './codes.ts';
import { REQUEST_LIFE } from './requests.ts';

/** Where the code of a change that an operator began is typed; the request's id follows. The page is worth nothing without the code. */
export const CODE_PAGE = '/login-id/code';

/**
 * The mail with a verification code. The code is made here, at the moment of sending; an address without an account gets nothing, and an address that another account
 * already has gets an explanation instead of a code. What goes to an account goes to its address as it is on file, not as somebody typed it: a mail server may tell `Taro@` from `taro@`.
 */
export function codeMail(deps: { db: Db; codeKey: Buffer; brand: Brand; pagesUrl: string }): MailTemplate {
  return async (message, now) => {
    const requestId = String(message.params.requestId);
    const request = await deps.db
      .selectFrom('verification_request')
      .selectAll()
      .where('id', '=', requestId)
      .executeTakeFirst();
    if (!request || request.ended_at || request.created_at <= after(now, -REQUEST_LIFE)) return 'drop';
    const holder = await activeAccountByKey(deps.db, request.email_key);
    switch (request.purpose) {
      case 'set-password':
        return holder
          ? { ...(await letterWithCode('set-password', holder.id)), to: holder.email_address }
          : 'drop';
      case 'change-login-id':
        return holder
          ? { ...addressInUse(deps.brand, message, holder), to: holder.email_address }
          : letterWithCode('change-login-id', request.account_id ?? '');
    }

    /** Whether a person asked the support desk; else a console or a directory named another address for its user. */
    async function isOfSupport(request: string): Promise<boolean> {
      const change = await deps.db
        .selectFrom('login_id_change')
        .select('operator')
        .where('request_id', '=', request)
        .executeTakeFirst();
      return change?.operator?.startsWith('operator:') !== false;
    }

    async function letterWithCode(purpose: 'set-password' | 'change-login-id', accountId: string) {
      const code = await deps.db.transaction().execute(async (trx) => {
        const locked = await trx
          .selectFrom('verification_request')
          .selectAll()
          .where('id', '=', requestId)
          .forUpdate()
          .executeTakeFirstOrThrow();
        // Operators see what became of it; asked for is it alike for every address.
        await noteAccountOf(trx, message.id, accountId);
        if (purpose === 'set-password') {
          await noteCodeSent(trx, accountId, now);
          // Here and not where it is asked for: there nobody knows yet whether there is an account (C4).
          await recordEvent(trx, {
            at: now,
            action: 'code.sent',
            actor: 'anonymous',
            accountId,
            consoleId: locked.console_id,
            clientIp: typeof message.params.clientIp === 'string' ? message.params.clientIp : null,
            detail: { purpose, request: requestId },
          });
        }
        return issueCode(trx, deps.codeKey, locked, accountId, message.id, now);
      });
      const t = codeMailTexts[message.locale];
      // A console has a page of its own for the code; of a change that an operator began ours is named here.
      const onOurPage = purpose === 'change-login-id' && request?.console_id === null;
      const own = !onOurPage
        ? t[purpose]
        : (await isOfSupport(requestId))
          ? t.byOperator
          : { ...t.byOperator, ...t.byProvider };
      return renderLetter({
        locale: message.locale,
        subject: `${own.subject}${t.brandInSubject(deps.brand.name[message.locale])}`,
        parts: [
          { kind: 'text', text: own.lead },
          { kind: 'code', code: codeForReading(code) },
          {
            kind: 'text',
            text: onOurPage ? t.byOperator.life(CODE_LIFE / MINUTE) : t.life(CODE_LIFE / MINUTE),
          },
          ...(onOurPage
            ? [
                {
                  kind: 'link' as const,
                  label: t.byOperator.link,
                  url: `${deps.pagesUrl}${CODE_PAGE}/${requestId}`,
                },
              ]
            : []),
          { kind: 'text', text: own.notYou },
        ],
        footer: [t.never, own.why, ...mailFooter(deps.brand, message.locale)],
        brandName: deps.brand.name[message.locale],
        keyColour: deps.brand.keyColour,
      });
    }
  };
}

function addressInUse(brand: Brand, message: MessageRow, holder: AccountRow) {
  const locale = holder.locale ?? message.locale;
  const t = codeMailTexts[locale];
  return renderLetter({
    locale,
    subject: `${t.inUse.subject}${t.brandInSubject(brand.name[locale])}`,
    parts: [
      { kind: 'text', text: t.inUse.lead },
      { kind: 'list', items: t.inUse.next },
      { kind: 'text', text: t.inUse.notYou },
    ],
    footer: [t.inUse.why, ...mailFooter(brand, locale)],
    brandName: brand.name[locale],
    keyColour: brand.keyColour,
  });
}

/** Each part with a `why` is a mail of its own. */
export const codeMailTexts = defineTexts({
  ja: {
    brandInSubject: (brand: string) => `｜${brand}`,
    life: (minutes: number) =>
      `このコードは発行から${minutes}分間、1回だけ使えます。コードを申し込んだ画面に戻って入力してください。`,
    never: '当社の担当者が検証コードをお尋ねすることはありません。コードを誰にも教えないでください。',
    'set-password': {
      subject: '検証コードのお知らせ（パスワードの設定）',
      lead: 'パスワードの設定に使う検証コードです。',
      notYou: 'お心当たりがない場合は、このメールを破棄してください。何も変更されません。',
      why: 'このメールは、パスワード設定の画面でこのメールアドレスが入力されたため、自動でお送りしています。',
    },
    'change-login-id': {
      subject: '検証コードのお知らせ（メールアドレスの変更）',
      lead: 'ログインIDをこのメールアドレスに変更するための検証コードです。',
      notYou:
        'お心当たりがない場合は、このメールを破棄してください。コードが入力されないかぎり、何も変更されません。',
      why: 'このメールは、管理画面の設定で新しいメールアドレスとしてこのアドレスが入力されたため、自動でお送りしています。',
    },
    byOperator: {
      subject: '検証コードのお知らせ（メールアドレスの変更）',
      lead: 'サポート窓口へのご依頼により、ログインIDをこのメールアドレスに変更するための検証コードです。',
      life: (minutes: number) =>
        `このコードは発行から${minutes}分間、1回だけ使えます。次のページを開き、コードを入力してください。ページを開いただけでは、何も変わりません。`,
      link: 'コードを入力するページ：',
      notYou:
        'お心当たりがない場合は、このメールを破棄してください。コードが入力されないかぎり、何も変更されません。',
      why: 'このメールは、サポート窓口でログインIDの変更を承ったときに、新しいメールアドレスへ自動でお送りしています。',
    },
    byProvider: {
      lead: 'お客様の組織または管理画面の利用者情報で、メールアドレスが変更されました。ログインIDをこのメールアドレスに変更するための検証コードです。',
      why: 'このメールは、利用者情報のメールアドレスが変更されたときに、新しいメールアドレスへ自動でお送りしています。',
    },
    inUse: {
      subject: 'このメールアドレスはすでにログインIDとして使われています',
      lead: 'ほかのログインIDをこのメールアドレスに変更する申し込みがありましたが、このアドレスはすでに別のアカウントのログインIDのため、変更できません。検証コードは発行していません。',
      next: [
        'ご自身で申し込まれた場合：別のメールアドレスで、もう一度お申し込みください。',
        '2つのアカウントを1つにまとめたい場合：サポート窓口へご相談ください。',
      ],
      notYou:
        'お心当たりがない場合は、このメールを破棄してください。お使いのアカウントは何も変わっていません。',
      why: 'このメールは、管理画面の設定で新しいメールアドレスとしてこのアドレスが入力されたため、自動でお送りしています。',
    },
  },
  en: {
    brandInSubject: (brand: string) => ` | ${brand}`,
    life: (minutes: number) =>
      `The code works once, for ${minutes} minutes from now. Go back to the page where you asked for it and type it there.`,
    never: 'Our staff will never ask you for a verification code. Do not tell it to anyone.',
    'set-password': {
      subject: 'Your verification code (set a password)',
      lead: 'This is your verification code to set a password.',
      notYou: 'If you did not ask for it, delete this mail. Nothing has changed.',
      why: 'You receive this mail because this address was entered on the page that sets a password.',
    },
    'change-login-id': {
      subject: 'Your verification code (change of e-mail address)',
      lead: 'This is the verification code that makes this address your login ID.',
      notYou: 'If you did not ask for it, delete this mail. Nothing changes unless the code is entered.',
      why: 'You receive this mail because this address was entered as a new address in the settings of an admin console.',
    },
    byOperator: {
      subject: 'Your verification code (change of e-mail address)',
      lead: 'This code makes this e-mail address your login ID, as our support was asked to.',
      life: (minutes: number) =>
        `The code works once, for ${minutes} minutes from now. Open the page below and type it there. Opening the page changes nothing by itself.`,
      link: 'Page for the code:',
      notYou: 'If you know nothing of this, delete this mail. Nothing changes unless the code is typed.',
      why: 'This mail goes to the new address when our support is asked to change a login ID.',
    },
    byProvider: {
      lead: 'Your organisation, or a console that you use, has changed your e-mail address in its list of users. This code makes this e-mail address your login ID.',
      why: 'This mail goes to the new address when it is changed in a list of users.',
    },
    inUse: {
      subject: 'This address is already a login ID',
      lead: 'Someone asked to make this address the login ID of another account. It already is the login ID of an account, so it cannot be used twice. No code was issued.',
      next: [
        'If it was you: choose a different address and ask again.',
        'If you want two accounts to become one: please ask our support.',
      ],
      notYou: 'If you did not ask for it, delete this mail. Your account has not changed.',
      why: 'You receive this mail because this address was entered as a new address in the settings of an admin console.',
    },
  },
});
