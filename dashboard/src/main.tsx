import './theme/tokens.css';
import './theme/base.css';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { startShortcuts } from './controls/shortcuts.ts';
import { startRouter } from './navigation/router.ts';
import { startTheme } from './theme/theme.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no element #app.');
startRouter();
startTheme();
startShortcuts();
render(<App />, root);
