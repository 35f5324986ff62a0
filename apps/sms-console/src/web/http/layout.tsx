import type { ComponentChildren } from 'preact';
import {
  BrandMark,
  ConsolePage,
  LanguageSwitch,
  Literal,
  Name,
  Notice,
  PersonPage,
  Text,
  type DocumentProps,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { ConsoleBrand } from '#domain/brand.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { layoutTexts, type NoticeCode } from './layout-text.ts';

/** Paths of the files that every page loads. */
export type Chrome = {
  readonly stylesheets: readonly string[];
  readonly scripts: readonly string[];
  readonly iconUrl: string;
};

/** What a page knows about the request that it answers. */
export type View = {
  readonly brand: ConsoleBrand;
  readonly chrome: Chrome;
  readonly locale: Locale;
  /** Token against forged forms, sent along by each form; empty on a page that can have none. */
  readonly csrf: string;
  /** The page's own address, to come back to after a change of language. */
  readonly here: string;
  readonly notice: NoticeCode | null;
};

export type Nav = 'home' | 'compose' | 'campaigns' | 'addresses' | 'templates' | 'people' | 'settings';

/** A page for everyone: one card on a quiet ground. */
export function PersonLayout({
  view,
  title,
  ...page
}: {
  view: View;
  title: string;
  heading: ComponentChildren;
  children: ComponentChildren;
  aside?: ComponentChildren;
  below?: ComponentChildren;
}) {
  return (
    <PersonPage
      {...documentProps(view, title)}
      {...page}
      languageSwitch={view.csrf === '' ? undefined : <Languages view={view} />}
      footer={footer(view)}
    />
  );
}

/** A page of somebody who is signed in. */
export function ConsoleLayout({
  view,
  title,
  person,
  current,
  scripts = [],
  reloadSeconds,
  children,
}: {
  view: View;
  title: string;
  person: Person;
  current: Nav;
  /** Paths of scripts that only this page needs. */
  scripts?: readonly string[];
  /** Loads the page anew after so many seconds where no script runs. */
  reloadSeconds?: number | undefined;
  children: ComponentChildren;
}) {
  const text = layoutTexts[view.locale];
  return (
    <ConsolePage
      {...documentProps(view, title)}
      scripts={[...view.chrome.scripts, ...scripts]}
      reloadSeconds={reloadSeconds}
      nav={{
        label: text.nav,
        links: navLinks(view, person).map(([place, href]) => ({
          href,
          label: text.places[place],
          current: current === place,
        })),
      }}
      account={{
        name: person.name,
        label: text.account,
        detail: (
          <>
            <Text>
              <Name>{person.company}</Name>
            </Text>
            <Text quiet>
              <Literal>{person.emailAddress}</Literal>
            </Text>
          </>
        ),
        links: [{ href: routes.settings, label: text.places.settings }],
        signOut: { action: routes.logout, label: text.signOut, hidden: [csrfField(view)] },
      }}
      languageSwitch={<Languages view={view} />}
      banner={
        view.notice === null ? undefined : (
          <Notice tone="success" toneLabel={text.done} title={text.notices[view.notice]} live />
        )
      }
      footer={footer(view)}
    >
      {children}
    </ConsolePage>
  );
}

/** Where this person can go in this console; what they may only look at is there too. */
function navLinks({ brand }: View, person: Person): readonly (readonly [Nav, string])[] {
  const people = mayDo(person.role, 'manage-people') ? [PEOPLE] : [];
  if (!brand.sendsSms) return [HOME, ...people, SETTINGS];
  return [
    HOME,
    ...(mayDo(person.role, 'send') ? ([['compose', routes.compose]] as const) : []),
    ['campaigns', routes.campaigns],
    ['addresses', routes.addresses],
    ['templates', routes.templates],
    ...people,
    SETTINGS,
  ];
}

const HOME = ['home', routes.home] as const;
const PEOPLE = ['people', routes.people] as const;
const SETTINGS = ['settings', routes.settings] as const;

/** The hidden field that every POST form carries. */
export function csrfField(view: View): { name: string; value: string } {
  return { name: '_csrf', value: view.csrf };
}

function Languages({ view }: { view: View }) {
  return (
    <LanguageSwitch
      action={routes.language}
      label={layoutTexts[view.locale].language}
      languages={[
        { code: 'ja', label: '日本語', current: view.locale === 'ja' },
        { code: 'en', label: 'English', current: view.locale === 'en' },
      ]}
      hidden={[csrfField(view), { name: 'return_path', value: view.here }]}
    />
  );
}

function documentProps(view: View, title: string): DocumentProps {
  const { brand, chrome, locale } = view;
  return {
    lang: locale,
    title,
    brand: {
      name: brand.texts[locale].name,
      logo: <BrandMark name={brand.mark} />,
      homeUrl: routes.home,
      iconUrl: chrome.iconUrl,
    },
    stylesheets: chrome.stylesheets,
    scripts: chrome.scripts,
    skipLabel: layoutTexts[locale].skip,
  };
}

function footer({ brand, locale }: View) {
  const text = layoutTexts[locale];
  return {
    note: (
      <Text quiet>
        {brand.texts[locale].product}
        <br />
        {text.support} <Literal>{brand.support}</Literal>
      </Text>
    ),
  };
}
