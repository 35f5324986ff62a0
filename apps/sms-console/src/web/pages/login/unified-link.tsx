import type { Gate } from '@hitokagi/console-kit';
import { Callout, LinkButton, RefreshRegion, Text } from '@hitokagi/design-system';
import { routes, unifiedStartUrl } from '#app/routes.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { momentText } from '#web/http/times.ts';
import { loginTexts } from './text.ts';

/** An open page asks at least this often, so that a plan that operators change reaches it too (R12: within 10 s). */
const LOOK_AT_LEAST_EVERY = 8 * SECOND;

export type UnifiedLinkProps = {
  locale: Locale;
  gate: Gate;
  cutOverAt: Date | null;
  /** Until the plan's next moment by the server's clock; null when none is set. */
  millisecondsToNextChange: number | null;
  returnPath: string;
};

/**
 * The way to the unified login: nothing before link time, the link from then on (R13). An open page asks for this part
 * again at the moment that the server names, so it depends neither on the reader's clock nor on a reload.
 */
export function UnifiedLink(props: UnifiedLinkProps) {
  return (
    <RefreshRegion
      id="unified-link"
      url={`${routes.loginUnifiedLink}?${new URLSearchParams({ return_path: props.returnPath })}`}
      seconds={secondsToNextLook(props)}
      live
    >
      {isShown(props) ? <Link {...props} /> : null}
    </RefreshRegion>
  );
}

function Link({ locale, cutOverAt, returnPath }: UnifiedLinkProps) {
  const text = loginTexts[locale].unified;
  return (
    <Callout
      id="unified"
      title={text.title}
      action={
        <LinkButton kind="secondary" wide href={unifiedStartUrl({ returnPath })}>
          {text.link}
        </LinkButton>
      }
    >
      <Text>{text.independent}</Text>
      {cutOverAt === null ? null : <Text>{text.until(momentText(cutOverAt, locale))}</Text>}
    </Callout>
  );
}

/** After cut-over too: an open page of before then shows where it goes on. */
function isShown({ gate }: Pick<UnifiedLinkProps, 'gate'>): boolean {
  return gate.legacyLink || !gate.legacySignIn;
}

function secondsToNextLook({ gate, millisecondsToNextChange }: UnifiedLinkProps): number | undefined {
  if (isShown({ gate })) return undefined;
  const wait = Math.min(millisecondsToNextChange ?? LOOK_AT_LEAST_EVERY, LOOK_AT_LEAST_EVERY);
  return Math.max(1, Math.ceil(wait / SECOND));
}
