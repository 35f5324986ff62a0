import { consoleEntrance } from '#domain/consoles/consoles.ts';
import { phaseAt, type Plan } from '#domain/migration/phase.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** The link as a legacy page is to show it now. */
export type LinkNow = {
  /** Where it leads: the console's entrance, which starts a sign-in. Null when the console has none: then there is nothing to link to. */
  href: string | null;
  /** Milliseconds until it appears: 0 when it is there, null when it does not appear within the hour. */
  appearsIn: number | null;
};

/**
 * From link time on the link is there, and after the cut-over it stays: a legacy page that is still opened then must not be a dead end. A moment further away than an hour is not told to
 * everybody who reads the script.
 */
export function linkNow(console: ConsoleRow, plan: Plan, issuer: string, now: Date): LinkNow {
  const href = console.initiate_login_uri === null ? null : consoleEntrance(console, issuer);
  if (href === null) return { href, appearsIn: null };
  if (phaseAt(plan, now) !== 'prepared') return { href, appearsIn: 0 };
  const next = Math.min(...[plan.linkAt, plan.cutOverAt].map((at) => at?.getTime() ?? Infinity));
  const appearsIn = next - now.getTime();
  return { href, appearsIn: appearsIn <= HOUR ? appearsIn : null };
}

const texts = defineTexts({
  ja: { link: '統合認証画面はこちら' },
  en: { link: 'Go to the unified login' },
});

/** What a server-side include puts into the page: one paragraph, or nothing. */
export function linkFragment({ href, appearsIn }: LinkNow, locale: Locale): string {
  if (href === null || appearsIn !== 0) return '';
  return `<p class="hitokagi-link" lang="${locale}"><a href="${escaped(href)}">${texts[locale].link}</a></p>\n`;
}

/**
 * The script: shows the same paragraph behind its own tag, or in the element that `data-place` names, now or when the moment comes. Language: `lang` of the tag, else of the page. It
 * sends nothing, keeps nothing, needs no `unsafe-…` of a Content-Security-Policy, and leaves alone a page in which a server-side include has put the link already.
 */
export function linkScript({ href, appearsIn }: LinkNow): string {
  if (href === null) return '// This console has no sign-in address (initiate_login_uri) to link to.\n';
  if (appearsIn === null) return '// It is not yet time for the link.\n';
  const data = JSON.stringify({ href, appearsIn, ja: texts.ja.link, en: texts.en.link });
  return `(function (d) {
  var s = document.currentScript;
  function show() {
    if (document.querySelector('.hitokagi-link')) return;
    var en = /^en\\b/i.test((s && s.lang) || document.documentElement.lang);
    var p = document.createElement('p');
    var a = document.createElement('a');
    p.className = 'hitokagi-link';
    p.lang = en ? 'en' : 'ja';
    a.href = d.href;
    a.textContent = en ? d.en : d.ja;
    p.appendChild(a);
    var place = s && s.getAttribute('data-place') && document.querySelector(s.getAttribute('data-place'));
    if (place) place.appendChild(p);
    else if (s && s.parentNode && s.parentNode !== document.head) s.parentNode.insertBefore(p, s.nextSibling);
    else document.body.appendChild(p);
  }
  function ready() {
    if (d.appearsIn > 0) setTimeout(show, d.appearsIn);
    else show();
  }
  if (document.body && !(s && s.getAttribute('data-place') && document.readyState === 'loading')) ready();
  else document.addEventListener('DOMContentLoaded', ready);
})(${data});
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
