import { Shape } from './shape.tsx';

/** One thing to put right; with `fieldId` it links to the field of that id. */
export interface SummaryError {
  fieldId?: string | undefined;
  message: string;
}

/**
 * What has to be put right, at the top of the form; takes the focus when the page opens (browser script).
 * Renders nothing when there are no errors. The title says what happened ("Please check what you typed").
 */
export function ErrorSummary({ title, errors }: { title: string; errors: readonly SummaryError[] }) {
  if (errors.length === 0) return null;
  return (
    <div
      class="ui-error-summary"
      role="alert"
      aria-labelledby="error-summary-title"
      tabIndex={-1}
      data-ui-error-summary
    >
      <p class="ui-error-summary-title" id="error-summary-title">
        <Shape name="cross" />
        {title}
      </p>
      <ul>
        {errors.map((error, index) => (
          <li key={index}>
            {error.fieldId === undefined ? error.message : <a href={`#${error.fieldId}`}>{error.message}</a>}
          </li>
        ))}
      </ul>
    </div>
  );
}
