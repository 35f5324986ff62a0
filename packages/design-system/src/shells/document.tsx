import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { JSX } from 'preact';
import { Monogram } from './brand-mark.tsx';

/** Who the page speaks for. */
export interface PageBrand {
  name: string;
  /** An inline SVG of 32 × 32; without it a monogram of the name's first character stands there. */
  logo?: ComponentChildren;
  /** Where mark and name lead; without it they lead nowhere. */
  homeUrl?: string | undefined;
  /** The browser's tab icon (see `brandAssets`). */
  iconUrl?: string | undefined;
}

/** What every whole page takes. */
export interface DocumentProps {
  lang: 'ja' | 'en';
  /** Title of the page; the brand's name is added behind it. */
  title: string;
  brand: PageBrand;
  /** Paths of stylesheets, in order: the system's first, the brand's after it. */
  stylesheets: readonly string[];
  /** Paths of ES modules. */
  scripts: readonly string[];
  /** Text of the link that jumps to the content. */
  skipLabel: string;
  /** Loads the page anew after so many seconds where no script runs (for waiting pages). */
  reloadSeconds?: number | undefined;
}

/** The whole answer body for a page: doctype and HTML. Everything that comes in as text is escaped. */
export function renderDocument(page: JSX.Element): string {
  return `<!doctype html>\n${renderToString(page)}\n`;
}

/** The HTML of a part of a page, for regions that are fetched anew. */
export function renderFragment(part: JSX.Element): string {
  return renderToString(part);
}

/** The frame around every page. */
export function Document(props: DocumentProps & { kind: string; children: ComponentChildren }) {
  return (
    <html lang={props.lang} class={`ui-${props.kind}`}>
      <head>
        <meta charset="utf-8" />
        <title>
          {props.title === props.brand.name ? props.title : `${props.title} | ${props.brand.name}`}
        </title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="format-detection" content="telephone=no" />
        {props.brand.iconUrl === undefined ? null : (
          <link rel="icon" href={props.brand.iconUrl} type="image/svg+xml" />
        )}
        {props.stylesheets.map((path) => (
          <link key={path} rel="stylesheet" href={path} />
        ))}
        {props.scripts.map((path) => (
          <script key={path} type="module" src={path} />
        ))}
        {props.reloadSeconds === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={String(props.reloadSeconds)} />
          </noscript>
        )}
      </head>
      <body>
        <a class="ui-skip" href="#main">
          {props.skipLabel}
        </a>
        {props.children}
      </body>
    </html>
  );
}

/** The brand's mark and name, leading home. */
export function BrandLink({ brand }: { brand: PageBrand }) {
  const content = (
    <>
      <span class="ui-brand-mark" aria-hidden="true">
        {brand.logo ?? <Monogram text={brand.name.slice(0, 1)} />}
      </span>
      <span class="ui-brand-name">{brand.name}</span>
    </>
  );
  if (brand.homeUrl === undefined) return <span class="ui-brand">{content}</span>;
  return (
    <a class="ui-brand" href={brand.homeUrl}>
      {content}
    </a>
  );
}
