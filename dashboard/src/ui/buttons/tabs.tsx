import './tabs.css';
export interface TabsProps<T extends string> {
  /** What the choices are about; for screen readers. */
  readonly label: string;
  readonly choices: readonly { readonly value: T; readonly text: string; readonly title?: string }[];
  readonly value: T | null;
  readonly onChoose: (value: T) => void;
}

/** A few choices side by side, of which one is chosen: a group of toggle buttons. */
export function Tabs<T extends string>({ label, choices, value, onChoose }: TabsProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as one line in all browsers
    <div class="tabs" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          class="tab"
          title={choice.title}
          aria-pressed={choice.value === value}
          onClick={() => onChoose(choice.value)}
        >
          {choice.text}
        </button>
      ))}
    </div>
  );
}
