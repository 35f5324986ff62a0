import type { Db } from '#support/db/database.ts';
import { renderLetter } from '#support/mail/letter.tsx';
import type { MailTemplate } from '#support/mail/mail.ts';
import { mailFooter, type Brand } from '#support/primitives/brand.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts } from '#support/primitives/locale.ts';

/** Tells the former mailbox that its address is the login ID again, and the other one that it is none any more (R18). */
export function loginIdUndoneMail(
  deps: { db: Db; brand: Brand },
  to: 'restored' | 'withdrawn',
): MailTemplate {
  return async (message) => {
    const { at, changeId, passwordWithdrawn } = message.params as {
      at: string;
      changeId: string;
      passwordWithdrawn: boolean;
    };
    const { locale } = message;
    const t = texts[locale];
    const { old_address: restored } = await deps.db
      .selectFrom('login_id_change')
      .select('old_address')
      .where('id', '=', changeId)
      .executeTakeFirstOrThrow();
    const when = japanTime(new Date(at), locale);
    const parts =
      to === 'restored'
        ? [
            t.restored.lead(when),
            t.restored.ended,
            passwordWithdrawn ? t.restored.setPassword : t.restored.advice,
            t.restored.notYou,
          ]
        : [t.withdrawn.lead(when), t.withdrawn.ended, t.withdrawn.notAgreed];
    return renderLetter({
      locale,
      subject: t[to].subject(deps.brand.name[locale]),
      parts: [
        { kind: 'text', text: parts[0] ?? '' },
        ...(to === 'restored' ? [{ kind: 'list' as const, items: [t.restored.loginId(restored)] }] : []),
        ...parts.slice(1).map((text) => ({ kind: 'text' as const, text })),
      ],
      footer: [t[to].why, ...mailFooter(deps.brand, locale)],
      brandName: deps.brand.name[locale],
      keyColour: deps.brand.keyColour,
    });
  };
}

const texts = defineTexts({
  ja: {
    restored: {
      subject: (brand: string) => `ログインIDの変更を取り消しました｜${brand}`,
      lead: (at: string) => `${at}に、ログインIDの変更を取り消しました。ログインIDは元のメールアドレスです。`,
      loginId: (address: string) => `ログインID：${address}`,
      ended: '安全のため、ログイン中の画面はすべて終了しました。',
      setPassword:
        '変更のあとに設定されたパスワードは無効にしました。ログイン画面の「パスワードを忘れた方はこちら」から、新しいパスワードを設定してください。',
      advice:
        'お心当たりのない変更だった場合は、ログイン画面の「パスワードを忘れた方はこちら」から、新しいパスワードを設定してください。',
      notYou: 'この取り消しにお心当たりがない場合は、すぐにサポート窓口へご連絡ください。',
      why: 'このメールは、ログインIDの変更が取り消されたことをお知らせするため、自動でお送りしています。',
    },
    withdrawn: {
      subject: (brand: string) => `このメールアドレスはログインIDではなくなりました｜${brand}`,
      lead: (at: string) =>
        `${at}に、変更前のメールアドレスをお持ちの方がログインIDの変更を取り消しました。このメールアドレスではログインできなくなりました。`,
      ended: 'ログイン中の画面はすべて終了し、届いている検証コードは無効になりました。',
      notAgreed:
        'ご自身の正しい変更が取り消された場合は、サポート窓口へご連絡ください。ご本人であることを確認したうえで、お手続きをご案内します。',
      why: 'このメールは、ログインIDだったメールアドレスに変更の取り消しをお知らせするため、自動でお送りしています。',
    },
  },
  en: {
    restored: {
      subject: (brand: string) => `The change of your login ID was undone | ${brand}`,
      lead: (at: string) =>
        `The change of your login ID was undone on ${at}. Your former e-mail address is your login ID again.`,
      loginId: (address: string) => `Login ID: ${address}`,
      ended: 'To be safe, every browser that was signed in has been signed out.',
      setPassword:
        'The password that was set after the change does not work any more. Please set a new one with “Forgot your password?” on the sign-in page.',
      advice:
        'If the change was not yours, please set a new password with “Forgot your password?” on the sign-in page.',
      notYou: 'If you know nothing of this, contact our support at once.',
      why: 'You receive this mail because the change of a login ID was undone.',
    },
    withdrawn: {
      subject: (brand: string) => `This address is no login ID any more | ${brand}`,
      lead: (at: string) =>
        `On ${at} whoever has the former e-mail address undid the change of the login ID. You cannot sign in with this address any more.`,
      ended:
        'Every browser that was signed in has been signed out, and codes that were mailed do not work any more.',
      notAgreed:
        'If this was a change of your own that should stand, contact our support. We will make sure who you are and help you.',
      why: 'This mail goes to an address that was a login ID when the change to it is undone.',
    },
  },
});
