import './payload-help.css';
import { visibleJson, visibleText } from '../../format/visible-text.ts';
import type { PayloadField, Schema } from './payload-schema.ts';

export interface PayloadHelpProps {
  readonly eventType: string;
  readonly schema: Schema;
  readonly fields: readonly PayloadField[];
  /** What the API says of the payload: it names the place. */
  readonly error: string | undefined;
}

/** What the payload of an event type must be. */
export function PayloadHelp({ eventType, schema, fields, error }: PayloadHelpProps) {
  return (
    <section class="payload-help" aria-label={`Payload of ${visibleText(eventType)}`}>
      {fields.length > 0 && (
        <dl>
          {fields.map(({ place, expected, isRequired, description }) => (
            <div key={place} class={error?.includes(` ${visibleText(place)}: `) ? 'payload-field-wrong' : ''}>
              <dt>
                <bdi>{visibleText(place)}</bdi>
              </dt>
              <dd>
                <bdi>{visibleText(expected)}</bdi>
                {isRequired && <strong>, required</strong>}
                {description !== '' && (
                  <>
                    {' '}
                    – <bdi>{visibleText(description)}</bdi>
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <details>
        <summary>JSON Schema</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard can only scroll what it can reach */}
        <pre tabIndex={0}>{visibleJson(JSON.stringify(schema, null, 2))}</pre>
      </details>
    </section>
  );
}
