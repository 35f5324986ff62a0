import type { JSX } from 'preact';
import { errorPage, signedOutPage, waitingPage } from './end-pages.tsx';
import { codePage, donePage, resetPage } from './reset-pages.tsx';
import { legacyLoginPage, signInPage } from './sign-in-pages.tsx';
import { dashboardPage, settingsPage } from './console-pages.tsx';
import { operatorPage } from './operator-page.tsx';
import type { Lang } from './frame.tsx';

/** The sample pages by name. */
export const gallery: Record<string, (lang: Lang) => JSX.Element> = {
  'sign-in': (lang) => signInPage(lang),
  'sign-in-failed': (lang) => signInPage(lang, true),
  reset: resetPage,
  code: (lang) => codePage(lang),
  'code-failed': (lang) => codePage(lang, true),
  done: donePage,
  'signed-out': signedOutPage,
  waiting: waitingPage,
  error: errorPage,
  'legacy-sms': (lang) => legacyLoginPage(lang, 'sms'),
  'legacy-mail': (lang) => legacyLoginPage(lang, 'mail'),
  dashboard: dashboardPage,
  settings: settingsPage,
  operator: operatorPage,
};
