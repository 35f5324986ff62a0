import type { Shell } from '#web/http/shell.tsx';
import { signInPage } from './page.tsx';

/** The sign-in page as customers see it, for operators who look at a brand before they take it. Its form leads nowhere. */
export function sampleSignInPage(shell: Shell, now: Date): string {
  return signInPage(shell, {
    path: '/operator/settings/preview',
    resetPath: '#first-time',
    consoleName: shell.locale === 'ja' ? '見本の管理画面' : 'Sample console',
    goal: undefined,
    interrupted: false,
    acceptsLegacyPassword: false,
    legacyLoginUrl: undefined,
    emailAddress: '',
    refusal: undefined,
    now,
  });
}
