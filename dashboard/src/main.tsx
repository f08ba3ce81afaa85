import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/ui.css';
import './styles/layout.css';
import './styles/chart.css';
import './styles/overview.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startRouter } from './router.ts';
import { startTheme } from './view.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no element #app.');
startRouter();
startTheme();
render(<App />, root);
