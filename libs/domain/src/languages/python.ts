import type { Language } from './language';

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
      junitArgs: '--junitxml={report}',
    },
    { id: 'unittest', markers: [], command: 'python3 -m unittest discover', junitArgs: null },
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
  testFiles: [/(^|\/)tests?\/.*\.py$/i, /(^|\/)test_[^/]*\.py$/i, /_test\.py$/i, /(^|\/)conftest\.py$/i],
  conventions:
    'Follow PEP 8 and the typing style of the neighbouring code. Support the Python versions that the project declares. Prefer the standard library and what the project already depends on.',
};
