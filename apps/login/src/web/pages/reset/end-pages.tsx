import { Heading, Lead, LinkButton, Text, TextLink } from '@hitokagi/design-system';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { texts } from './text.ts';

/** The password is set and nobody knows any more where the person was going. */
export function donePage(shell: Shell): string {
  const t = texts[shell.locale].done;
  return endPage(shell, { ...t, action: t.list, href: '/' });
}

/** The request was finished before, for example in another tab. */
export function finishedPage(shell: Shell, next: { console: string; url: string } | undefined): string {
  const { finished, done } = texts[shell.locale];
  const action = next
    ? { action: finished.next(next.console), href: next.url }
    : { action: done.list, href: '/' };
  return endPage(shell, { ...finished, ...action });
}

/** There is no such request for this browser. */
export function gonePage(shell: Shell, paths: { askPath: string; signInPath: string }): string {
  const all = texts[shell.locale];
  const t = all.gone;
  return endPage(shell, {
    ...t,
    action: t.again,
    href: paths.askPath,
    back: { href: paths.signInPath, label: all.back },
  });
}

function endPage(
  shell: Shell,
  page: { title: string; lead: string; action: string; href: string; back?: { href: string; label: string } },
): string {
  return renderPage(shell, {
    title: page.title,
    heading: (
      <>
        <Heading>{page.title}</Heading>
        <Lead>{page.lead}</Lead>
      </>
    ),
    children: (
      <>
        <LinkButton href={page.href} wide>
          {page.action}
        </LinkButton>
        {page.back ? (
          <Text>
            <TextLink href={page.back.href}>{page.back.label}</TextLink>
          </Text>
        ) : null}
      </>
    ),
  });
}
