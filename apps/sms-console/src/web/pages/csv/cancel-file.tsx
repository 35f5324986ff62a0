import { Button, Form } from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import { csrfField, type View } from '#web/http/layout.tsx';
import { csvTexts } from './text.ts';

/** Sets the file aside; nothing has been sent to anybody in it. */
export function CancelFile({ view, id }: { view: View; id: string }) {
  return (
    <Form action={pathOf(routes.csvCancel, { id })} hidden={[csrfField(view)]}>
      <div>
        <Button kind="text" small>
          {csvTexts[view.locale].cancel}
        </Button>
      </div>
    </Form>
  );
}
