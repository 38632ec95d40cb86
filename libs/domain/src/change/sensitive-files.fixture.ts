/** Sensitive paths by a part of their reason. */
export const SENSITIVE: Record<string, string> = {
  'Teko reads commands and instructions': `
    .teko.yml .TEKO.yml .teko.yaml .teko/rules.md packages/a/.teko.yml`,
  'Later agents read it': `
    AGENTS.md agents.md src/AGENTS.md CLAUDE.md CLAUDE.local.md GEMINI.md CONVENTIONS.md SKILL.md .cursorrules
    .cursor/rules/a.mdc .github/copilot-instructions.md .windsurfrules .aider.conf.yml .claude/settings.json
    .github/instructions/ts.instructions.md docs/skills/pdf/SKILL.md .mcp.json llms.txt .junie/guidelines.md
    .roo/rules.md .clinerules .claude prompts/review.prompt.md`,
  'It decides who reviews': `
    CODEOWNERS .github/CODEOWNERS docs/CODEOWNERS OWNERS`,
  'CI or the forge reads it': `
    .github/workflows/ci.yml .GitHub/Workflows/CI.yml .github/actions/setup/action.yml .github/dependabot.yml
    .gitlab-ci.yml .drone.yml .woodpecker.yml .woodpecker/build.yml .buildkite/pipeline.yml appveyor.yml
    cloudbuild.yaml buildspec.yml Jenkinsfile ops/Jenkinsfile.release pipelines/build.py apps/web/pipelines/a.py .circleci/config.yml .travis.yml
    azure-pipelines.yml bitbucket-pipelines.yml .cirrus.yml .gitea/workflows/a.yml ci/test.py action.yml
    renovate.json .renovaterc codecov.yml .github .forgejo/workflows/a.yml .semaphore/semaphore.yml`,
  'Git reads it': `
    .gitattributes src/.gitattributes .gitmodules .gitignore .mailmap .lfsconfig .GIT/config`,
  'Git hooks run it': `
    .husky/pre-commit .pre-commit-config.yaml lefthook.yml .githooks/pre-push .lintstagedrc.json`,
  'third-party code': `
    node_modules/left-pad/index.js vendor/autoload.php src/vendor/a.go third_party/a/a.c`,
  'The test runner reads it': `
    conftest.py tests/unit/conftest.py pytest.ini tests/pytest.ini tox.ini sitecustomize.py noxfile.py
    jest.config.js vitest.config.ts vitest.workspace.ts .mocharc.json phpunit.xml phpunit.xml.dist
    test/jest-e2e.json jest.setup.ts test/setup.js tests/bootstrap.php src/setupTests.ts spec/spec_helper.rb
    evil.pth .coveragerc pytest.py src/pytest/__init__.py .nycrc playwright.config.ts karma.conf.js`,
  'The package manager reads it': `
    package.json Package.JSON packages/a/package.json test/fixtures/app/package.json package-lock.json yarn.lock
    bun.lock bun.lockb deno.lock deno.json gradle.lockfile flake.lock pnpm-lock.yaml composer.json composer.lock
    Cargo.toml Cargo.lock .cargo/config.toml go.mod go.sum go.work requirements.txt requirements/base.txt
    constraints.txt py3-dev-deps.txt pip-tools.txt packages.txt dev-requirements.in docs/requirements.txt pyproject.toml setup.py setup.cfg Pipfile uv.lock
    .npmrc .yarnrc.yml .yarn/releases/yarn.cjs Gemfile a.gemspec pom.xml gradle/libs.versions.toml .pypirc
    pnpm-workspace.yaml import_map.json Package.swift mix.exs pubspec.yaml environment.yml MANIFEST.in default.nix
    vcpkg.json src/package.json`,
  'It defines a container': `
    Dockerfile docker/Dockerfile.api compose.yaml docker-compose.override.yml .devcontainer/devcontainer.json
    .dockerignore Containerfile`,
  'infrastructure or a deployment': `
    main.tf infra/main.ts k8s/api.yaml helm/teko/templates/a.yaml charts/a/Chart.yaml Procfile serverless.yml
    ansible/site.yml`,
  'Editors or shells': `
    .vscode/tasks.json .envrc .idea/workspace.xml .env .env.test .editorconfig .nvmrc .tool-versions`,
  'The build reads it': `
    Makefile src/Makefile GNUmakefile justfile Taskfile.yml Rakefile build.rs crates/a/build.rs
    gradle/wrapper/gradle-wrapper.properties build.gradle.kts gradlew CMakeLists.txt meson.build WORKSPACE
    tsconfig.json vite.config.ts gulpfile.js eslint.config.mjs docs/conf.py manage.py tasks.py magefile.go
    config/environments/test.rb app.config.js webpack.prod.js release.js postinstall.js configure`,
  'It is a script': `
    scripts/ci.sh scripts/check.ts tests/fixtures/run.sh packages/a/scripts/x.js bin/console src/run.sh tools/bench.mjs a.bat SCRIPTS/x.py
    tools/deep/er/x.py libs/pay/tools/x.py shop/tools/run.sh shop/bin/x.ps1`,
  'binary file or an archive': `
    lib/a.jar src/native.so src/a.wasm assets/app.zip lib/libx.so.1.2 src/a.node`,
  'It is hidden': `
    .prettierrc .eslintrc.cjs .nuxt .storybook/main.ts src/.hidden/a.ts .well-known/a.txt`,
  'It is configuration': `
    settings.json config.yaml src/settings.toml logging.ini src/config.json web.xml tests/settings.yml`,
  'not recognisably': `
    a src/data main.unknown notes.xyz src/main.exs`,
};

export const ORDINARY = `
    src/index.ts src/deep/er/a.tsx lib/a.py app/models/user.rb index.js main.go cmd/teko/main.go
    src/main/java/com/acme/A.java src/lib.rs src/hooks/useThing.ts hooks/useThing.ts src/scripts/a.ts
    src/bin/main.rs src/vite.ts src/release.ts src/project.ts src/setup.ts src/dockerfile-parser.ts lib/config.rb
    src/config.ts app/tasks.py src/build/a.ts src/global.ts acme/settings.py tests/test_main.py tests/test_setup.py
    src/a.spec.ts test/fixtures/order.json tests/data/a.yaml __tests__/a.test.js src/__snapshots__/a.snap
    tests/helpers.ts test/a_test.exs spec/models/a_spec.rb README.md docs/guide.md docs/openapi.yaml CHANGELOG.md
    LICENSE LICENSE.txt CITATION.cff tests/fixtures/a.roff tests/snapshots/b.bash internal/testdata/x.want answer.txt notes/a.txt docs/agent-loop.md src/locales/de.json locales/en/auth.json locales/en/global.json
    public/locales/fr/common.json config/locales/de.yml config/routes.rb translations/messages.fr.xlf
    src/main/resources/messages_de.properties po/de.po src/styles/main.scss public/index.html templates/mail.html
    resources/views/a.blade.php src/logo.svg db/migrations/001_init.sql migrations/Version2.php src/schema.graphql
    api/teko.proto public/robots.txt docs/日本語.md src/données/prix.ts src/assets/font.woff2 data/countries.csv
    shop/tools/total.py shop/scripts/price.js acme/tool/__init__.py shop/core/tasks/mail.py packages/tools/index.js
    shop/pipelines/model.py shop/build/order.py
    docs/картинки/схема.png`;
