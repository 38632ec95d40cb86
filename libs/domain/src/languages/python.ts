import { failingPythonTest } from './failing-python-test';
import type { Language } from './language';
import { pythonDoctests } from './python-doctests';
import { UNITTEST_WITH_REPORT } from './unittest-report';

const PYTHON = String.raw`(\S*\/)?python[\d.]*`;

/** Modules of the standard library and others that the runners load: `sys.stdlib_module_names` of Python 3.11, and more. */
const STANDARD = `(${`
  abc aifc argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2
  cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent
  configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal
  difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput
  fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq
  hmac html http imaplib imghdr imp importlib inspect io ipaddress itertools json keyword linecache locale
  logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis
  nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools
  pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc
  pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select
  selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 ssl stat
  statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib
  tempfile termios textwrap threading time timeit token tokenize tomllib trace traceback tracemalloc tty types
  typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref
  xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo sre_[a-z]+ typing_extensions pygments
  sortedcontainers attrs?`
  .trim()
  .split(/\s+/)
  .join('|')})`;

/** Modules at the root or in a folder that is put on the import path. */
function shadowsOf(names: string): RegExp {
  return new RegExp(`^((src|lib|tests?)/)?${names}(\\.py[a-z]?|\\.[^/]*\\.so|/.*\\.py[a-z]?)$`);
}

export const python: Language = {
  id: 'python',
  title: 'Python',
  linguist: ['Python'],
  manifests: ['pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', 'tox.ini'],
  packageManagers: [
    { id: 'uv', markers: ['uv.lock'], setup: 'uv sync --frozen' },
    { id: 'poetry', markers: ['poetry.lock'], setup: 'poetry install --no-interaction' },
    {
      id: 'pip',
      markers: ['requirements.txt'],
      setup: 'python3 -m venv .venv && .venv/bin/pip install -r requirements.txt',
    },
  ],
  testRunners: [
    {
      id: 'pytest',
      markers: [
        { file: 'pytest.ini' },
        { file: 'conftest.py' },
        { file: 'tests/conftest.py' },
        { file: 'pyproject.toml', contains: 'pytest' },
        { file: 'setup.cfg', contains: 'pytest' },
        { file: 'tox.ini', contains: 'pytest' },
        { file: 'requirements.txt', contains: 'pytest' },
      ],
      command: 'python3 -m pytest -q',
      invocation: new RegExp(`^(${PYTHON} -m |(\\S*\\/)?)(pytest|py\\.test)( |$)`),
      report: { format: 'junit', args: '--junitxml={report}', after: null, naming: 'module' },
      keepGoing: '--maxfail=0',
      addFailingTest: failingPythonTest,
    },
    {
      id: 'unittest',
      markers: [],
      command: 'python3 -m unittest discover',
      invocation: new RegExp(`^${PYTHON} -m unittest( |$)`),
      report: {
        format: 'junit',
        args: '',
        after: /-m unittest(?= |$)/,
        program: UNITTEST_WITH_REPORT,
        naming: 'module',
      },
      keepGoing: null,
      addFailingTest: failingPythonTest,
    },
  ],
  lint: [
    { markers: [{ file: 'ruff.toml' }, { file: 'pyproject.toml', contains: '[tool.ruff' }], command: 'ruff check .' },
    { markers: [{ file: '.flake8' }, { file: 'setup.cfg', contains: '[flake8]' }], command: 'python3 -m flake8' },
  ],
  frameworks: {
    django: 'Django',
    flask: 'Flask',
    fastapi: 'FastAPI',
    celery: 'Celery',
    sqlalchemy: 'SQLAlchemy',
    numpy: 'NumPy',
    pandas: 'pandas',
    torch: 'PyTorch',
    aiohttp: 'aiohttp',
  },
  testFiles: [/(^|\/)tests?\/.*\.py$/i, /(^|\/)tests?(_[^/]*)?\.py$/i, /_tests?\.py$/i, /(^|\/)conftest\.py$/i],
  sourceFiles: /\.pyw?$/i,
  runnerFiles: [
    /(^|\/)conftest\.py$/,
    /(^|\/)\.?(pytest\.(ini|toml)|tox\.(ini|toml)|setup\.cfg|pyproject\.toml|nose\.cfg|noserc|unittest\.cfg|coveragerc)$/,
    /(^|\/)(sitecustomize|usercustomize|noxfile|pytest_plugins?)(\.py|\/.*)$/,
    /\.(pth|egg-link)$/,
    /(^|\/)[^/]+\.(egg|dist)-info\//,
    /(^|\/)(\.?venv|site-packages)\//,
    /(^|\/)\.python-version$/,
  ],
  shadows: [
    shadowsOf('(pytest|_pytest|py|pluggy|iniconfig|exceptiongroup|coverage|pytest_[^/]+|xdist|hypothesis)'),
    shadowsOf(STANDARD),
  ],
  failingLine: (id) => `raise RuntimeError("${id}")`,
  failingEnd: (_source, id) => `raise RuntimeError("${id}")`,
  doctests: pythonDoctests,
  conventions:
    'Follow PEP 8 and the typing style of the neighbouring code. Support the Python versions that the project declares. Prefer the standard library and what the project already depends on.',
};
