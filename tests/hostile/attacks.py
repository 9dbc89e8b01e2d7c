"""Submissions that cheat, break out or break down, and honest ones that look as if they did.

Every case fills the lesson of `LESSON`: `victim-add` is right, the others are wrong, unless the case says otherwise.
So a case that gets more than it deserves has cheated, and one that gets less was treated unjustly.
"""

from dataclasses import dataclass, field

LESSON = """# %% [markdown]
# # 01 · Victim

# %%
import torch

from checks import compare as checks
from checks import tiny as check

# %% exercise="victim-add"
def add(x, y):
    ### BEGIN SOLUTION
    return x + y
    ### END SOLUTION

# %% check="victim-add-check" points=1
check.add(add)
### BEGIN HIDDEN TESTS
check.add(add, pairs=((20, 20),))
### END HIDDEN TESTS

# %% exercise="victim-mean"
def mean(x):
    ### BEGIN SOLUTION
    return x.mean()
    ### END SOLUTION

# %% check="victim-mean-check" points=2
check.mean(mean)
### BEGIN HIDDEN TESTS
check.mean(mean, rows=((5.0, 7.0),))
### END HIDDEN TESTS

# %% exercise="victim-double"
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% check="victim-double-check" points=3
check.double(double, numbers=((1.0, 2.0),))
### BEGIN HIDDEN TESTS
check.double(double, numbers=((5.0,),))
### END HIDDEN TESTS
"""

ADD = "def add(x, y):\n    return x + y"
MEAN = "def mean(x):\n    return x.sum()"
DOUBLE = "def double(x):\n    return torch.tensor([2.0, 4.0])"  # fits the visible numbers only
RIGHT = {"add": ADD, "mean": "def mean(x):\n    return x.mean()", "double": "def double(x):\n    return x * 2"}
WRONG = {"add": "def add(x, y):\n    return 3", "mean": MEAN, "double": DOUBLE}


@dataclass(frozen=True)
class Case:
    """One submission: `own` stands in a cell before all exercises, and `add`, `mean`, `double` are the answers.

    `deserved` are the points of the three exercises; `says` is a piece of the first lost exercise's sentence, `flag` a
    piece of a sentence for a person, and `prints` a piece of what the notebook shows. What goes on until its time is up
    says how many `seconds` a cell has.
    """

    name: str
    own: str = ""
    add: str = ADD
    mean: str = MEAN
    double: str = DOUBLE
    deserved: tuple[int, int, int] = (1, 0, 0)
    says: str = ""
    flag: str = ""
    prints: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 5

    def __str__(self) -> str:
        return self.name


TOO_LONG = {"deserved": (0, 0, 0), "says": "took too long", "seconds": 0.5}
DIED = {"deserved": (0, 0, 0), "says": "The process ended"}


TAMPERING = [
    Case("torch.allclose always says yes", "torch.allclose = lambda *a, **k: True"),
    Case(
        "numpy's comparisons always say yes",
        "import numpy\nnumpy.testing.assert_allclose = numpy.allclose = lambda *a, **k: True",
    ),
    Case("a check that checks nothing", "checks.equal = lambda *a, **k: None"),
    Case(
        "a module in the place of checks.compare",
        "import sys, types\nfake = types.ModuleType('checks.compare')\n"
        "fake.equal = fake.passed = lambda *a, **k: None\nsys.modules['checks.compare'] = checks = fake\n"
        "import helpers\nchecks.compare = fake",
    ),
    Case("the code inside a check exchanged", "checks.equal.__code__ = (lambda *a, **k: None).__code__"),
    Case("fail does nothing", "checks.fail = lambda sentence: None"),
    Case("comparison of values does nothing", "checks._same_values = lambda *a, **k: None"),
    Case("tolerance without end", "checks.equal.__kwdefaults__.update(rtol=1e9, atol=1e9)"),
    Case(
        "functions found through gc",
        "import gc, types\ngc.unfreeze()\nfor thing in gc.get_objects():\n"
        "    if type(thing) is types.FunctionType and thing.__name__ == '_same_values':\n"
        "        thing.__code__ = (lambda *a, **k: None).__code__",
    ),
    Case("a failure that is no exception", "checks.CheckFailed.__init__ = lambda *a: exit()"),
    Case("builtins: abs", "import builtins\nbuiltins.abs = lambda x: 0"),
    Case(
        "builtins: import",
        "import builtins\nreal = builtins.__import__\nbuiltins.__import__ = lambda *a, **k: real(*a, **k)",
    ),
    Case("tensors that equal everything", "torch.Tensor.__eq__ = lambda s, o: torch.ones(s.shape).bool()"),
    Case("isclose as a method", "torch.isclose = lambda a, b, **k: torch.ones(a.shape).bool()"),
    Case(
        "a tracer that leaves checks early",
        "import sys\nsys.settrace(lambda frame, event, argument: None)",
    ),
    Case(
        "AST without asserts",
        "import ast\nclass Drop(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node):\n        return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Drop())",
        add="def add(x, y):\n    return 3",
        deserved=(0, 0, 0),
        says="The sum of 20 and 20 is 3",
    ),
    Case(
        "input transformer without asserts",
        "get_ipython().input_transformers_cleanup.append(lambda lines: [l for l in lines if 'assert' not in l])",
        add="def add(x, y):\n    return 3",
        deserved=(0, 0, 0),
        says="The sum of 20 and 20 is 3",
    ),
    Case(
        "the shell shows no errors",
        "get_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "records without errors",
        "import child.shell\nreal = child.shell.record\n"
        "child.shell.record = lambda shell, error: {**real(shell, None), 'error': None}",
    ),
    Case(
        "no check is run",
        "import child.court\nchild.court.judge = lambda *a: {'error': None}",
    ),
    Case(
        "everything passes, says the notebook",
        "from checks import exercise\nexercise._passed.update(add=1, mean=1, double=1)",
    ),
    Case(
        "a thread that patches later",
        "import threading, time\ndef later():\n    time.sleep(0.05)\n    checks.equal = lambda *a, **k: None\n"
        "threading.Thread(target=later, daemon=True).start()\ntime.sleep(0.2)",
    ),
    Case(
        "a patch for the moment of the call, from outside graded as a wrong answer",
        double="def double(x):\n    import sys\n    checks.equal = lambda *a, **k: None\n    return 2 * x[:1]",
        says="The mean of (1.0, 2.0, 6.0)",
    ),
    Case(
        "frames: the expected value read out of the running check",
        double="def double(x):\n    import sys\n    frame, found = sys._getframe(), {}\n    while frame:\n"
        "        found.update(frame.f_locals)\n        frame = frame.f_back\n"
        "    return found.get('expected', torch.tensor([2.0, 4.0]))",
        says="The mean of (1.0, 2.0, 6.0)",
    ),
    Case(
        "hard-coded visible numbers",
        double=DOUBLE,
        mean=RIGHT["mean"],
        deserved=(1, 2, 0),
        says="Twice (5.0,) has shape (2,)",
    ),
    Case(
        "an object that equals everything",
        mean="class Yes:\n    __eq__ = __ge__ = __le__ = lambda s, o: True\ndef mean(x):\n    return Yes()",
        says="but a torch.Tensor was expected",
    ),
    Case("not a number", mean="def mean(x):\n    return torch.tensor(float('nan'))", says="is nan"),
    Case("minus one", mean="def mean(x):\n    return -1", says="is an int"),
    Case("far too much", mean="def mean(x):\n    return 1e9", says="is a float"),
    Case(
        "a float of its own kind",
        mean="class F(float):\n    def __repr__(self):\n        return '2.0'\n    __eq__ = lambda s, o: True\n"
        "def mean(x):\n    return F(2)",
        says="but a torch.Tensor was expected",
    ),
    Case(
        "a tensor of its own kind",
        double="class T(torch.Tensor):\n    def __torch_function__(self, *a, **k):\n        return True\n"
        "def double(x):\n    return torch.zeros(2).as_subclass(T)",
        says="The mean of (1.0, 2.0, 6.0)",
    ),
    Case(
        "a mode of torch that answers for every function",
        "from torch.overrides import TorchFunctionMode\n"
        "class Yes(TorchFunctionMode):\n    def __torch_function__(self, f, types, args=(), kwargs=None):\n"
        "        if f.__name__ in ('isclose', 'allclose', 'equal', 'eq', '__eq__', 'all', 'sub'):\n"
        "            return torch.ones(()).bool()\n"
        "        return f(*args, **(kwargs or {}))\nYes().__enter__()",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "a mode that answers below torch's functions",
        "from torch.utils._python_dispatch import TorchDispatchMode\n"
        "class Same(TorchDispatchMode):\n    def __torch_dispatch__(self, f, types, args=(), kwargs=None):\n"
        "        got = f(*args, **(kwargs or {}))\n"
        "        if not ('eq' in str(f) or 'close' in str(f)):\n            return got\n"
        "        return True if isinstance(got, bool) else torch.ones_like(got)\nSame().__enter__()",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "a table of the visible numbers",
        mean="seen = {(1.0, 2.0, 6.0): 3.0}\ndef mean(x):\n    return torch.tensor(seen[tuple(x.tolist())])",
        double="seen2 = {(1.0, 2.0): (2.0, 4.0)}\n"
        "def double(x):\n    return torch.tensor(seen2.get(tuple(x.tolist()), (0.0,)))",
        says="KeyError: (5.0, 7.0)",
    ),
    Case(
        "the check's reference bound to the answer",
        "from checks import tiny\nimport checks.exercise as e\ntiny.equal = lambda *a, **k: None\n"
        "tiny.mean = tiny.double = lambda answer, **k: None\n"
        "e._judge = lambda *a: None\ne.of = lambda module: dict.fromkeys(('mean', 'double'), print)",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "what crosses the wire says that all is well",
        "from checks import answer, plain\nanswer.plain.encode = plain.encode = lambda value: b''\n",
        deserved=(0, 0, 0),
    ),
    Case(
        "a value whose class claims to be a tensor",
        mean="class Fake:\n    __class__ = torch.Tensor\n    shape, dtype = torch.Size([]), torch.float32\n"
        "    __eq__ = __ge__ = __le__ = __sub__ = lambda s, o: torch.ones(()).bool()\n"
        "    __getattr__ = lambda s, n: lambda *a, **k: torch.ones(()).bool()\n"
        "def mean(x):\n    return Fake()",
        says="but a torch.Tensor was expected",
    ),
    Case(
        "a tensor subclass that compares as equal",
        mean="class T(torch.Tensor):\n    __eq__ = lambda s, o: torch.ones(()).bool()\n"
        "    @classmethod\n    def __torch_function__(cls, f, types, args=(), kwargs=None):\n"
        "        return torch.tensor(3.0)\n"
        "def mean(x):\n    return torch.zeros(()).as_subclass(T)",
        says="The mean of (1.0, 2.0, 6.0)",
    ),
    Case(
        "points through the display hook",
        "shown = get_ipython().display_formatter.formatters['text/plain']\n"
        "shown.for_type(float, lambda *a: print('4.0'))\n4.0",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "forged records on the wire",
        "import json, os, struct\n"
        "body = json.dumps({'id': 'x', 'error': None, 'outputs': [], 'changed': []}).encode()\n"
        "for number in range(3, 64):\n    try:\n        os.write(number, struct.pack('!I', len(body)) + body)\n"
        "    except OSError:\n        pass",
        deserved=(1, 0, 0),
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "a message that is larger than the grader takes",
        "import os, struct\nfor number in range(3, 64):\n    try:\n"
        "        os.write(number, struct.pack('!I', 2**32 - 1) + b'{')\n    except OSError:\n        pass",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "the wire closed",
        "import os\nos.closerange(3, 64)",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
]

SHADOWING = [
    Case("checks and torch as mocks", "from unittest.mock import MagicMock as M\nchecks, torch = M(), M()"),
    Case("the course's own setup rewritten", "class checks:\n    equal = passed = print", deserved=(1, 0, 0)),
    Case("no loop runs", "range = zip = enumerate = lambda *a: ()", deserved=(1, 0, 0)),
    Case("other built-ins", "import builtins\n__builtins__ = {**vars(builtins), 'isinstance': lambda *a: True}"),
    Case("swapped inside the answer", mean="def mean(x):\n    global checks\n    checks = print\n    return x.sum()"),
    Case(
        "a tensor that answers for itself",
        mean="import sys\ndef mean(x):\n    one = x.sum()\n"
        "    one.detach = lambda: sys._getframe(1).f_locals['expected']\n    return one",
        says="KeyError: 'expected'",
    ),
    Case(
        "arguments emptied, so that the hidden test expects what they give",
        double="import math\nasked = []\ndef double(x):\n    asked.append(x)\n    if len(asked) == 1:\n"
        "        return 2 * x\n    x.fill_(0)\n    return 0 * x",
        says="",
    ),
]

BREAKING = [
    Case("an endless loop in a function", add="def add(x, y):\n    while True:\n        pass", **TOO_LONG),
    Case("an endless loop in a cell", "while True:\n    pass", says="The mean of (1.0, 2.0, 6.0) is 9", seconds=1),
    Case(
        "a loop that cannot be interrupted",
        add="def add(x, y):\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass",
        **TOO_LONG,
    ),
    Case(
        "interrupts ignored",
        add="import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "def add(x, y):\n    while True:\n        pass",
        **TOO_LONG,
    ),
    Case("sleeping for ever", add="import time\ndef add(x, y):\n    time.sleep(10**6)", **TOO_LONG),
    Case("os._exit in a cell", "import os\nos._exit(0)", says="The mean of (1.0, 2.0, 6.0) is 9"),
    Case("os._exit in a function", add="import os\ndef add(x, y):\n    os._exit(0)", **DIED),
    Case("a segmentation fault", add="import ctypes\ndef add(x, y):\n    return ctypes.string_at(0)", **DIED),
    Case("os.abort", add="import os\ndef add(x, y):\n    os.abort()", **DIED),
    Case(
        "atexit and a kill of itself",
        "import atexit, os\natexit.register(lambda: os.kill(1, 9))\nos.kill(os.getpid(), 15)",
        says="The mean of (1.0, 2.0, 6.0) is 9",
    ),
    Case(
        "deep recursion",
        add="import sys\nsys.setrecursionlimit(10**9)\ndef add(x, y):\n    return add(x, y)",
        deserved=(0, 0, 0),
        seconds=0.5,
    ),
    Case(
        "recursion within Python's limit",
        add="def add(x, y):\n    return add(x, y)",
        deserved=(0, 0, 0),
        says="RecursionError: maximum recursion depth exceeded",
    ),
    Case(
        "four gigabytes",
        "try:\n    held = bytearray(4 * 2**30)\nexcept MemoryError:\n    print('no such memory')",
        prints="no such memory",
    ),
    Case("four gigabytes of tensor", add="def add(x, y):\n    return torch.zeros(2**30) + x", deserved=(0, 0, 0)),
    Case(
        "endless print",
        "while True:\n    print('again and again ' * 9999)",
        prints="the rest of this output was cut",
        seconds=1,
    ),
    Case("one line of 60 MB", "print('x' * 60_000_000)", prints="the rest of this output was cut"),
    Case("50,000 lines", "for n in range(50_000):\n    print(f'{n:040}')", prints="the rest of this output was cut"),
    Case(
        "a slow drip",
        "import time\nwhile True:\n    print('.', end='', flush=True)\n    time.sleep(0.01)",
        prints="......",
        seconds=1,
    ),
    Case(
        "a fork bomb",
        "import os, time\ntry:\n    while True:\n        if os.fork() == 0:\n            time.sleep(60)\n"
        "except OSError as error:\n    print('no more', type(error).__name__)",
        prints="no more BlockingIOError",
    ),
    Case(
        "processes that detach themselves",
        "import subprocess, sys\nfor _ in range(5):\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)",
    ),
    Case(
        "a file of 400 MB",
        "try:\n    with open('large', 'wb') as file:\n"
        "        for _ in range(400):\n            file.write(bytes(2**20))\n"
        "except OSError as error:\n    print('stopped:', error.strerror)",
        prints="stopped: File too large",
    ),
    Case("thousands of files", "for n in range(5000):\n    open(f'file-{n}', 'w').close()"),
]

ESCAPING = [
    Case(
        "the solution and the gradebook",
        "import os, sys\nfound = []\nskipped = ('/usr', '/proc', '/sys', sys.prefix, sys.base_prefix)\n"
        "for folder, inside, names in os.walk('/'):\n"
        "    inside[:] = [name for name in inside if not os.path.join(folder, name).startswith(skipped)]\n"
        "    found += [name for name in names if name.endswith(('.ipynb', '.db', '.json', '-victim.py'))]\n"
        "print('found', len(found), os.listdir('.'))",
        prints="found 0 []",
    ),
    Case(
        "the grader killed",
        "import os, signal\nfor pid in {os.getppid(), *range(2, 3000)} - {os.getpid()}:\n    try:\n"
        "        os.kill(pid, signal.SIGKILL)\n    except OSError:\n        pass",
    ),
    Case(
        "the home poisoned",
        "import os\nfolder = os.path.expanduser('~/.ipython/profile_default/startup')\nos.makedirs(folder)\n"
        "open(folder + '/00.py', 'w').write('import checks.compare as c; c.equal = lambda *a, **k: None')\n"
        "open(os.path.expanduser('~/helpers.py'), 'w').write('x = 1')\nopen('torch.py', 'w').write('x = 1')",
    ),
    Case(
        "the helpers rewritten",
        "import glob\ndone = 0\nfor name in [checks.__file__, torch.__file__, '/usr/left', '/left', '/dev/left']:\n"
        "    try:\n        open(name, 'a').write('# mine')\n        done += 1\n    except OSError:\n        pass\n"
        "print('written', done)",
        prints="written 0",
    ),
    Case(
        "the network",
        "import socket\ntry:\n    socket.create_connection(('1.1.1.1', 53), timeout=1)\nexcept OSError as error:\n"
        "    print('refused')",
        prints="refused",
    ),
    Case(
        "other processes in sight",
        "import os\nprint('others', [n for n in os.listdir('/proc') if n.isdigit() and int(n) != os.getpid()])",
        prints="others []",
    ),
    Case("hidden tests in history or on disk", "print('seen', [s for s in In if 'for' + 'ty' in s])", prints="seen []"),
]

HONEST = [
    Case(
        "a DataLoader with workers",
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "data = DataLoader(TensorDataset(torch.arange(64.0)), batch_size=8, num_workers=2)\n"
        "print('sum', sum(batch[0].sum() for batch in data).item())",
        **RIGHT,
        deserved=(1, 2, 3),
        prints="sum 2016.0",
    ),
    Case(
        "every core",
        "import os\ntorch.set_num_threads(os.cpu_count())\nx = torch.randn(600, 600)\n"
        "print('used', torch.get_num_threads())\n"
        "for _ in range(5):\n    x = x @ x / 600",
        **RIGHT,
        deserved=(1, 2, 3),
        prints="used",
    ),
    Case(
        "warnings and a progress bar on stderr",
        "import sys, warnings\nwarnings.warn('careful')\nprint('50 %', file=sys.stderr)",
        add="import warnings\ndef add(x, y):\n    warnings.warn('slow')\n    return x + y",
        mean=RIGHT["mean"],
        double=RIGHT["double"],
        deserved=(1, 2, 3),
        prints="careful",
    ),
    Case(
        "leftover threads",
        "import threading, time\nthreading.Thread(target=lambda: time.sleep(100)).start()",
        **RIGHT,
        deserved=(1, 2, 3),
    ),
    Case(
        "a mode of torch that only counts",
        "from torch.overrides import TorchFunctionMode\n"
        "class Count(TorchFunctionMode):\n    def __torch_function__(self, f, types, args=(), kwargs=None):\n"
        "        return f(*args, **(kwargs or {}))\nCount().__enter__()",
        **RIGHT,
        deserved=(1, 2, 3),
    ),
    Case("exit()", "exit()\nquit()", **RIGHT, deserved=(1, 2, 3)),
    Case("sys.exit()", "import sys\nsys.exit()", **RIGHT, deserved=(1, 2, 3)),
    Case(
        "sys.exit at the end of an answer",
        add=ADD + "\nimport sys\nsys.exit(0)",
        mean=RIGHT["mean"],
        double=RIGHT["double"],
        deserved=(1, 2, 3),
    ),
    Case("input()", "name = input('Your name? ')", **RIGHT, deserved=(1, 2, 3), prints="cannot be answered"),
    Case(
        "names of builtins and modules used for one's own things",
        "sum = 3\nlist = [1]\nprint = print\nmath = 'easy'\nabs = -1\nstr = 'x'",
        **RIGHT,
        deserved=(1, 2, 3),
    ),
    Case(
        "magics and shell commands",
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!echo hello\n%time 1 + 1",
        **RIGHT,
        deserved=(1, 2, 3),
    ),
    Case(
        "fifty megabytes beside the notebook",
        "import os\nprint('it has', os.path.getsize('data.bin'))",
        **RIGHT,
        deserved=(1, 2, 3),
        prints="it has 52428800",
        files={"data.bin": bytes(50 * 2**20)},
    ),
    Case("another default of torch", "torch.set_default_dtype(torch.float64)", **RIGHT, deserved=(1, 2, 3)),
    Case(
        "a file beside the notebook",
        "import mine\nprint('read', open('notes.txt').read(), mine.three)",
        **RIGHT,
        deserved=(1, 2, 3),
        prints="read some notes 3",
        files={"notes.txt": b"some notes", "mine.py": b"three = 3"},
    ),
    Case(
        "a figure and a table",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\ndisplay({'a': 1})\n40 + 2",
        **RIGHT,
        deserved=(1, 2, 3),
        prints="42",
    ),
]

CASES = TAMPERING + SHADOWING + BREAKING + ESCAPING + HONEST
