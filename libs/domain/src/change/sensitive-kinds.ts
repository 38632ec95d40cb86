/* The kinds of sensitive files, by their folded path. */

/** A path as foldPath returns it, in parts. */
export interface FoldedPath {
  path: string;
  folders: string[];
  name: string;
  /** Without the dot; empty if there is none. */
  extension: string;
}

/** Why files need approval. */
export interface SensitiveKind {
  /** A sentence. */
  reason: string;
  /** `instructions`: files that always need approval. `ci`: files that need it under every rule unless they are preapproved. */
  scope: 'instructions' | 'ci' | 'other';
  matches(file: FoldedPath): boolean;
}

const DATA = 'yaml|yml|jsonc?|json5|toml|ini|cfg|conf|xml|properties|hcl|star|jsonnet|dist';
const CODE = '[mc]?[jt]sx?|py|rb|php|kts|groovy|coffee|go|exs|pl';

export const wordSet = (text: string) => new Set(text.trim().split(/\s+/));

/** Compiles names with the wildcards `*`, `<data>` (extensions of configuration) and `<code>` (extensions of source code). */
function nameTest(text: string): (file: FoldedPath) => boolean {
  const pattern = (name: string) =>
    name
      .replace(/[.+$()[\]^|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('<data>', `(?:${DATA})`)
      .replaceAll('<code>', `(?:${CODE})`);
  const all = new RegExp(`^(?:${[...wordSet(text)].map(pattern).join('|')})$`);
  return ({ name }) => all.test(name);
}

const anyOf =
  (...tests: SensitiveKind['matches'][]) =>
  (file: FoldedPath) =>
    tests.some((test) => test(file));

/** The file is in, or has the name of, one of the folders. */
function within(text: string): (file: FoldedPath) => boolean {
  const names = wordSet(text);
  return ({ folders, name }) => names.has(name) || folders.some((folder) => names.has(folder));
}

/** Folders of source code, tests and documentation, where a name such as `release` or `scripts` says nothing. */
const SOURCE_FOLDERS = wordSet(`
  src source sources lib app pkg internal cmd include test tests spec specs __tests__ e2e doc docs documentation
  components pages server client web website`);

/** The part of the path above source folders is in one of the folders. */
function withinTop(text: string): (file: FoldedPath) => boolean {
  const names = wordSet(text);
  return ({ folders }) => {
    const source = folders.findIndex((folder) => SOURCE_FOLDERS.has(folder));
    return (source < 0 ? folders : folders.slice(0, source)).some((folder) => names.has(folder));
  };
}

/** Folders whose folders are projects of their own. */
const PROJECT_FOLDERS = wordSet('packages apps libs modules services projects plugins crates workspaces examples');

/** The file is in one of the folders at the top of the repository or of a project in it. Deeper ones are packages of the code. */
function atTop(text: string): (file: FoldedPath) => boolean {
  const names = wordSet(text);
  return ({ folders: [first = '', , third = ''] }) =>
    names.has(first) || (PROJECT_FOLDERS.has(first) && names.has(third));
}

const outsideSource = (test: SensitiveKind['matches']) => (file: FoldedPath) =>
  test(file) && !file.folders.some((folder) => SOURCE_FOLDERS.has(folder));

const isAgentInstruction = anyOf(
  nameTest(`
    agent.md agents.md agents.*.md agent.*.md claude.md claude.*.md gemini.md gemini.*.md conventions.md skill.md
    copilot-instructions.md codex.md qwen.md warp.md crush.md replit.md jules.md llms.txt llms-full.txt agents.txt
    agents.rst agents.adoc agents.org best_practices.md rules.md instructions.md memory.md
    agents.mdx agents.markdown claude.markdown claude.txt gemini.txt *.instructions.md *.prompt.md *.chatmode.md *.agent.md *.mdc
    .cursor* .windsurf* .cline* .goose* .roo* .aider* .augment* .rules .mcp* mcp.json .kilocode* .copilot* .codex* .claude* .gemini*`),
  within(`
    .claude .claude-plugin .cursor .codex .gemini .windsurf .aider .cline .clinerules .roo .kiro .junie .amazonq .continue
    .augment .goose .qwen .crush .opencode .agents .agent .ai .trae .kilocode .factory .devin .specify .openhands .copilot`),
  ({ path }) => /(^|\/)\.github\/(copilot[^/]*\.md$|(instructions|prompts|chatmodes|agents|skills)(\/|$))/.test(path),
);

const isCi = anyOf(
  within(`
    .github .gitlab .gitea .forgejo .circleci .buildkite .woodpecker .drone .semaphore .teamcity .tekton .azuredevops
    .azure-pipelines .azure .pipelines .pipeline .ci .travis .cirrus .appveyor .concourse .zuul.d .zuul .builds .bitrise
    .expeditor .kokoro .jenkins .taskcluster .harness .dagger .depot .screwdriver .codefresh .vela .hydra`),
  withinTop('ci azure-pipelines jenkins tekton concourse zuul.d'),
  atTop('pipelines'),
  nameTest(`
    dangerfile dangerfile.* pull_request_template* issue_template* merge_request_template* codeowners codeowners.*
    jenkinsfile jenkinsfile.* jenkinsfile-* *.jenkinsfile .jenkinsfile* earthfile .gitlab-ci* .travis* .drone* .woodpecker*
    .cirrus* .appveyor* .semaphore* .scrutinizer* .styleci* .codeclimate* .codecov* .coveralls* .sonarcloud* .mergify*
    .kodiak* .bulldozer* .renovaterc* .dependabot* .zuul* .build.yml .build.yaml .packit* .readthedocs* .rtd* .releaserc*
    .goreleaser* .taskcluster* .sourcery* .deepsource* .nevercode* .hound* .lgtm* .snyk* .whitesource* .bitrise* .vela*
    .azure-pipelines* .buildkite* .circleci* appveyor.<data> appveyor-*.<data> azure-pipelines*.<data> wercker.<data>
    bitbucket-pipelines*.<data> cloudbuild*.<data> buildspec*.<data> codemagic.<data> shippable.<data> screwdriver.<data>
    codefresh.<data> bitrise.<data> sonar-project.properties gitlab-ci*.<data> dependabot.<data> renovate.<data>
    codeship-*.<data> taskcluster.<data> goreleaser.<data> readthedocs.<data> .rtd.yml`),
  outsideSource(
    nameTest(`
      circle.<data> action.<data> zuul.<data> skaffold*.<data> concourse*.<data> pipeline*.<data> *-pipeline.<data>
      *.pipeline.<data> buildkite*.<data> netlify.<data> vercel.<data> amplify.<data> drone*.<data> woodpecker*.<data>
      teamcity*.<data> semaphore.<data> vela.<data> release*.<data> travis.<data> github*.<data> jenkins*.<data>
      tekton*.<data> ci.<data> ci-*.<data> *-ci.<data> codecov.<data> workflow*.<data>`),
  ),
);

const isHook = anyOf(
  within('.husky .githooks .git-hooks .hooks .lefthook .pre-commit githooks git-hooks'),
  nameTest(`
    .pre-commit* lefthook.* .lefthook* lefthook-local.* .overcommit* .lintstagedrc* lint-staged.* .commitlint* commitlint.*
    .simple-git-hooks* simple-git-hooks.* .huskyrc* captainhook.json grumphp.* pre-commit pre-push pre-receive pre-rebase
    pre-merge-commit pre-applypatch post-commit post-checkout post-merge post-rewrite post-receive prepare-commit-msg
    commit-msg applypatch-msg post-update`),
);

const RUNNERS = wordSet(`
  jest vitest mocha karma cypress playwright pytest phpunit tox nox ava tap nyc c8 coverage wdio protractor nightwatch
  testng junit-platform rspec cucumber behat codeception pest infection stryker nose unittest jasmine ctest nextest
  web-test-runner testcafe qunit paratest xunit.runner bunfig`);
const SUFFIXES = 'config* conf.* setup* workspace* preset* global* env* init* bootstrap*'.split(' ');
const isRunnerSetting = anyOf(
  nameTest(`
    toxfile.py testem.<code> codecept.<code> wallaby.<code> jest-resolver.<code> jest-runner.<code> jasmine.<code> cucumber.<code> karma.<code>
    gatsby-*.<code> config-overrides.<code> xmake.lua premake5.lua versioneer.py setup_helpers.py pavement.py duties.py
    mkdocs_hooks.py envoy.blade.php monorepo-builder.php fastfile.swift
    conftest.py sitecustomize.py usercustomize.py *.pth mocha.opts noxfile.py .noserc pytest_*.py _pytest.py pluggy.py
    iniconfig.py xdist.py test_helper.rb spec_helper.rb rails_helper.rb test_helper.exs setuptests.<code> setup-tests.<code>
    setup-jest.<code> setupjest.<code> jest-setup.<code> globalsetup.<code> global-setup.<code> globalteardown.<code>
    global-teardown.<code> global.setup.<code> global.teardown.<code> test-setup.<code> testsetup.<code> test.setup.<code>
    tests.setup.<code> test-helper.<code> test-env.<code> test-runner.<code> run-tests.<code> run_tests.<code>
    runtests.<code> runtest.<code> test-bootstrap.<code> setup-test.<code>
    ${[...RUNNERS].map((name) => `${name}.<data> ${name}.<data>.dist ${name}-*.<data> ${name}.*.<data> .${name}* ${name}.py ${name}rc*`).join(' ')}
    ${[...RUNNERS].flatMap((name) => SUFFIXES.map((suffix) => `${name}.${suffix} ${name}-${suffix}`)).join(' ')}`),
  ({ folders, name }) =>
    folders.some((folder) => /^(tests?|specs?|__tests__|e2e)$/.test(folder)) &&
    /^(setup|bootstrap|teardown|autoload|runner|run)\.([mc]?[jt]sx?|php|exs)$/.test(name),
  ({ path }) =>
    /^(project\/[^/]+\.scala|deps\/build\.jl|magefiles\/|xtask\/|docs\/ext\/|lib\/tasks\/|fastlane\/|features\/support\/)/.test(
      path,
    ),
  ({ path }) => /^((src|lib)\/)?(_?pytest|unittest|nose|pluggy|iniconfig|xdist|vitest|jest|mocha|phpunit)\//.test(path),
);

const isPackageSetting = anyOf(
  within('.yarn .pnpm .cargo .bundle .m2 .nuget .composer .deno .rush .changeset'),
  // Requirement files are often in a folder of their own.
  ({ folders, extension }) =>
    folders.some((folder) => /^(requirements?|constraints?|reqs)$/.test(folder)) && /^(txt|in|pip|)$/.test(extension),
  nameTest(`
    package.json package.json5 package.yaml package.swift package.resolved package-lock* npm-shrinkwrap* *-lock.<data>
    *.lock.<data> *_lock.<data> lock.<data> *.lock *.lockb *.lockfile *.locks *lockfile* pnpm-*.yaml pnpm-*.yml pnpmfile.*
    .pnpmfile* .npm* .yarn* .pnpm* .bower* .piprc .pip* .pypi* .conda* .gem* .bundle* .cargo* .curlrc .wgetrc .netrc _netrc
    deno.<data> jsr.<data> importmap.<data> import_map.<data> import-map.<data> bower.json composer.json composer.phar
    composer-*.json composer.local.json pipfile pipfile.* pyproject.toml setup.py setup.cfg poetry.toml pdm.toml
    uv.toml pixi.toml hatch.toml pip.conf pip.ini environment*.yml environment*.yaml manifest.in *requirement*.txt
    *requirement*.in *requirement*.pip *requirement*.<data> *constraint*.txt *constraint*.in reqs*.txt *-reqs.txt *_reqs.txt
    deps.<data> dependencies.<data> apt.txt *pip*.txt *packages*.txt *deps*.txt *dependenc*.txt *lock.txt *freeze*.txt *pinned*.txt *versions.txt *plugins*.txt deps.edn go.mod go.sum go.work
    go.work.sum cargo.toml gemfile gemfile.* gems.rb *.gemspec pom.xml pom-*.xml *.pom ivy.xml ivysettings.xml
    *.versions.toml packages.config nuget.config directory.*.props paket.* pubspec*.yaml pubspec*.yml mix.exs rebar.config*
    podfile podfile.* *.podspec cartfile cartfile.* cpanfile cpanfile.* conanfile.* vcpkg*.json shard.yml elm.json
    stack.yaml cabal.project* *.cabal project.clj bb.edn build.sbt *.zon *.nix *.opam dune-project *.rockspec
    bun.lockb npm-packages* lerna.json rush.json`),
);

const isContainer = anyOf(
  within('.devcontainer .docker'),
  withinTop('docker containers devcontainer'),
  nameTest(`
    dockerfile dockerfile.* *.dockerfile dockerfile-dev dockerfile-prod containerfile containerfile.* compose.<data> compose.*.<data> compose-*.<data>
    docker-compose* docker-bake* docker-stack* .dockerignore .docker* vagrantfile devcontainer.json devbox.json devenv.*
    .gitpod* docker-entrypoint*`),
);

const isInfrastructure = anyOf(
  within('.terraform .kube .deploy .elasticbeanstalk .ebextensions'),
  withinTop(`
    terraform tofu pulumi k8s kubernetes kustomize helm charts manifests infra infrastructure ansible playbooks puppet chef
    deploy deployment deployments ops argocd flux iac cdk nginx systemd`),
  nameTest(`
    *.tf *.tf.json *.tfvars *.tfvars.json *.tofu *.hcl *.bicep *.nomad chart.yaml chart.yml values.yaml values.yml
    values-*.yaml values.*.yaml kustomization.yaml kustomization.yml helmfile* ansible.cfg pulumi*.yaml serverless.<data>
    serverless.<code> cdk.json samconfig.toml procfile procfile.* app.yaml app.yml fly.toml wrangler.toml wrangler.json
    wrangler.jsonc render.yaml railway.toml railway.json *.service *.timer nginx*.conf crontab heroku.yml firebase.json`),
);

const isEditorSetting = anyOf(
  within('.vscode .idea .vs .fleet .zed .theia .settings .nvim .vim .direnv'),
  nameTest(`
    .envrc .env .env.* .editorconfig .vimrc .nvimrc .exrc .lvimrc .nvim.lua .dir-locals.el .projectile *.code-workspace
    .tool-versions .mise* mise.* .bash* .zsh* .fish* .profile .login .node-version .python-version .ruby-version
    .java-version .go-version .php-version .nvmrc .sdkmanrc`),
);

const isBuildSetting = anyOf(
  within('.gradle .mvn .bazel .buck .config buildsrc'),
  withinTop('gradle cmake build-logic patches'),
  nameTest(`
    makefile makefile.* gnumakefile *.mk *.mak *.cmake *.gradle *.gradle.kts *.bzl *.bazel *.gyp *.gypi *.ninja *.m4 *.rake
    *.csproj *.fsproj *.vbproj *.vcxproj *.sln *.slnx *.props *.targets *.pbxproj *.xcconfig *.nuspec justfile .justfile
    *.just taskfile.* rakefile rakefile.* brewfile sconstruct sconscript wscript build workspace buck module meson.build
    meson_options.txt meson.options cmakelists.txt cmakepresets.json configure configure.ac build.rs build.zig build.xml
    build.boot build.sc build.mill settings.gradle* build.gradle* gradle.* gradle-wrapper.* gradlew* mvnw* ant.xml
    gulpfile* gruntfile* jakefile* cakefile* brocfile* fabfile.py dodo.py magefile.go robofile.php castor.php rector.php
    ecs.php preinstall.<code> postinstall.<code> prepublish.<code> prebuild.<code> postbuild.<code> prepare.<code>
    hatch_build.py manage.py artisan makefile.pl build.pl conf.py tools.go tsconfig*.<data> jsconfig*.<data> *tsconfig*.json
    *.config.* *.conf.* .babelrc* .bazelrc .swcrc mkdocs.<data> _config.yml _config.yaml antora*.yml ember-cli-build.js webpack.*.<code> rollup.*.<code>
    vite.*.<code> eslint*.<data> prettier*.<data> babel.<data> setup.hs makefile-*`),
  ({ path, folders }) => folders.length === 0 && /^(tasks|invoke)\.py$/.test(path),
  // The routes and translations of an application are ordinary, though Rails keeps them here.
  (file) => withinTop('config conf')(file) && !/(^|\/)config\/(routes\.\w+$|routes\/|locales?\/)/.test(file.path),
  outsideSource(
    nameTest(`
      turbo.<data> nx.<data> angular.<data> project.<data> workspace.<data> biome.<data> knip.<data>
      deploy.<code> deployer.<code> release.<code> publish.<code> install.<code> uninstall.<code> bootstrap.<code>
      configure.<code> make.<code> build.<code> bundle.<code> compile.<code> setup.<code> package.<code> ci.<code> task.<code>
      webpack*.<code> rollup*.<code> esbuild*.<code> babel*.<code> eslint*.<code> prettier*.<code> gulp*.<code>
      grunt*.<code> build-*.<code> build_*.<code> release-*.<code> release_*.<code> publish-*.<code> deploy-*.<code>`),
  ),
);

const isScript = anyOf(
  atTop('scripts script bin sbin tools tool hack build dev devtools tasks automation'),
  ({ folders, name }) =>
    !folders.some((folder) => /^(__)?snapshots(__)?$/.test(folder)) &&
    /\.(sh|bash|zsh|fish|ksh|csh|ps1|psm1|psd1|bat|cmd|com|vbs|awk|expect|bats|applescript|command)$/.test(name),
);

const isBinary = ({ name }: FoldedPath) =>
  /\.(jar|war|ear|aar|class|dex|so(\.[\d.]+)?|dll|dylib|exe|msi|a|o|lib|obj|node|wasm|pyc|pyo|pyd|whl|egg|gem|nupkg|crate|deb|rpm|apk|ipa|dmg|pkg|iso|img|bin|dat|zip|tar|tgz|gz|bz2|xz|zst|lz4|7z|rar|phar|pickle|pkl|pt|pth|onnx|npy|npz|h5|parquet|db|sqlite3?|pdb|swf|beam|rlib)$/.test(
    name,
  );

/** In order of importance: the first that matches gives the reason. */
export const SENSITIVE_KINDS: SensitiveKind[] = [
  {
    reason: 'Teko reads commands and instructions from it.',
    scope: 'instructions',
    matches: anyOf(nameTest('.teko* teko.yml teko.yaml'), within('.teko')),
  },
  { reason: 'Later agents read it as instructions.', scope: 'instructions', matches: isAgentInstruction },
  {
    reason: 'It decides who reviews changes.',
    scope: 'ci',
    matches: nameTest('codeowners owners owners_aliases .pullapprove* pullapprove.<data> reviewers.<data>'),
  },
  { reason: 'CI or the forge reads it.', scope: 'ci', matches: isCi },
  { reason: 'Git reads it.', scope: 'other', matches: anyOf(within('.git'), nameTest('.git* .mailmap .lfsconfig')) },
  { reason: 'Git hooks run it.', scope: 'other', matches: isHook },
  {
    reason: 'It is third-party code in the repository, which runs in place of the installed package.',
    scope: 'other',
    matches: within(`
      node_modules vendor vendored third_party third-party thirdparty bower_components jspm_packages web_modules
      site-packages dist-packages .venv venv pods __pycache__`),
  },
  { reason: 'The test runner reads it.', scope: 'other', matches: isRunnerSetting },
  { reason: 'The package manager reads it.', scope: 'other', matches: isPackageSetting },
  { reason: 'It defines a container.', scope: 'other', matches: isContainer },
  { reason: 'It defines infrastructure or a deployment.', scope: 'other', matches: isInfrastructure },
  { reason: 'Editors or shells of developers read it.', scope: 'other', matches: isEditorSetting },
  { reason: 'The build reads it.', scope: 'other', matches: isBuildSetting },
  { reason: 'It is a script.', scope: 'other', matches: isScript },
  { reason: 'It is a binary file or an archive, which nobody can review.', scope: 'other', matches: isBinary },
  {
    reason: 'It is hidden, and tools read such files.',
    scope: 'other',
    matches: ({ folders, name }) => [...folders, name].some((part) => part.startsWith('.')),
  },
];
