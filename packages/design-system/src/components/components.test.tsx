import { expect, test } from 'vitest';
import {
  Button,
  Callout,
  CodeField,
  Countdown,
  ErrorSummary,
  Form,
  Heading,
  LanguageSwitch,
  LinkButton,
  Notice,
  PasswordField,
  PasswordRules,
  PersonPage,
  RadioGroup,
  renderDocument,
  renderFragment,
  Table,
  TextArea,
  TextField,
} from '../index.ts';

const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'&';

test('A2: text from outside is escaped wherever it comes in', () => {
  const html = renderDocument(
    <PersonPage
      lang="ja"
      title={hostile}
      brand={{ name: hostile, homeUrl: '/' }}
      stylesheets={[]}
      scripts={[]}
      skipLabel={hostile}
      heading={<Heading>{hostile}</Heading>}
      aside={<Callout title={hostile}>{hostile}</Callout>}
      consoleBadge={{ label: hostile, name: hostile }}
      footer={{ links: [{ href: '/', label: hostile }], note: hostile }}
    >
      <ErrorSummary title={hostile} errors={[{ fieldId: 'a', message: hostile }, { message: hostile }]} />
      <Form action={hostile} hidden={[{ name: hostile, value: hostile }]}>
        <TextField id="a" name="a" label={hostile} help={hostile} error={hostile} value={hostile} />
        <TextArea id="b" name="b" label={hostile} value={`</textarea>${hostile}`} />
        <RadioGroup
          id="c"
          name="c"
          label={hostile}
          choices={[{ value: hostile, label: hostile, help: hostile }]}
        />
        <Countdown secondsLeft={3} buttonId="x" waiting={hostile} ready={hostile} />
        <Button name="d" value={hostile}>
          {hostile}
        </Button>
      </Form>
      <Table caption={hostile} columns={[{ label: hostile }]} rows={[{ key: '1', cells: [hostile] }]} />
    </PersonPage>,
  );
  expect(html.match(/<script|<img/g)).toBeNull();
  expect(html).not.toMatch(/="[^"]*"><script/);
});

test('U: pages carry no inline script, no inline style and no event attributes, so that the strict policy holds', () => {
  const html = renderFragment(
    <Form action="/x">
      <PasswordField
        id="p"
        name="p"
        label="P"
        autocomplete="new-password"
        showLabel="Show"
        hideLabel="Hide"
        describedBy="rules"
      />
      <CodeField id="c" name="c" label="C" />
      <Notice tone="warning" toneLabel="Note">
        text
      </Notice>
    </Form>,
  );
  expect(html).not.toMatch(/\sstyle=|\son[a-z]+=|<style|<script/);
});

test('LOOK: a field is tied to its label, its help, its error and further descriptions', () => {
  const html = renderFragment(
    <TextField id="mail" name="mail" label="Mail" help="Help" error="Wrong" describedBy="more" />,
  );
  expect(html).toContain('<label class="ui-label" for="mail"');
  expect(html).toContain('aria-describedby="mail-help mail-error more"');
  expect(html).toContain('aria-invalid="true"');
  expect(html).toContain('id="mail-help"');
  expect(html).toContain('id="mail-error"');
});

test('LOOK: a field without help or error claims neither', () => {
  const html = renderFragment(<TextField id="mail" name="mail" label="Mail" />);
  expect(html).not.toMatch(/aria-describedby|aria-invalid/);
});

test('LOOK: the error stands below the field, the help between label and field', () => {
  const html = renderFragment(<TextField id="mail" name="mail" label="Mail" help="Help" error="Wrong" />);
  const order = ['for="mail"', 'id="mail-help"', '<input', 'id="mail-error"'].map((part) =>
    html.indexOf(part),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
});

test('LOOK: the error summary links to the fields and vanishes without errors', () => {
  expect(renderFragment(<ErrorSummary title="Please check" errors={[]} />)).toBe('');
  const html = renderFragment(
    <ErrorSummary title="Please check" errors={[{ fieldId: 'mail', message: 'Type it' }]} />,
  );
  expect(html).toContain('<a href="#mail">Type it</a>');
  expect(html).toContain('tabindex="-1"');
});

test('R4: the code field is one field with a numeric keyboard and one-time-code', () => {
  const html = renderFragment(<CodeField id="code" name="code" label="Code" />);
  expect(html.match(/<input/g)).toHaveLength(1);
  expect(html).toContain('inputmode="numeric"');
  expect(html).toContain('autocomplete="one-time-code"');
  expect(html).not.toContain('maxlength');
});

test('R5: the password rules are a readable list without script', () => {
  const html = renderFragment(
    <PasswordRules
      id="rules"
      fieldId="p"
      title="Rules"
      items={[{ id: 'length', min: 8, label: '8 characters' }]}
      metLabel="met"
      unmetLabel="not yet"
    />,
  );
  expect(html).toMatch(/<li[^>]*data-rule="length" data-min="8"/);
  expect(html).toContain('8 characters');
  expect(html).not.toContain('(not yet)');
});

test('R2: a password field never carries a value, and its show button appears only with script', () => {
  const html = renderFragment(
    <PasswordField
      id="p"
      name="p"
      label="P"
      autocomplete="current-password"
      showLabel="Show"
      hideLabel="Hide"
    />,
  );
  expect(html).toContain('type="password"');
  expect(html).not.toContain('value=');
  expect(html).toMatch(/<button[^>]* hidden/);
});

test('LOOK: a notice names its tone in a word', () => {
  expect(
    renderFragment(
      <Notice tone="danger" toneLabel="エラー">
        x
      </Notice>,
    ),
  ).toContain('role="img" aria-label="エラー"');
});

test('R8: the language switch offers each other language in its own language by POST', () => {
  const html = renderFragment(
    <LanguageSwitch
      action="/language"
      label="言語"
      languages={[
        { code: 'ja', label: '日本語', current: true },
        { code: 'en', label: 'English' },
      ]}
      hidden={[{ name: '_csrf', value: 't' }]}
    />,
  );
  expect(html).toContain('method="post"');
  expect(html).toContain(
    '<button class="ui-language" lang="en" type="submit" name="lang" value="en">English</button>',
  );
  expect(html).not.toMatch(/<button[^>]*value="ja"/);
  expect(html).toContain('name="_csrf" value="t"');
});

test('LOOK: on a phone the order is heading, aside, form', () => {
  const html = renderDocument(
    <PersonPage
      lang="ja"
      title="t"
      brand={{ name: 'b' }}
      stylesheets={[]}
      scripts={[]}
      skipLabel="s"
      heading={<h1>HEADING</h1>}
      aside={<LinkButton href="/x">ASIDE</LinkButton>}
    >
      FORM
    </PersonPage>,
  );
  expect(html.indexOf('HEADING')).toBeLessThan(html.indexOf('ASIDE'));
  expect(html.indexOf('ASIDE')).toBeLessThan(html.indexOf('FORM'));
});

test('R8: a document says its language and carries the brand in its title', () => {
  const html = renderDocument(
    <PersonPage
      lang="en"
      title="Sign in"
      brand={{ name: 'Sample' }}
      stylesheets={['/a.css', '/b.css']}
      scripts={['/a.js']}
      skipLabel="Skip"
      heading="h"
      reloadSeconds={3}
    >
      c
    </PersonPage>,
  );
  expect(html.startsWith('<!doctype html>\n<html lang="en"')).toBe(true);
  expect(html).toContain('<title>Sign in | Sample</title>');
  expect(html.indexOf('/a.css')).toBeLessThan(html.indexOf('/b.css'));
  expect(html).toContain('<script type="module" src="/a.js"></script>');
  expect(html).toContain('<noscript><meta http-equiv="refresh" content="3"/></noscript>');
});
