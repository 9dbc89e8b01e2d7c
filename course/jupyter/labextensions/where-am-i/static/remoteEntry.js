// A plugin of JupyterLab, written in the form that its builder gives to plugins, so that none has to be built.
const OVERVIEW = 'work/overview.md';
const INTERVAL = 2000; // milliseconds
const COMMAND = 'course:grade-all';
const WAIT = 'Grading all lessons that you have begun; each takes a minute or so …';

// JupyterLab breaks the lines of an output anywhere, also within a word.
const BETWEEN_WORDS = '.jp-RenderedText pre { word-break: normal; overflow-wrap: anywhere; }';

const documents = app =>
  [...app.shell.widgets('main')]
    .map(widget => widget.context)
    .filter(context => context?.path.startsWith('work/') && context.isReady);

/** Save a document; a second time meanwhile, JupyterLab would find it changed on disk by the first. */
const saving = new Map();
function saved(context) {
  if (!saving.has(context)) saving.set(context, context.save().finally(() => saving.delete(context)));
  return saving.get(context);
}

/** Save what was changed: `course` in a terminal reads what is on the disk. An open dialog may be about that already. */
const save = app =>
  Promise.all(
    documents(app)
      .filter(context => context.model.dirty && !document.querySelector('.jp-Dialog'))
      .map(saved)
  );

/** Show what `course` has written meanwhile, except where somebody may be typing. */
async function refresh(app, context) {
  const isQuiet = () => !context.model.dirty && (context.path === OVERVIEW || app.shell.currentWidget?.context !== context);
  if (!isQuiet()) return;
  const stored = await app.serviceManager.contents.get(context.path, { content: false });
  if (isQuiet() && new Date(stored.last_modified) > new Date(context.contentsModel.last_modified)) await context.revert();
}

/** Have the server run `course grade`, which renews the overview lesson by lesson. */
async function gradeAll(app, { ServerConnection }) {
  await save(app);
  const settings = app.serviceManager.serverSettings;
  const reply = await ServerConnection.makeRequest(`${settings.baseUrl}course/grade`, { method: 'POST' }, settings);
  if (!reply.ok) throw new Error(`The server answers ${reply.status}; 'course grade' in a terminal does the same.`);
  const { success, value } = await reply.json();
  if (!success) throw new Error(value);
  return value;
}

/** Offer that command in the palette and above the overview. */
function offerGrading(app, { apputils: { Notification, ToolbarButton }, services, icons }, palette) {
  const caption = 'Grade all lessons that you have begun';
  let running = null;
  app.commands.addCommand(COMMAND, {
    label: caption,
    isEnabled: () => !running,
    execute: () => {
      running = gradeAll(app, services).finally(() => (running = null));
      Notification.promise(running, {
        pending: { message: WAIT, options: { autoClose: false } },
        success: { message: value => value, options: { autoClose: 10_000 } },
        error: { message: error => error.message, options: { autoClose: false } }
      });
      return running.catch(() => {});
    }
  });
  palette?.addItem({ command: COMMAND, category: 'Course' });
  const onClick = () => app.commands.isEnabled(COMMAND) && app.commands.execute(COMMAND);
  const button = () => new ToolbarButton({ label: 'Grade All', tooltip: caption, icon: icons.runIcon, onClick });
  const add = () =>
    [...app.shell.widgets('main')]
      .filter(widget => widget.context?.path === OVERVIEW && ![...widget.toolbar.names()].includes(COMMAND))
      .forEach(widget => widget.toolbar.addItem(COMMAND, button()));
  app.shell.layoutModified.connect(add);
  app.restored.then(add);
}

const plugin = modules => ({
  id: 'where-am-i:plugin',
  autoStart: true,
  optional: [modules.apputils.ICommandPalette],
  activate: (app, palette) => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: BETWEEN_WORDS }));
    app.shell.currentChanged.connect(() => save(app));
    window.addEventListener('blur', () => save(app));
    // Where the server is away, JupyterLab itself says so.
    setInterval(() => document.hidden || documents(app).forEach(context => refresh(app, context).catch(() => {})), INTERVAL);
    offerGrading(app, modules, palette);
  }
});

const extension = { init: shared => (extension.shared = shared), get: load };

async function load() {
  const module = async name => (await Object.values(extension.shared[`@jupyterlab/${name}`])[0].get())();
  const [apputils, services, icons] = await Promise.all(['apputils', 'services', 'ui-components'].map(module));
  return () => ({ __esModule: true, default: plugin({ apputils, services, icons }) });
}

(window._JUPYTERLAB ??= {})['where-am-i'] = extension;
