import type { ComponentChildren } from 'preact';

/** A page or section heading. A page has exactly one of level 1. */
export function Heading({
  children,
  level = 1,
  id,
}: {
  children: ComponentChildren;
  level?: 1 | 2 | 3;
  id?: string;
}) {
  const props = { id, class: `ui-heading ui-heading-${level}` };
  if (level === 1) return <h1 {...props}>{children}</h1>;
  if (level === 2) return <h2 {...props}>{children}</h2>;
  return <h3 {...props}>{children}</h3>;
}

/** The sentence under a heading that says what the page is for. */
export function Lead({ children }: { children: ComponentChildren }) {
  return <p class="ui-lead">{children}</p>;
}

/** A paragraph of running text; `quiet` for what most people need not read. */
export function Text({ children, quiet = false }: { children: ComponentChildren; quiet?: boolean }) {
  return <p class={quiet ? 'ui-text ui-quiet' : 'ui-text'}>{children}</p>;
}

/** A company, person or product name: never broken while it fits on one line. */
export function Name({ children }: { children: ComponentChildren }) {
  return <span class="ui-name">{children}</span>;
}

/**
 * An e-mail address, domain or identifier in running text: kept together where it fits, shown in full where not. It breaks where it is read (after `@`, `:` or `/`, at a dot
 * where that is not enough), and at a hyphen only as a last resort.
 */
export function Literal({ children }: { children: ComponentChildren }) {
  // Only these have a place where a browser would break them wrongly.
  const isParted = typeof children === 'string' && /[-:]/.test(children);
  return (
    <span class={isParted ? 'ui-literal ui-literal-parted' : 'ui-literal'} {...untranslated}>
      {isParted ? breakable(children) : children}
    </span>
  );
}

/** A sentence with an address or identifier in it, where `{}` stands. */
export function SentenceWith({ text, literal }: { text: string; literal: string }) {
  const [before, after] = text.split('{}');
  return (
    <>
      {before}
      <Literal>{literal}</Literal>
      {after}
    </>
  );
}

/** As much as fits on a line of the narrowest box. */
const UNBROKEN = 18;

function breakable(text: string): ComponentChildren {
  return partsOf(text, [/(?<=[@:/])/u, /(?<=\.)/u, /(?<=[-_])/u]).map((part, index) =>
    index === 0 ? part : [<wbr />, part],
  );
}

function partsOf(text: string, [next, ...others]: readonly RegExp[]): readonly string[] {
  if (next === undefined) return text.match(new RegExp(`.{1,${UNBROKEN}}`, 'gsu')) ?? [text];
  return text.split(next).flatMap((part) => (part.length > UNBROKEN ? partsOf(part, others) : [part]));
}

/** A key or token that is shown once, to be copied: each character can be told from every other, one click marks all of it. */
export function Secret({ children }: { children: ComponentChildren }) {
  return (
    <code class="ui-secret" {...untranslated}>
      {children}
    </code>
  );
}

/** A plain list; `ordered` when the sequence matters. */
export function List({ items, ordered = false }: { items: readonly ComponentChildren[]; ordered?: boolean }) {
  const entries = items.map((item, index) => <li key={index}>{item}</li>);
  return ordered ? <ol class="ui-list ui-list-ordered">{entries}</ol> : <ul class="ui-list">{entries}</ul>;
}

/** A link in running text. */
export function TextLink({
  href,
  children,
  lang,
  id,
  newTab = false,
}: {
  href: string;
  children: ComponentChildren;
  lang?: string;
  id?: string;
  /** Only where the page that one is on would be lost; the link's words should say so. */
  newTab?: boolean;
}) {
  const tab = newTab ? { target: '_blank', rel: 'noopener' } : {};
  return (
    <a class="ui-link" href={href} lang={lang} hreflang={lang} id={id} {...tab}>
      {children}
    </a>
  );
}

/** Text for screen readers only. */
export function Unseen({ children }: { children: ComponentChildren }) {
  return <span class="ui-unseen">{children}</span>;
}

// Preact types this attribute as a boolean, which HTML does not know.
const untranslated: object = { translate: 'no' };
